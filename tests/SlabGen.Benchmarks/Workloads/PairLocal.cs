using System.Runtime.CompilerServices;
using SlabGen.Benchmarks.Allocators;

namespace SlabGen.Benchmarks.Workloads;

/// <summary>Allocates an object and frees it at once, SlabGen through the <c>Local</c> of the generated class and of Kmalloc, the others as in <see cref="Pair"/>.</summary>
internal sealed class PairLocal(string name) : Workload(name)
{
    public override IReadOnlyList<Lane> OpenLanes() => [new PairLocalLane(Allocators.Peers.SlabGen), new KmallocLocalLane(Allocators.Peers.Kmalloc + "-local"), .. base.OpenLanes()];

    public override IReadOnlyList<Action> WarmUps() => [PairLocalLane.WarmUp, KmallocLocalLane.WarmUp, .. base.WarmUps()];

    protected override Lane Open<TAllocator, TObject>(string allocator) =>
        new PairLane<TAllocator, TObject>(allocator == Allocators.Peers.SlabGen ? allocator + "-class" : allocator);

    protected override Action WarmUp<TAllocator, TObject>() => PairLane<TAllocator, TObject>.WarmUp;
}

/// <inheritdoc cref="PairLocal"/>
internal sealed class PairLocalLane(string allocator) : Lane(allocator)
{
    public override int ObjectsPerCall => 10_000;

    public static void WarmUp() => Loop(TierOne.WarmUpIterations);

    public override void Call() => Loop(ObjectsPerCall);

    public override void Dispose() => SlabGen64.GiveBack();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Loop(int count)
    {
        Object64Cache.Local local = Object64Cache.OpenLocal();
        for (int i = 0; i < count; i++)
        {
            SlabPtr<Object64> obj = local.Alloc();
            new NativeObject(obj.Address).Word = i;
            local.Free(obj);
        }
    }
}

/// <inheritdoc cref="PairLocal"/>
internal sealed class KmallocLocalLane(string allocator) : Lane(allocator)
{
    public override int ObjectsPerCall => 10_000;

    public static void WarmUp() => Loop(TierOne.WarmUpIterations);

    public override void Call() => Loop(ObjectsPerCall);

    public override void Dispose() => SlabGen64.GiveBack();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Loop(int count)
    {
        Kmalloc.Local local = SlabRuntime.Default.Kmalloc.OpenLocal();
        for (int i = 0; i < count; i++)
        {
            nint address = local.Alloc(64);
            new NativeObject(address).Word = i;
            local.Free(address);
        }
    }
}
