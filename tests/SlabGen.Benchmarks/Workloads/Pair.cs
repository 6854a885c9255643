using System.Runtime.CompilerServices;
using SlabGen.Benchmarks.Allocators;

namespace SlabGen.Benchmarks.Workloads;

/// <summary>Allocates an object and frees it at once.</summary>
internal sealed class Pair(string name) : Workload(name)
{
    protected override Lane Open<TAllocator, TObject>(string allocator) => new PairLane<TAllocator, TObject>(allocator);

    protected override Action WarmUp<TAllocator, TObject>() => PairLane<TAllocator, TObject>.WarmUp;
}

/// <inheritdoc cref="Pair"/>
internal sealed class PairLane<TAllocator, TObject>(string allocator) : Lane(allocator)
    where TAllocator : struct, IAllocator<TObject>
    where TObject : struct, IObject<TObject>
{
    public override int ObjectsPerCall => 10_000;

    public static void WarmUp() => Loop(TierOne.WarmUpIterations);

    public override void Call() => Loop(ObjectsPerCall);

    public override void Dispose() => TAllocator.GiveBack();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Loop(int count)
    {
        for (int i = 0; i < count; i++)
        {
            TObject obj = TAllocator.Alloc();
            obj.Word = i;
            TAllocator.Free(obj);
        }
    }
}
