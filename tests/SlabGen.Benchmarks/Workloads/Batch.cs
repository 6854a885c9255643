using System.Runtime.CompilerServices;
using SlabGen.Benchmarks.Allocators;

namespace SlabGen.Benchmarks.Workloads;

/// <summary>Allocates so many objects, then frees them in the order in which they were allocated.</summary>
internal sealed class Batch(string name, int count) : Workload(name)
{
    protected override Lane Open<TAllocator, TObject>(string allocator) => new BatchLane<TAllocator, TObject>(allocator, count);

    protected override Action WarmUp<TAllocator, TObject>() => BatchLane<TAllocator, TObject>.WarmUp;
}

/// <inheritdoc cref="Batch"/>
internal sealed class BatchLane<TAllocator, TObject>(string allocator, int count) : Lane(allocator)
    where TAllocator : struct, IAllocator<TObject>
    where TObject : struct, IObject<TObject>
{
    private static readonly TObject[] s_warmUp = new TObject[TierOne.WarmUpIterations];

    private readonly TObject[] _objects = new TObject[count];
    private readonly int _batches = Math.Max(1, 10_000 / count);

    public override int ObjectsPerCall => _batches * _objects.Length;

    public static void WarmUp() => Loop(s_warmUp);

    public override void Call()
    {
        for (int i = 0; i < _batches; i++)
        {
            Loop(_objects);
        }
    }

    public override void Dispose() => TAllocator.GiveBack();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Loop(Span<TObject> objects)
    {
        for (int i = 0; i < objects.Length; i++)
        {
            TObject obj = TAllocator.Alloc();
            obj.Word = i;
            objects[i] = obj;
        }

        for (int i = 0; i < objects.Length; i++)
        {
            TAllocator.Free(objects[i]);
        }
    }
}
