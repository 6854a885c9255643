using SlabGen.Magazines;
using SlabGen.Pages;

namespace SlabGen.Reclaim;

/// <summary>
/// What the control centre does when an allocation would fail: the memory that any cache keeps for later, in whichever
/// thread's magazines, serves whoever needs it now.
/// </summary>
internal sealed class DirectReclaim(CacheTable caches) : IReclaimer
{
    /// <inheritdoc/>
    public bool Reclaim()
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
