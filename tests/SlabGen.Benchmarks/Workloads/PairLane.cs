using System.Runtime.CompilerServices;
using SlabGen.Benchmarks.Allocators;

namespace SlabGen.Benchmarks.Workloads;

/// <summary>Allocates an object and frees it at once.</summary>
internal sealed class PairLane<TAllocator> : Lane
    where TAllocator : struct, IAllocator
{
    public override string Allocator => TAllocator.Name;

    public override int ObjectsPerCall => 10_000;

    public override void WarmUp() => Loop(TierOne.WarmUpIterations);

    public override void Call() => Loop(ObjectsPerCall);

    public override void Dispose() => TAllocator.GiveBack();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static unsafe void Loop(int count)
    {
        for (int i = 0; i < count; i++)
        {
            nint address = TAllocator.Alloc();
            *(long*)address = i;
            TAllocator.Free(address);
        }
    }
}
