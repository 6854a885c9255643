using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SlabGen.Benchmarks.Allocators;

namespace SlabGen.Benchmarks.Workloads;

/// <summary>64 objects at once: SlabGen's bulk calls next to as many single calls, its own and the others'.</summary>
internal sealed class Bulk(string name) : Workload(name)
{
    private const int Count = 64;

    public override IReadOnlyList<Lane> OpenLanes() => [new BulkLane(Peers[0].Name, Count), .. base.OpenLanes()];

    public override IReadOnlyList<Action> WarmUps() => [BulkLane.WarmUp, .. base.WarmUps()];

    protected override Lane Open<TAllocator, TObject>(string allocator) =>
        new BatchLane<TAllocator, TObject>(allocator == Peers[0].Name ? allocator + "-single" : allocator, Count);

    protected override Action WarmUp<TAllocator, TObject>() => BatchLane<TAllocator, TObject>.WarmUp;
}

/// <inheritdoc cref="Bulk"/>
internal sealed class BulkLane(string allocator, int count) : Lane(allocator)
{
    private const int Batches = 100;

    private static readonly SlabPtr<Object64>[] s_warmUp = new SlabPtr<Object64>[64];

    private readonly SlabPtr<Object64>[] _objects = new SlabPtr<Object64>[count];

    public override int ObjectsPerCall => Batches * _objects.Length;

    public static void WarmUp() => Loop(s_warmUp);

    public override void Call()
    {
        for (int i = 0; i < Batches; i++)
        {
            Loop(_objects);
        }
    }

    public override void Dispose() => SlabGen64.GiveBack();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Loop(SlabPtr<Object64>[] objects)
    {
        Object64Cache.AllocBulk(objects);
        ReadOnlySpan<NativeObject> written = MemoryMarshal.Cast<SlabPtr<Object64>, NativeObject>(objects.AsSpan());
        for (int i = 0; i < written.Length; i++)
        {
            written[i].Word = i;
        }

        Object64Cache.FreeBulk(objects);
    }
}
