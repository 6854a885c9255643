using SlabGen.Memory;
using SlabGen.Slabs;

namespace SlabGen;

// The limits of a cache, its own and those that it shares with others.
public sealed partial record SlabCacheOptions
{
    /// <summary>
    /// The most objects that may be taken from the slabs at once, or 0 for no limit (UMA's <c>uma_zone_set_max</c>).
    /// Live objects count, and so do free ones in magazines. At the limit, a request that may wait first takes home
    /// what the magazines of all threads hold. If the threads that used the cache rest, all of it can be taken
    /// (<see cref="KmemCache.Shrink"/>). Each of those threads that is running at that moment may keep one free object.
    /// </summary>
    public long MaxObjects { get; init; }

    /// <summary>The most bytes of slabs, at least those of the smallest slab, or 0 for no limit.</summary>
    public long MaxBytes { get; init; }

    /// <summary>
    /// Called when <see cref="MaxObjects"/> or <see cref="MaxBytes"/> keeps a request from being served (UMA's
    /// <c>uma_zone_set_warning</c>). It runs on the thread of the request and without a lock. Requests that may not
    /// wait do not call it. What it throws comes out of the request.
    /// </summary>
    public Action<SlabLimitWarning>? LimitWarning { get; init; }

    /// <summary>
    /// The least time between two calls of <see cref="LimitWarning"/>, by default UMA's 300 s. 0 calls it each time,
    /// <see cref="Timeout.InfiniteTimeSpan"/> once.
    /// </summary>
    public TimeSpan LimitWarningInterval { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>The quota that the slabs are charged to, or none (<c>SLAB_ACCOUNT</c>).</summary>
    public SlabAccount? Account { get; init; }

    /// <exception cref="ArgumentOutOfRangeException">A limit is out of its range.</exception>
    internal void ValidateLimits(string cacheName, SlabLayout layout)
    {
        RefuseNegative(cacheName, nameof(MaxObjects), MaxObjects);
        long least = (long)Page.Size << layout.MinOrder;
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
