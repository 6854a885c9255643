using SlabGen.Caches;
using SlabGen.Events;
using SlabGen.Magazines;
using SlabGen.Memory;

namespace SlabGen;

// The way home of every free object: shrinking, limits, reclaim, consolidation and the end of a cache all take it.
public sealed partial class KmemCache
{
    private const int DestroyPatience = 20; // milliseconds

    /// <summary>
    /// Takes every free object home: what was deferred and what lies in magazines goes into the slabs, and the slabs
    /// that are then empty go back to pages. The caller holds no lock, because destructors run. Of a destroyed cache it
    /// takes what was left with threads at work.
    /// </summary>
    /// <param name="patience">With readers; not <see cref="Patience.Unlimited"/>, which only the end of the cache
    /// has.</param>
    /// <param name="atWork">If given, as in <see cref="CacheMagazines.Drain"/>.</param>
    internal TakenHome TakeHome(Patience patience, HashSet<OwnerThread>? atWork = null)
    {
        FoundErrors found = default;
        bool progress = Gather(patience, ref found, out long left, atWork);
        if (patience == Patience.Short)
        {
            _deferred.FreeWithPatience(); // slabs that have just left may wait for a grace period too
        }

        found.AddAll(_slabs.FinishDiscardsQuietly());
        SlabEvents.Tell();
        return new TakenHome(progress, left, found);
    }

    /// <summary>As <see cref="TakeHome"/>, where nobody can be told: later calls throw what it meets.</summary>
    internal TakenHome TakeHomeQuietly(Patience patience)
    {
        TakenHome taken = TakeHome(patience);
        taken.Errors.Keep(Pending);
        return taken;
    }

    /// <summary>
    /// The first half of the way, which runs no code of users: objects into their slabs, and the slabs that are then
    /// empty off the lists.
    /// </summary>
    /// <returns>Whether the cache has fewer objects or slabs than before.</returns>
    private bool Gather(Patience patience, ref FoundErrors found, out long left, HashSet<OwnerThread>? atWork = null)
    {
        (long inUse, long capacity) = (_slabs.InUse, _slabs.Capacity);
        bool freed = false;
        switch (patience)
        {
            case Patience.None:
                freed = _deferred.FreeWithoutWaiting() > 0;
                break;
            case Patience.Short:
                _deferred.FreeWithPatience();
                break;
            default:
                _deferred.FreeAll();
                break;
        }

        freed |= EmptyQuarantine(ref found);
        found.Add(_magazines.Drain(close: IsDestroyed, out left, atWork));
        for (int i = 0; left > 0 && patience == Patience.Unlimited && i < DestroyPatience; i++)
        {
            // A thread was at work. Its operation ends within moments, and its next one gives back what it holds.
            UninterruptibleLock.Pause();
            found.Add(_magazines.Drain(close: IsDestroyed, out left));
        }

        return freed || _slabs.InUse < inUse || _slabs.Capacity < capacity;
    }

    /// <summary>
    /// The second half, where all of it must be done: waits until those slabs have left that wait for a grace period.
    /// </summary>
    private void FinishDiscardsAndWait(ref FoundErrors found)
    {
        found.AddAll(_slabs.FinishDiscardsQuietly());
        while (_slabs.LastGracePeriod() is > 0 and long last)
        {
            GracePeriods.OfProcess.Wait(last);
            found.AddAll(_slabs.FinishDiscardsQuietly());
        }

        SlabEvents.Tell();
    }

    /// <summary>
    /// Takes home what has lain idle since the last call. Later calls throw what it meets. The caller holds no lock.
    /// </summary>
    internal void Reap()
    {
        Pending.Add(_magazines.Reap());
        _slabs.FinishDiscardsQuietly().Keep(Pending);
        SlabEvents.Tell();
    }
}
