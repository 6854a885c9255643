using SlabGen.Memory;
using SlabGen.Slabs;

namespace SlabGen;

// The limits of a cache, its own and those that it shares with others.
public sealed partial record SlabCacheOptions
{
    /// <exception cref="ArgumentOutOfRangeException">A limit is out of its range.</exception>
    internal void ValidateLimits(string cacheName, SlabLayout layout)
    {
        RefuseNegative(cacheName, nameof(MaxObjects), MaxObjects);
        long least = layout.BytesIn(layout.MinOrder);
        if (MaxBytes < least && MaxBytes != 0)
        {
            throw Refuse(cacheName, nameof(MaxBytes), MaxBytes, $"must be at least the {least} bytes of a slab of objects of {layout.Size} bytes, or 0");
        }

        if (LimitWarningInterval < TimeSpan.Zero && LimitWarningInterval != Timeout.InfiniteTimeSpan)
        {
            throw Refuse(cacheName, nameof(LimitWarningInterval), LimitWarningInterval, "must not be negative, but for Timeout.InfiniteTimeSpan");
        }
    }
}
