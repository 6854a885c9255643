using SlabGen.Magazines;
using SlabGen.Memory;
using SlabGen.Pages;

namespace SlabGen.Reclaim;

/// <summary>
/// What the control centre does when an allocation would fail: the memory that any cache keeps for later, in whichever
/// thread's magazines, serves whoever needs it now.
/// </summary>
/// <remarks>
/// One thread reclaims at a time: what it takes home is on its way for a moment, and a second thread that found nothing
/// meanwhile would fail for no reason. The lock comes before all others.
/// </remarks>
internal sealed class DirectReclaim(CacheTable caches) : IReclaimer
{
    private readonly UninterruptibleLock _lock = new();

    /// <inheritdoc/>
    public bool Reclaim()
    {
        using (_lock.Hold())
        {
            return ReclaimLocked();
        }
    }

    private bool ReclaimLocked()
    {
        bool progress = false;
        foreach (KmemCache cache in caches.All)
        {
            long inUse = cache.Node.InUse, capacity = cache.Node.Capacity;
            cache.Magazines.ThrowLater(cache.Magazines.Drain(close: false, out _)); // another cache's error is its callers' to see
            progress |= cache.Node.InUse < inUse || cache.Node.Capacity < capacity;
        }

        return progress;
    }
}
