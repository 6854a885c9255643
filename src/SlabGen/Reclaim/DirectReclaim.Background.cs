using SlabGen.Caches;
using SlabGen.Memory;
using SlabGen.Pages;

namespace SlabGen.Reclaim;

// What the background does, and what it does when the machine is short of memory.
internal sealed partial class DirectReclaim
{
    /// <summary>The same in the background: only until the zones are at their high watermarks.</summary>
    /// <returns>Whether anything was freed.</returns>
    public bool ReclaimInBackground()
    {
        long began = Totals.Begin();
        try
        {
            return ReclaimUntilBalanced();
        }
        finally
        {
            Totals.End(ReclaimKind.Background, began);
        }
    }

    private bool ReclaimUntilBalanced()
    {
        bool progress = _pages.Shortage.MayHelp && TakeHome(untilBalanced: true, out _);
        if (!_pages.IsBalanced)
        {
            progress |= Consolidate(isShort: true);
        }

        try
        {
            return (!IsEnough() && RunShrinkers(GfpFlags.Kernel, ShrinkerRegistry.BackgroundPatience, IsEnough))
                || progress;
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
        long began = Totals.Begin();
        try
        {
            RelieveAtOnce(priority);
        }
        finally
        {
            Totals.End(ReclaimKind.Pressure, began);
        }
    }

    private void RelieveAtOnce(int priority)
    {
        try
        {
            _shrinkers.Shrink(GfpFlags.Kernel, node: 0, priority, ShrinkerRegistry.BackgroundPatience);
        }
        catch (Exception failure)
        {
            Pending.Add(failure);
        }

        TakeHome(untilBalanced: false, out _);
        Consolidate(isShort: true);
        _pages.Trim();
    }

    /// <summary>Whether there is anything that could be idle.</summary>
    public bool HoldsMemory => _pages.CommittedBytes > 0;

    /// <summary>
    /// Takes back what has lain idle since the last call, of every cache, and all that a destroyed one had to leave
    /// with a thread, and gives it to the system.
    /// </summary>
    public void Reap()
    {
        long began = Totals.Begin();
        try
        {
            ReapIdle();
        }
        finally
        {
            Totals.End(ReclaimKind.Idle, began);
        }
    }

    private void ReapIdle()
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
        foreach (Zone zone in _pages.EveryZone)
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
}
