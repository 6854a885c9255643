using SlabGen.Caches;
using SlabGen.Memory;
using SlabGen.Pages;

namespace SlabGen.Reclaim;

/// <summary>
/// What the control centre does when an allocation would fail. Memory that any cache keeps for later, in whichever
/// thread's magazines, serves the request. After that, registered shrinkers free what they can.
/// </summary>
/// <remarks>
/// One thread drains the caches at a time. What it takes home is on its way for a moment, and a second thread that
/// found nothing meanwhile would fail for no reason. That lock comes before all others. Shrinkers are users' code, and
/// are called without it.
/// </remarks>
internal sealed class DirectReclaim : IReclaimer
{
    /// <summary>The least number of pages that shrinkers are asked for (<c>SWAP_CLUSTER_MAX</c>).</summary>
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

    /// <summary>
    /// What shrinkers threw where no caller could be told. The next calls that reclaim throw it. An error of a cache is
    /// kept in that cache, for its callers.
    /// </summary>
    public PendingErrors Pending { get; } = new();

    /// <inheritdoc/>
    /// <remarks>
    /// Inside a shrinker it does nothing, because the thread is reclaiming already (<c>PF_MEMALLOC</c>).
    /// </remarks>
    public bool Reclaim(GfpFlags gfp, long pages)
    {
        if (ShrinkerRegistry.IsInPass)
        {
            return false;
        }

        Pending.Throw();
        long target = _pages.UsedBytes - (Math.Max(pages, LeastReclaimed) * PageAllocator.PageSize);
        bool progress = DrainCaches(untilBalanced: false);
        if (!progress && WaitForReaders())
        {
            DrainCaches(untilBalanced: false);
            progress = true; // what waited is free now, unless another thread took it
        }

        return (_pages.UsedBytes > target && RunShrinkers(gfp, ShrinkerRegistry.Patience, () => _pages.UsedBytes <= target)) || progress;
    }

    /// <summary>Starts the watch over the runtime, because it holds memory now. Set before the first use.</summary>
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

    /// <summary>The same in the background: only until the zones are at their high watermarks.</summary>
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
            Pending.Add(failure);
            return progress;
        }

        bool IsEnough() => _pages.IsBalanced || _pages.HasPlenty;
    }

    /// <summary>
    /// Called when the system is short of memory: gives it what no cache uses, and what shrinkers free at a priority.
    /// </summary>
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

        DrainCaches(untilBalanced: false);
        Consolidate(isShort: true);
        _pages.Trim();
    }

    /// <summary>Whether there is anything that could be idle.</summary>
    public bool HoldsMemory => _pages.CommittedBytes > 0;

    /// <summary>
    /// Takes back what has been idle in every cache since the last call, and everything that destroyed caches had to
    /// leave with a thread, and gives it to the system. It takes one cache at a time, so a thread that must reclaim
    /// meanwhile waits for one cache only.
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

    /// <summary>Takes what destroyed caches had to leave with running threads.</summary>
    /// <returns>Whether any slab was given back.</returns>
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

    private bool DrainCaches(bool untilBalanced)
    {
        // First free deferred objects whose grace period has passed, because that empties slabs.
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
                // An error of another cache is for that cache's callers.
                ErrorsOf(cache).Add(cache.Magazines.Drain(cache.Magazines.IsClosed, out _));
                progress |= cache.Slabs.InUse < inUse || cache.Slabs.Capacity < capacity;
            }
        }

        // Destructors are users' code as well. A slab that waits for a grace period comes back later.
        foreach (KmemCache cache in _caches.AllAndRemains())
        {
            cache.Slabs.FinishDiscardsQuietly().Keep(ErrorsOf(cache));
        }

        // The pages of slabs that were given back are in the page sets now.
        return (_pages.DrainPageSets() > 0) | progress;
    }

    /// <summary>
    /// Moves movable objects together. It runs only in the background, and without the lock, because it calls users'
    /// code.
    /// </summary>
    /// <returns>Whether any slab was given back.</returns>
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

    /// <summary>
    /// Waits a while for the readers that hold up deferred objects. It does not wait for ever, because one of them may
    /// wait for the caller.
    /// </summary>
    /// <returns>Whether a grace period has passed and something waited for it.</returns>
    private bool WaitForReaders()
    {
        GracePeriods periods = GracePeriods.OfProcess;
        return !RcuReader.IsReading && _caches.All.Any(cache => cache.Deferred.Waits) && periods.TryWait(GracePeriods.Snapshot(), DeferredFrees.Patience);
    }

    /// <summary>Where an error of a cache is kept for its callers. A destroyed cache has no later callers.</summary>
    public PendingErrors ErrorsOf(KmemCache cache) => cache.Magazines.IsClosed ? Pending : cache.Magazines.Pending;

    /// <summary>
    /// Keeps what was found in a destroyed cache after its end, perhaps by the finalizer of a thread cache. The cache
    /// has no later callers.
    /// </summary>
    public void KeepErrorsOf(KmemCache destroyed)
    {
        while (destroyed.Magazines.Pending.Take() is { } error)
        {
            Pending.Add(error);
        }
    }

    /// <summary>
    /// Keeps what the background found where no caller could be told. The next call that reclaims throws it.
    /// </summary>
    public void FailLater(Exception failure) => Pending.Add(failure);

    /// <summary>
    /// Passes over the shrinkers with rising pressure until there is enough (<c>do_try_to_free_pages</c>).
    /// </summary>
    /// <returns>Whether anything was freed.</returns>
    private bool RunShrinkers(GfpFlags gfp, TimeSpan patience, Func<bool> enough)
    {
        bool progress = false;
        for (int priority = ShrinkerRegistry.DefaultPriority; priority >= 0 && !enough(); priority--)
        {
            // What they freed waits in magazines. Objects that were freed to other places are of no use here.
            progress |= _shrinkers.Shrink(gfp, node: 0, priority, patience) > 0 && DrainCaches(untilBalanced: false);
        }

        return progress;
    }
}
