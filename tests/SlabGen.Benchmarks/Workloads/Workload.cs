using SlabGen.Benchmarks.Allocators;

namespace SlabGen.Benchmarks.Workloads;

/// <summary>What objects are allocated and freed for, with a lane for every allocator that it compares.</summary>
internal abstract class Workload(string name)
{
    public string Name => name;

    /// <summary>The allocators that are compared: of the 64-byte object if nothing else is said.</summary>
    public IReadOnlyList<Peer> Peers { get; init; } = Allocators.Peers.Of64;

    /// <summary>The lanes, each with its live objects.</summary>
    public virtual IReadOnlyList<Lane> OpenLanes() => [.. Peers.Select(OpenLane)];

    public Lane OpenLane(Peer peer) => peer.Accept(new Opening(this));

    public Action WarmUp(Peer peer) => peer.Accept(new WarmingUp(this));

    /// <summary>
    /// What brings the timed loops to the JIT's last tier, by lane: each enters its loop for
    /// <see cref="TierOne.WarmUpIterations"/> iterations, so that it comes there by being called, as the users' code does,
    /// and not by on-stack replacement, which makes another program of it. Equal for workloads that share their code.
    /// </summary>
    public virtual IReadOnlyList<Action> WarmUps() => [.. Peers.Select(WarmUp)];

    protected abstract Lane Open<TAllocator, TObject>(string allocator)
        where TAllocator : struct, IAllocator<TObject>
        where TObject : struct, IObject<TObject>;

    protected abstract Action WarmUp<TAllocator, TObject>()
        where TAllocator : struct, IAllocator<TObject>
        where TObject : struct, IObject<TObject>;

    private sealed class Opening(Workload workload) : IPeerVisitor<Lane>
    {
        public Lane Visit<TAllocator, TObject>(Peer peer)
            where TAllocator : struct, IAllocator<TObject>
            where TObject : struct, IObject<TObject> => workload.Open<TAllocator, TObject>(peer.Name);
    }

    private sealed class WarmingUp(Workload workload) : IPeerVisitor<Action>
    {
        public Action Visit<TAllocator, TObject>(Peer peer)
            where TAllocator : struct, IAllocator<TObject>
            where TObject : struct, IObject<TObject> => workload.WarmUp<TAllocator, TObject>();
    }
}
