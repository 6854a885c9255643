using System.Runtime.CompilerServices;
using SlabGen.Benchmarks.Allocators;

namespace SlabGen.Benchmarks.Workloads;

/// <summary>Allocates so many objects, then frees them in the order in which they were allocated.</summary>
internal sealed class BatchLane<TAllocator>(int batch) : Lane
    where TAllocator : struct, IAllocator
{
    private const int Batches = 10;

    private readonly nint[] _objects = new nint[batch];

    public override string Allocator => TAllocator.Name;

    public override int ObjectsPerCall => Batches * _objects.Length;

    public override void WarmUp() => Loop(_objects.AsSpan(0, Math.Min(_objects.Length, TierOne.WarmUpIterations)));

    public override void Call()
    {
        for (int i = 0; i < Batches; i++)
        {
            Loop(_objects);
        }
    }

    public override void Dispose() => TAllocator.GiveBack();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static unsafe void Loop(Span<nint> objects)
    {
        for (int i = 0; i < objects.Length; i++)
        {
            nint address = TAllocator.Alloc();
            *(long*)address = i;
            objects[i] = address;
        }

        for (int i = 0; i < objects.Length; i++)
        {
            TAllocator.Free(objects[i]);
        }
    }
}
