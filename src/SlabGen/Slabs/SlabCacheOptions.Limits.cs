using SlabGen.Memory;
using SlabGen.Slabs;

namespace SlabGen;

// What a cache may have at most, for itself and with others.
public sealed partial record SlabCacheOptions
{
    /// <summary>
    /// The most objects that may be taken from the slabs at once, or 0 for no limit (UMA's <c>uma_zone_set_max</c>). Live
    /// objects and free ones in magazines count. When the limit is met, a request that may wait first takes home what the
    /// magazines of all threads hold. While the threads that used the cache rest, all of them can be taken
    /// (<see cref="KmemCache.Shrink"/>). Each of those threads that runs at that moment may keep one free object.
    /// </summary>
    public long MaxObjects { get; init; }

    /// <summary>The most bytes of slabs, at least those of the smallest slab, or 0 for no limit.</summary>
    public long MaxBytes { get; init; }

    /// <summary>
    /// Called when <see cref="MaxObjects"/> or <see cref="MaxBytes"/> keeps a request from being served (UMA's
    /// <c>uma_zone_set_warning</c>), on the thread of the request and without a lock; not for requests that may not wait.
    /// What it throws comes out of the request.
    /// </summary>
    public Action<SlabLimitWarning>? LimitWarning { get; init; }

    /// <summary>
    /// The least time between two calls of <see cref="LimitWarning"/>: UMA's 300 s by default. 0 calls it each time,
    /// <see cref="Timeout.InfiniteTimeSpan"/> once.
    /// </summary>
    public TimeSpan LimitWarningInterval { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>Whose quota the slabs are charged to, or none (<c>SLAB_ACCOUNT</c>).</summary>
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
