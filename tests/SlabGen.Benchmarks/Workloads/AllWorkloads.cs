using SlabGen.Benchmarks.Allocators;
using SlabGen.Benchmarks.Traces;

namespace SlabGen.Benchmarks.Workloads;

/// <summary>The workloads, in the order in which they run: those that come last are left out first when the time is up.</summary>
internal static class AllWorkloads
{
    private static readonly int[] s_windows = [1, 2, 16, 64];

    /// <summary>What a quick run has time for: on one thread every allocator, then those off the collector's heap alone.</summary>
    public static IReadOnlyList<Workload> GetQuick()
    {
        IReadOnlyList<Peer> unmanaged = PeersBySize.Get(64).Unmanaged();
        return
        [
            new Pair("pair"),
            new PairLocal("pair-local") { Peers = unmanaged },
            new Batch("batch1000", 1000),
            new GlibcSimple("glibc-simple"),
            new Replace("replace128k", 1 << 17) { Peers = unmanaged },
            new Xmalloc(1, 1, 16) { Peers = unmanaged },
            new Larson("larson") { Peers = unmanaged },
            .. Traces().Where(trace => trace.Name == "trace-sqlite"),
            .. Mixed("mixed4k", 1 << 12),
            new Color("colour"),
            new Bulk("bulk") { Peers = unmanaged },
            new Mstress("mstress") { Peers = unmanaged },
            new Replace("replace1m", 1 << 20) { Peers = unmanaged },
        ];
    }

    /// <summary>All. Those that leave free memory in random order come behind the others of their kind, since the C library's lists keep that order.</summary>
    public static IReadOnlyList<Workload> Get()
    {
        IReadOnlyList<Peer> unmanaged = PeersBySize.Get(64).Unmanaged(); // for what the ten minutes would not hold with all of them
        return
        [
            new Pair("pair"),
            new PairLocal("pair-local"),
            new Batch("batch1000", 1000),
            new GlibcSimple("glibc-simple"),
            .. s_windows.Select(window => new Xmalloc(1, 1, window)),
            new Larson("larson"),
            .. Traces(),
            .. Mixed("mixed4k", 1 << 12),
            .. Mixed("mixed256k", 1 << 18),
            .. new[] { 16, 64, 256, 1024 }.Select(kib => new Buffers($"pair-{kib}KiB", kib << 10)),
            new BufferPool("buffer-pool"),
            new Replace("replace128k", 1 << 17),
            new Replace("replace1m", 1 << 20),
            new Bulk("bulk"),
            new Color("colour"),
            new CacheScratch("cache-scratch-8B-1", 1) { Peers = Peers.Of<Object8>() },
            new CacheScratch("cache-scratch-8B-2", 2) { Peers = Peers.Of<Object8>() },
            new CacheScratch("cache-scratch-16B-1", 1) { Peers = Peers.Of<Object16>() },
            new CacheScratch("cache-scratch-16B-2", 2) { Peers = Peers.Of<Object16>() },
            new Neighbour("neighbour-forward", backward: false),
            new Neighbour("neighbour-backward", backward: true),
            new Mstress("mstress"),
            new Handles("handles-10k", 10_000),
            new Handles("handles-100k", 100_000),
            new Handles("handles-1m", 1_000_000),
            .. new[] { 10, 100, 10_000, 100_000 }.Select(count => new Batch($"batch{count}", count) { Peers = unmanaged }),
            .. s_windows.Select(window => new Xmalloc(2, 2, window) { Peers = unmanaged }),
            .. s_windows.Select(window => new Xmalloc(1, 3, window) { Peers = unmanaged }),
            .. PeersBySize.All.Where(size => size.IsPowerOfTwo && size.Bytes != 64).SelectMany(size => (Workload[])
            [
                new Pair($"pair-{size.Bytes}B") { Peers = size.Unmanaged() },
                new Batch($"batch1000-{size.Bytes}B", 1000) { Peers = size.Unmanaged() },
            ]),
        ];
    }

    /// <summary>With the sizes of the trace that comes with TraceReplay.</summary>
    private static IEnumerable<Workload> Mixed(string name, int live) =>
        TraceFiles.Find().Where(trace => trace.Name == "sqlite").Select(trace => new MixedSizes(name, live, trace.File));

    private static IEnumerable<Workload> Traces() => TraceFiles.Find().Select(trace => new TraceReplayWorkload(trace.Name, trace.File));
}
