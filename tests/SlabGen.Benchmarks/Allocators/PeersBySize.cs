using System.Numerics;

namespace SlabGen.Benchmarks.Allocators;

/// <summary>The allocators of objects of one size.</summary>
internal sealed record PeersOfSize(int Bytes, Func<IReadOnlyList<Peer>> Peers)
{
    public bool IsPowerOfTwo => BitOperations.IsPow2(Bytes);

    /// <summary>Those off the collector's heap, whose figures vary with the size; a transition more or less does not.</summary>
    public IReadOnlyList<Peer> Unmanaged() => [.. Peers().Where(peer => !peer.IsManaged && !peer.Name.EndsWith(Allocators.Peers.PInvokeSuffix, StringComparison.Ordinal))];
}

/// <summary>The sizes that there are structs for.</summary>
internal static class PeersBySize
{
    public static IReadOnlyList<PeersOfSize> All { get; } =
    [
        new(8, Peers.Of<Object8>),
        new(16, Peers.Of<Object16>),
        new(24, Peers.Of<Object24>),
        new(32, Peers.Of<Object32>),
        new(64, () => Peers.Of64),
        new(96, Peers.Of<Object96>),
        new(128, Peers.Of<Object128>),
        new(200, Peers.Of<Object200>),
        new(256, Peers.Of<Object256>),
        new(512, Peers.Of<Object512>),
        new(1000, Peers.Of<Object1000>),
        new(1024, Peers.Of<Object1024>),
        new(2048, Peers.Of<Object2048>),
        new(4096, Peers.Of<Object4096>),
    ];

    /// <exception cref="ArgumentException">There is no struct of that size.</exception>
    public static PeersOfSize Get(int bytes) =>
        All.FirstOrDefault(size => size.Bytes == bytes) ?? throw new ArgumentException($"There are no objects of {bytes} bytes.");
}
