using SlabGen.Caches;
using SlabGen.Events;
using SlabGen.Memory;
using SlabGen.Pages;

namespace SlabGen.Reclaim;

/// <summary>
/// What the control centre does when an allocation would fail. Memory that any cache keeps for later, in whichever
/// thread's magazines, serves the request. After that, registered shrinkers free what they can.
/// </summary>
/// <remarks>
/// <para>It has no lock, because each step has one of its own. What a thread takes home is on its way for a moment, and
/// a second thread that found nothing meanwhile would fail for no reason. But everything that is on its way is under a
/// lock that the second thread takes too, and so waits for: deferred objects under that of <see cref="DeferredFrees"/>,
/// magazines under the drain lock of their cache, pages of a set under the set's. When its pass is over, all that lay
/// free at the beginning of the pass is in slabs and zones, whoever brought it there; what the first thread does not
/// use, the second finds, since it asks again even without progress.</para>
/// <para>Slabs that destructors are run for are the exception: those are users' code, under no lock, and nobody waits
/// for them.</para>
/// </remarks>
internal sealed partial class DirectReclaim : IReclaimer
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
        Totals = new ReclaimTotals(pages);
        Background = new BackgroundReclaim(pages, this);
    }

    public BackgroundReclaim Background { get; }

    /// <summary>What the passes brought so far.</summary>
    public ReclaimTotals Totals { get; }

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
        if (!_pages.Shortage.MayHelp && _shrinkers.All.Count == 0)
        {
            // Shrinkers can always have something; of pages themselves the request has asked all page sets.
            RefuseUnless(progress: false);
            return false;
        }

        long began = Totals.Begin();
        try
        {
            return ReclaimBySearch(gfp, pages);
        }
        finally
        {
            Totals.End(ReclaimKind.Direct, began);
        }
    }

    private bool ReclaimBySearch(GfpFlags gfp, long pages)
    {
        long target = _pages.UsedBytes - (Math.Max(pages, LeastReclaimed) * PageAllocator.PageSize);
        bool progress = Search();
        progress |= _pages.UsedBytes > target
            && RunShrinkers(gfp, ShrinkerRegistry.Patience, () => _pages.UsedBytes <= target);
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
            bool progress = TakeHome(untilBalanced: false, out bool leftNow);
            if (!progress && WaitForReaders())
            {
                TakeHome(untilBalanced: false, out leftNow);
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

        SlabEvents.Tell();
    }

    /// <summary>Takes home what lies free in any cache, destroyed ones too, and in the page sets.</summary>
    /// <param name="untilBalanced">Whether to stop when the zones have enough.</param>
    /// <param name="left">Whether something was left with a thread at work.</param>
    /// <returns>Whether any came.</returns>
    private bool TakeHome(bool untilBalanced, out bool left)
    {
        left = false;
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
            left |= taken.Left > 0;
        }

        // The pages of slabs that were given back are in the page sets now.
        return (_pages.DrainPageSets() > 0) | progress;
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
            progress |= _shrinkers.Shrink(gfp, node: 0, priority, patience) > 0
                && TakeHome(untilBalanced: false, out _);
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
