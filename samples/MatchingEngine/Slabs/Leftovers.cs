using SlabGen;

namespace MatchingEngine.Slabs;

/// <summary>What was not freed.</summary>
internal static class Leftovers
{
    /// <summary>Counts the live orders, levels and blocks of the process: 0 when all books are disposed.</summary>
    public static long Count() =>
        OrderCache.Cache.Snapshot().LiveObjects
        + LevelCache.Cache.Snapshot().LiveObjects
        + SlabRuntime.Default.Kmalloc.Snapshot().LiveBlocks;
}
