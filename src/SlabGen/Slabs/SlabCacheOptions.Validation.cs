using System.Numerics;
using SlabGen.Memory;

namespace SlabGen;

// Checks the range of each option. Each error names the cache, the value and the limit.
public sealed partial record SlabCacheOptions
{
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    internal void Validate(string cacheName)
    {
        if (Alignment != 0 && (Alignment < 0 || Alignment > Page.Size || !BitOperations.IsPow2(Alignment)))
        {
            throw Refuse(cacheName, nameof(Alignment), Alignment, $"must be a power of two from 1 to {Page.Size}, or 0");
        }

        if (Zone is < ZoneKind.Dma or > ZoneKind.HighMem) // Enum.IsDefined is compiled for each enum
        {
            throw Refuse(cacheName, nameof(Zone), Zone, "is no zone");
        }

        if (Fallback is < ZoneFallback.Strict or > ZoneFallback.Preferred)
        {
            throw Refuse(cacheName, nameof(Fallback), Fallback, "is no fallback");
        }

        if (RandomSeed is not null && !RandomOrder)
        {
            throw Refuse(cacheName, nameof(RandomSeed), RandomSeed, $"is of no use without {nameof(RandomOrder)}");
        }

        RefuseNegative(cacheName, nameof(MinPartial), MinPartial ?? 0);
        RefuseNegative(cacheName, nameof(DepotBytes), DepotBytes);
        RefuseNegative(cacheName, nameof(ReuseDistanceBytes), ReuseDistanceBytes);
    }

    private static void RefuseNegative(string cacheName, string option, long value)
    {
        if (value < 0)
        {
            throw Refuse(cacheName, option, value, "must not be negative");
        }
    }

    internal static ArgumentOutOfRangeException Refuse(string cacheName, string option, object value, string why) =>
        new($"options.{option}", value, $"Cache '{cacheName}': SlabCacheOptions.{option} {why}.");
}
