using System.Numerics;

namespace SlabGen.Collections.Chains;

/// <summary>
/// How large the segments of a queue or a stack are: each twice as large as the one before it, up to 64 KiB, and all
/// powers of two, of which no allocator wastes anything; with room for four items at least.
/// </summary>
internal static class SegmentSizes
{
    private const int Most = 64 << 10, LeastItems = 4;

    /// <param name="before">Bytes of the segment before, or 0.</param>
    /// <param name="least">Bytes of the first one.</param>
    /// <param name="head">Bytes of a segment's head.</param>
    /// <param name="item">Bytes of an item.</param>
    public static long Next(long before, int least, int head, int item)
    {
        long few = head + ((long)LeastItems * item);
        long first = (long)BitOperations.RoundUpToPowerOf2((ulong)Math.Max(least, few));
        return few > Most ? few : Math.Min(Most, Math.Max(before * 2, first));
    }
}
