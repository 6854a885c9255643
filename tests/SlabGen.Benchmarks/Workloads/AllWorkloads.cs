using SlabGen.Benchmarks.Allocators;

namespace SlabGen.Benchmarks.Workloads;

/// <summary>The workloads, in the order in which they run: those that come last are left out first when the time is up.</summary>
internal static class AllWorkloads
{
    private static readonly int[] s_windows = [1, 2, 16, 64];

    /// <summary>Those that leave free memory in random order come behind the others, since the C library's lists keep that order.</summary>
    public static IReadOnlyList<Workload> Get() =>
    [
        new Pair("pair") { IsQuick = true },
        // pair-local, through the generated class's Local, belongs here.
        new Batch("batch1000", 1000) { IsQuick = true },
        new GlibcSimple("glibc-simple") { IsQuick = true },
        .. s_windows.Select(window => new Xmalloc(1, 1, window) { IsQuick = window is 1 or 16 }),
        new Larson("larson") { IsQuick = true },
        new Replace("replace128k", 1 << 17) { IsQuick = true },
        new Replace("replace1m", 1 << 20) { IsQuick = true },
        new Batch("batch10", 10),
        new Batch("batch100", 100),
        new Batch("batch10000", 10_000),
        new Batch("batch100000", 100_000),
        .. s_windows.Select(window => new Xmalloc(2, 2, window)),
        .. s_windows.Select(window => new Xmalloc(1, 3, window)),
        .. Sizes(),
    ];

    private static IEnumerable<Workload> Sizes() =>
        PeersBySize.All.Where(size => size.IsPowerOfTwo).SelectMany(size => (Workload[])
        [
            new Pair($"pair-{size.Bytes}B") { Peers = size.Unmanaged() },
            new Batch($"batch1000-{size.Bytes}B", 1000) { Peers = size.Unmanaged() },
        ]);
}
