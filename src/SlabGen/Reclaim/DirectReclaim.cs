using SlabGen.Caches;
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

    public DirectReclaim(PageAllocator pages, CacheTable caches, ShrinkerRegistry shrinkers)
    {
        _pages = pages;
        _caches = caches;
        _shrinkers = shrinkers;
        Background = new BackgroundReclaim(pages, this);
    }

    public BackgroundReclaim Background { get; }

    /// <summary>What shrinkers threw where nobody could be told: the next calls that reclaim throw it. What is found in a cache is kept there, for its callers.</summary>
    public PendingErrors Pending { get; } = new();

    /// <inheritdoc/>
    /// <remarks>Inside a shrinker it does nothing: the thread is reclaiming already (<c>PF_MEMALLOC</c>).</remarks>
    public bool Reclaim(GfpFlags gfp, long pages)
    {
        if (ShrinkerRegistry.IsInPass)
        {
            return false;
        }

        Pending.Throw();
        if (!_pages.Shortage.MayHelp && _shrinkers.All.Count == 0)
        {
            RefuseUnless(progress: false); // shrinkers can always have something; of pages themselves the request has asked all page sets
            return false;
        }

        return ReclaimBySearch(gfp, pages);
    }

    private bool ReclaimBySearch(GfpFlags gfp, long pages)
    {
        long target = _pages.UsedBytes - (Math.Max(pages, LeastReclaimed) * PageAllocator.PageSize);
        bool progress = Search();
        progress |= _pages.UsedBytes > target && RunShrinkers(gfp, ShrinkerRegistry.Patience, () => _pages.UsedBytes <= target);
        RefuseUnless(progress);
        return progress;
    }

    private void RefuseUnless(bool progress)
    {
        if (!progress)
        {
            _pages.Shortage.Refuse();
        }
    }

    /// <summary>Takes home what all caches have free, and remembers that it was done.</summary>
    /// <returns>Whether anything was freed.</returns>
    private bool Search()
    {
        bool left = true; // where an error ends it
        int search = _pages.Shortage.BeginSearch();
        try
        {
            bool progress = DrainCaches(untilBalanced: false, out bool leftNow);
            if (!progress && WaitForReaders())
            {
                DrainCaches(untilBalanced: false, out leftNow);
                progress = true; // what waited is there now, if nobody else took it
            }

            foreach (KmemCache cache in _caches.AllAndRemains())
            {
                cache.StirIfWaiting();
            }

            left = leftNow;
            return progress;
        }
        finally
        {
            _pages.Shortage.EndSearch(search, left);
        }
    }

    /// <summary>Has the runtime watched, which holds memory now. Set before the first use.</summary>
    public Action Watch { get; set; } = () => { };

    /// <inheritdoc/>
    public void Wake()
    {
        Watch();
        if (!_pages.IsBalanced)
        {
            Background.Wake();
        }
    }

    /// <summary>The same in the background: no more than brings the zones back to their high watermarks.</summary>
    /// <returns>Whether anything was freed.</returns>
    public bool ReclaimInBackground()
    {
        bool progress = _pages.Shortage.MayHelp && DrainCaches(untilBalanced: true, out _);
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
            Pending.Add(failure);
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
            Pending.Add(failure);
        }

        DrainCaches(untilBalanced: false, out _);
        Consolidate(isShort: true);
        _pages.Trim();
    }

    /// <summary>Whether there is anything that could lie idle.</summary>
    public bool HoldsMemory => _pages.CommittedBytes > 0;

    /// <summary>
    /// Takes back what has lain idle since the last call, of every cache, and all that a destroyed one had to leave with a
    /// thread, and gives it to the system. One cache at a time: who must reclaim meanwhile waits for one.
    /// </summary>
    public void Reap()
    {
        foreach (KmemCache cache in _caches.All)
        {
            using (_lock.Hold())
            {
                cache.Magazines.ThrowLater(cache.Magazines.Reap());
            }

            cache.Magazines.ThrowLater(cache.Slabs.FinishDiscardsQuietly());
        }

        if (ReapRemains())
        {
            _pages.Trim(); // as Destroy does
        }

        Consolidate(isShort: false);
        foreach (Zone zone in _pages.Zones)
        {
            zone.TrimIfIdle();
        }
    }

    /// <summary>Takes what destroyed caches had to leave with threads at work.</summary>
    /// <returns>Whether a slab went.</returns>
    private bool ReapRemains()
    {
        bool progress = false;
        foreach (KmemCache destroyed in _caches.Remains())
        {
            long capacity = destroyed.Slabs.Capacity;
            using (_lock.Hold())
            {
                Pending.Add(destroyed.Magazines.Drain(close: true, out _)); // the cache itself has no later callers
            }

            destroyed.Slabs.FinishDiscardsQuietly().Keep(Pending);
            progress |= destroyed.Slabs.Capacity < capacity;
        }

        Array.ForEach(_caches.Remains(), KeepErrorsOf);
        _caches.ForgetRemains();
        return progress;
    }

    /// <param name="untilBalanced">Whether to stop when the zones have enough.</param>
    /// <param name="left">Whether something was left with a thread at work.</param>
    /// <returns>Whether anything was freed.</returns>
    private bool DrainCaches(bool untilBalanced, out bool left)
    {
        left = false;
        // First what was deferred and has passed its grace period: it empties slabs.
        bool progress = false;
        foreach (KmemCache cache in _caches.All)
        {
            progress |= cache.Deferred.FreeWithoutWaiting() > 0;
        }

        using (_lock.Hold())
        {
            progress |= _pages.DrainPageSets() > 0;
            foreach (KmemCache cache in _caches.AllAndRemains())
            {
                if (untilBalanced && _pages.IsBalanced)
                {
                    break;
                }

                long inUse = cache.Slabs.InUse, capacity = cache.Slabs.Capacity;
                ErrorsOf(cache).Add(cache.Magazines.Drain(cache.Magazines.IsClosed, out long leftHere)); // another cache's error is its callers' to see
                progress |= cache.Slabs.InUse < inUse || cache.Slabs.Capacity < capacity;
                left |= leftHere > 0;
            }
        }

        // Destructors are users' code as well. A slab that waits for a grace period comes back later.
        foreach (KmemCache cache in _caches.AllAndRemains())
        {
            cache.Slabs.FinishDiscardsQuietly().Keep(ErrorsOf(cache));
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
            cache.ConsolidateInBackground(isShort, out bool released).Keep(cache.Magazines.Pending);
            progress |= released;
        }

        return progress;
    }

    /// <summary>Waits a while for the readers that hold up what is deferred. Not for ever: one of them may wait for the caller.</summary>
    /// <returns>Whether a grace period has passed and something waited for it.</returns>
    private bool WaitForReaders()
    {
        GracePeriods periods = GracePeriods.OfProcess;
        return !RcuReader.IsReading && _caches.All.Any(cache => cache.Deferred.Waits) && periods.TryWait(GracePeriods.Snapshot(), DeferredFrees.Patience);
    }

    /// <summary>Where an error of a cache is kept for its callers; a destroyed cache has no later ones.</summary>
    public PendingErrors ErrorsOf(KmemCache cache) => cache.Magazines.IsClosed ? Pending : cache.Magazines.Pending;

    /// <summary>Keeps what was found in a destroyed cache after its end, by the finalizer of a thread cache perhaps: it has no later callers.</summary>
    public void KeepErrorsOf(KmemCache destroyed)
    {
        while (destroyed.Magazines.Pending.Take() is { } error)
        {
            Pending.Add(error);
        }
    }

    /// <summary>What the background found where nobody could be told: the next call that reclaims throws it.</summary>
    public void FailLater(Exception failure) => Pending.Add(failure);

    /// <summary>Passes over the shrinkers with rising pressure, until there is enough (<c>do_try_to_free_pages</c>).</summary>
    /// <returns>Whether anything was freed.</returns>
    private bool RunShrinkers(GfpFlags gfp, TimeSpan patience, Func<bool> enough)
    {
        bool progress = false;
        for (int priority = ShrinkerRegistry.DefaultPriority; priority >= 0 && !enough(); priority--)
        {
            // What they freed waits in magazines. Objects that were freed to elsewhere are of no use here.
            progress |= _shrinkers.Shrink(gfp, node: 0, priority, patience) > 0 && DrainCaches(untilBalanced: false, out _);
        }

        return progress;
    }
}
