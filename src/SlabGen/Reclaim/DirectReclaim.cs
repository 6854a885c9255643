using SlabGen.Caches;
using SlabGen.Memory;
using SlabGen.Pages;

namespace SlabGen.Reclaim;

/// <summary>
/// What the control centre does when an allocation would fail. Memory that any cache keeps for later, in whichever
/// thread's magazines, serves the request. After that, registered shrinkers free what they can.
/// </summary>
/// <remarks>
/// <para>It has no lock, because each step has one of its own. What a thread takes home is on its way for a moment, and a second thread that found
/// nothing meanwhile would fail for no reason. But everything that is on its way is under a lock that the second thread takes too, and so waits for:
/// deferred objects under that of <see cref="DeferredFrees"/>, magazines under the drain lock of their cache, pages of a set under
/// the set's. When its pass is over, all that lay free at the beginning of the pass is in slabs and zones, whoever brought it there; what the first thread does
/// not use, the second finds, since it asks again even without progress.</para>
/// <para>Slabs that destructors are run for are the exception: those are users' code, under no lock, and nobody waits for them.</para>
/// </remarks>
internal sealed class DirectReclaim : IReclaimer
{
    /// <summary>The least number of pages that shrinkers are asked for (<c>SWAP_CLUSTER_MAX</c>).</summary>
    private const int LeastReclaimed = 32;

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
        bool progress = TakeHome(untilBalanced: false);
        if (!progress && WaitForReaders())
        {
            TakeHome(untilBalanced: false);
            progress = true; // what waited is there now, if nobody else took it
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
        bool progress = TakeHome(untilBalanced: true);
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

        TakeHome(untilBalanced: false);
        Consolidate(isShort: true);
        _pages.Trim();
    }

    /// <summary>Whether there is anything that could be idle.</summary>
    public bool HoldsMemory => _pages.CommittedBytes > 0;

    /// <summary>
    /// Takes back what has lain idle since the last call, of every cache, and all that a destroyed one had to leave with a
    /// thread, and gives it to the system.
    /// </summary>
    public void Reap()
    {
        foreach (KmemCache cache in _caches.All)
        {
            cache.Reap();
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
            TakenHome taken = destroyed.TakeHome(Patience.None);
            taken.Errors.Keep(Pending); // the cache itself has no later callers
            progress |= taken.Progress;
        }

        Array.ForEach(_caches.Remains(), KeepErrorsOf);
        _caches.ForgetRemains();
        return progress;
    }

    /// <summary>Takes home what lies free in any cache, destroyed ones too, and in the page sets.</summary>
    /// <returns>Whether any came.</returns>
    private bool TakeHome(bool untilBalanced)
    {
        bool progress = _pages.DrainPageSets() > 0;
        foreach (KmemCache cache in _caches.AllAndRemains())
        {
            if (untilBalanced && _pages.IsBalanced)
            {
                break;
            }

            TakenHome taken = cache.TakeHome(Patience.None);
            taken.Errors.Keep(ErrorsOf(cache)); // another cache's error is its callers' to see
            progress |= taken.Progress;
        }

        // The pages of slabs that were given back are in the page sets now.
        return (_pages.DrainPageSets() > 0) | progress;
    }

    /// <summary>Has movable objects moved together. In the background alone: it calls users' code.</summary>
    /// <returns>Whether a slab went.</returns>
    private bool Consolidate(bool isShort)
    {
        bool progress = false;
        foreach (KmemCache cache in _caches.All)
        {
            cache.ConsolidateInBackground(isShort, out bool discarded).Keep(cache.Pending);
            progress |= discarded;
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
        return !RcuReader.IsReading && AnyWaits() && periods.TryWait(GracePeriods.Snapshot(), DeferredFrees.Patience);
    }

    /// <summary>Where an error of a cache is kept for its callers; a destroyed cache has no later ones.</summary>
    public PendingErrors ErrorsOf(KmemCache cache) => cache.IsDestroyed ? Pending : cache.Pending;

    /// <summary>
    /// Keeps what was found in a destroyed cache after its end, perhaps by the finalizer of a thread cache. The cache
    /// has no later callers.
    /// </summary>
    public void KeepErrorsOf(KmemCache destroyed)
    {
        while (destroyed.Pending.Take() is { } error)
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
            // What they freed waits in magazines. Objects that were freed to elsewhere are of no use here.
            progress |= _shrinkers.Shrink(gfp, node: 0, priority, patience) > 0 && TakeHome(untilBalanced: false);
        }

        return progress;
    }

    private bool AnyWaits()
    {
        foreach (KmemCache cache in _caches.All)
        {
            if (cache.WaitsForReaders)
            {
                return true;
            }
        }

        return false;
    }
}
