using System.Runtime.ExceptionServices;
using SlabGen.Magazines;
using SlabGen.Memory;
using SlabGen.Pages;

namespace SlabGen.Reclaim;

/// <summary>
/// What the control centre does when an allocation would fail: the memory that any cache keeps for later, in whichever
/// thread's magazines, serves whoever needs it now; and then what registered shrinkers can do without.
/// </summary>
/// <remarks>
/// One thread drains the caches at a time: what it takes home is on its way for a moment, and a second thread that found
/// nothing meanwhile would fail for no reason. That lock comes before all others. Shrinkers are users' code, and are
/// called without it.
/// </remarks>
internal sealed class DirectReclaim : IReclaimer
{
    /// <summary>Pages that are asked of shrinkers at least (<c>SWAP_CLUSTER_MAX</c>).</summary>
    private const int LeastReclaimed = 32;

    private readonly UninterruptibleLock _lock = new();
    private readonly PageAllocator _pages;
    private readonly CacheTable _caches;
    private readonly ShrinkerRegistry _shrinkers;
    private Exception? _failure; // of a shrinker or a destructor, found where nobody could be told; any thread, by exchange

    public DirectReclaim(PageAllocator pages, CacheTable caches, ShrinkerRegistry shrinkers)
    {
        _pages = pages;
        _caches = caches;
        _shrinkers = shrinkers;
        Background = new BackgroundReclaim(pages, this);
    }

    public BackgroundReclaim Background { get; }

    /// <inheritdoc/>
    /// <remarks>Inside a shrinker it does nothing: the thread is reclaiming already (<c>PF_MEMALLOC</c>).</remarks>
    public bool Reclaim(GfpFlags gfp, long pages)
    {
        if (ShrinkerRegistry.IsInPass)
        {
            return false;
        }

        ThrowPending();
        long target = _pages.UsedBytes - (Math.Max(pages, LeastReclaimed) * PageAllocator.PageSize);
        bool progress = DrainCaches(untilBalanced: false);
        if (!progress && WaitForReaders())
        {
            DrainCaches(untilBalanced: false);
            progress = true; // what waited is there now, if nobody else took it
        }

        return (_pages.UsedBytes > target && RunShrinkers(gfp, ShrinkerRegistry.Patience, () => _pages.UsedBytes <= target)) || progress;
    }

    /// <inheritdoc/>
    public void Wake() => Background.Wake();

    /// <summary>The same in the background: no more than brings the zones back to their high watermarks.</summary>
    /// <returns>Whether anything was freed.</returns>
    public bool ReclaimInBackground()
    {
        bool progress = DrainCaches(untilBalanced: true);
        if (!_pages.IsBalanced)
        {
            progress |= Consolidate(isShort: true);
        }

        try
        {
            return (!IsEnough() && RunShrinkers(GfpFlags.Kernel, ShrinkerRegistry.BackgroundPatience, IsEnough)) || progress;
        }
        catch (Exception failure)
        {
            FailLater(failure);
            return progress;
        }

        bool IsEnough() => _pages.IsBalanced || _pages.HasPlenty;
    }

    /// <summary>The system is short of memory: gives it what no cache has in use, and what shrinkers free at a priority.</summary>
    public void Relieve(int priority)
    {
        try
        {
            _shrinkers.Shrink(GfpFlags.Kernel, node: 0, priority, ShrinkerRegistry.BackgroundPatience);
        }
        catch (Exception failure)
        {
            FailLater(failure);
        }

        DrainCaches(untilBalanced: false);
        Consolidate(isShort: true);
        _pages.Trim();
    }

    /// <summary>Whether there is anything that could lie idle.</summary>
    public bool HoldsMemory => _pages.CommittedBytes > 0;

    /// <summary>
    /// Takes back what has lain idle since the last call, of every cache, and gives it to the system. One cache at a
    /// time: who must reclaim meanwhile waits for one.
    /// </summary>
    public void Reap()
    {
        foreach (KmemCache cache in _caches.All)
        {
            using (_lock.Hold())
            {
                cache.Magazines.ThrowLater(cache.Magazines.Reap());
            }

            FailLater(cache.Node.FinishReleasesQuietly());
        }

        Consolidate(isShort: false);
        foreach (Zone zone in _pages.Zones)
        {
            zone.TrimIfIdle();
        }
    }

    /// <summary>Throws what a shrinker threw in the background.</summary>
    public void ThrowPending()
    {
        if (Interlocked.Exchange(ref _failure, null) is { } failure)
        {
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    private bool DrainCaches(bool untilBalanced)
    {
        // First what was deferred and has passed its grace period: it empties slabs.
        bool progress = false;
        foreach (KmemCache cache in _caches.All)
        {
            progress |= cache.Deferred.FreeWithoutWaiting() > 0;
        }

        using (_lock.Hold())
        {
            progress |= _pages.DrainPageSets() > 0;
            foreach (KmemCache cache in _caches.All)
            {
                if (untilBalanced && _pages.IsBalanced)
                {
                    break;
                }

                long inUse = cache.Node.InUse, capacity = cache.Node.Capacity;
                cache.Magazines.ThrowLater(cache.Magazines.Drain(close: false, out _)); // another cache's error is its callers' to see
                progress |= cache.Node.InUse < inUse || cache.Node.Capacity < capacity;
            }
        }

        // Destructors are users' code as well. A slab that waits for a grace period comes back later.
        foreach (KmemCache cache in _caches.All)
        {
            FailLater(cache.Node.FinishReleasesQuietly());
        }

        // The pages of slabs that went came back into the page sets.
        return (_pages.DrainPageSets() > 0) | progress;
    }

    /// <summary>Has movable objects moved together. In the background alone, and without the lock: it calls users' code.</summary>
    /// <returns>Whether a slab went.</returns>
    private bool Consolidate(bool isShort)
    {
        bool progress = false;
        foreach (KmemCache cache in _caches.All)
        {
            FailLater(cache.ConsolidateInBackground(isShort, out bool released));
            progress |= released;
        }

        return progress;
    }

    /// <summary>Waits a while for the readers that hold up what is deferred. Not for ever: one of them may wait for the caller.</summary>
    /// <returns>Whether a grace period has passed and something waited for it.</returns>
    private bool WaitForReaders()
    {
        GracePeriods periods = GracePeriods.OfProcess;
        return !periods.IsReading && _caches.All.Any(cache => cache.Deferred.Waits) && periods.TryWait(periods.Snapshot(), DeferredFrees.Patience);
    }

    /// <summary>What is found where nobody can be told is told to the next caller who reclaims.</summary>
    private void FailLater(Exception? failure)
    {
        if (failure is not null)
        {
            Interlocked.CompareExchange(ref _failure, failure, null);
        }
    }

    /// <summary>Passes over the shrinkers with rising pressure, until there is enough (<c>do_try_to_free_pages</c>).</summary>
    /// <returns>Whether anything was freed.</returns>
    private bool RunShrinkers(GfpFlags gfp, TimeSpan patience, Func<bool> enough)
    {
        bool progress = false;
        for (int priority = ShrinkerRegistry.DefaultPriority; priority >= 0 && !enough(); priority--)
        {
            // What they freed waits in magazines. Objects that were freed to elsewhere are of no use here.
            progress |= _shrinkers.Shrink(gfp, node: 0, priority, patience) > 0 && DrainCaches(untilBalanced: false);
        }

        return progress;
    }
}
