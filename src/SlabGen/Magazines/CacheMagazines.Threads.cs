using System.Runtime.CompilerServices;
using SlabGen.CompilerServices;
using SlabGen.Memory;
using SlabGen.Slabs;

namespace SlabGen.Magazines;

// Threads that come and go.
internal sealed partial class CacheMagazines
{
    /// <summary>
    /// Contentions for a depot in one interval. Beyond this number magazines grow (<c>umem_depot_contention</c>).
    /// </summary>
    private const int MaxContentions = 2;

    /// <summary>The calling thread's cache. It is made at the thread's first call.</summary>
    public ThreadCache Attach(ref ThreadCache? slot)
    {
        if (slot is { } thread && thread.Magazines == this)
        {
            if (thread.IsClosed)
            {
                Retire(thread); // destroyed: what a revocation had to leave here comes home now
                Throw.Destroyed(Slabs.Name);
            }

            return thread;
        }

        if (slot is { HasBin: true } former)
        {
            // Of a cache that is gone, whose id this one has now: a bin must not be lent twice. In both slots, since
            // what lies in one may be the last that knows of the bin.
            former.Magazines.TakeHome(former);
            slot = null;
        }

        if (HiddenSlot != 0 && !Unsafe.AreSame(ref slot, ref ThreadSlots.Slot(HiddenSlot)))
        {
            ThreadCache hidden = Attach(ref ThreadSlots.Slot(HiddenSlot));
            if (hidden.HasBin)
            {
                slot = hidden; // it has no words of its own, so the caller's fast path finds none here
            }

            return hidden;
        }

        // A thread comes: the moment to notice those that have gone. More of them than come, so that none pile up.
        for (int i = 0; i < 4 && _threads.NextDead() is { } dead; i++)
        {
            TakeHome(dead); // no destructors, because the request may be one that must not wait
        }

        ThrowIfClosed(); // before a thread cache is made that nobody would find
        thread = new ThreadCache(this);
        if (Slabs.Layout.IsWholePages)
        {
            WholePageShare.Current.Add(thread); // this can fail: before it has a bin
        }

        if (!_threads.TryAdd(thread))
        {
            Throw.Destroyed(Slabs.Name);
        }

        thread.EnterBin();
        slot = thread;
        return thread;
    }

    /// <summary>Owner, outside of all gates: takes its free objects home.</summary>
    public void TakeOwnHome(ThreadCache thread)
    {
        using (thread.Gate.Hold())
        {
            if (!thread.IsClosed && !IsClosed)
            {
                ThrowLater(ToError(thread.RevokeHeld(close: false, ownerGone: true, askKernel: false, out _)));
            }
        }
    }

    /// <summary>The depot of the node that the calling thread runs on.</summary>
    public Depot DepotOfThisThread() => _depots[Slabs.Pages.CurrentNode()];

    /// <summary>
    /// Takes back what thread caches and depot hold, into the slabs, and discards the slabs that are then empty.
    /// </summary>
    /// <param name="close">Whether the cache is being destroyed.</param>
    /// <param name="left">The free objects that stayed in a magazine, because their owner may be about to take
    /// them.</param>
    /// <param name="atWork">
    /// If given, receives the threads that something had to be left with, and the kernel is not asked about them. Once
    /// they have been seen outside (<see cref="OwnerThread.LetGo"/>), another call takes the rest. So one answer serves
    /// many caches.
    /// </param>
    /// <returns>The error about the first bad pointer among the objects, if there was one.</returns>
    public unsafe SlabException? Drain(bool close, out long left, HashSet<OwnerThread>? atWork = null)
    {
        using UninterruptibleLock.Scope draining = _drainLock.Hold();
        left = 0;
        BadPointer found = default;
        foreach (ThreadCache thread in _threads.ToArray())
        {
            found = found.Or(thread.Revoke(close, atWork, out int leftHere));
            left += leftHere;
        }

        foreach (Depot depot in _depots)
        {
            found = found.Or(EmptyFulls(depot, int.MaxValue));
            depot.FreeEmpties();
        }

        Slabs.DiscardEmpty();
        return ToError(found);
    }

    /// <summary>
    /// Takes back what has been idle for an interval: in threads, in the depot, and the empty slabs of a cache that was
    /// not used.
    /// </summary>
    /// <returns>The error about the first bad pointer among the objects, if there was one.</returns>
    public unsafe SlabException? Reap()
    {
        using UninterruptibleLock.Scope draining = _drainLock.Hold();
        BadPointer found = default;
        bool slabsIdle = Slabs.IsIdle();
        foreach (ThreadCache thread in _threads.ToArray())
        {
            if (thread.Owner.IsAlive)
            {
                found = found.Or(thread.ReapIfIdle());
                if (Slabs.Guards is not null)
                {
                    thread.Nudge();
                }
            }
            else
            {
                TakeHome(thread);
            }
        }

        bool contended = false;
        foreach (Depot depot in _depots)
        {
            found = found.Or(EmptyFulls(depot, depot.EndInterval(out long contentions)));
            contended |= contentions > MaxContentions;
            if (slabsIdle)
            {
                depot.FreeEmpties();
            }
        }

        if (slabsIdle)
        {
            Slabs.DiscardEmpty();
            Slabs.HollowOut();
        }

        if (contended && _mayGrow)
        {
            Grow();
        }

        Slabs.IsIdle(); // what came home just now is no use of the cache
        return ToError(found);
    }

    /// <summary>Outside of all gates: puts the objects of one full magazine of a depot into the slabs.</summary>
    /// <returns><see langword="false"/> when there was none.</returns>
    public bool TryEmptyOneFull()
    {
        foreach (Depot depot in _depots)
        {
            if (depot.FullCount == 0)
            {
                continue; // of many sizes most: without the lock
            }

            using (_drainLock.Hold())
            {
                if (!IsClosed && depot.FullCount > 0)
                {
                    ThrowLater(ToError(EmptyFulls(depot, 1)));
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Puts the objects of a number of full magazines of a depot into the slabs.</summary>
    private unsafe BadPointer EmptyFulls(Depot depot, int magazines)
    {
        BadPointer found = default;
        for (; magazines > 0; magazines--)
        {
            Magazine* full = depot.TakeAnyFull();
            if (full == null)
            {
                break;
            }

            found = found.Or(Empty(full));
            depot.ReturnEmpty(full);
        }

        return found;
    }

    /// <summary>Changes to the next larger size of magazine, if objects of this size have one.</summary>
    private void Grow()
    {
        int grown = Magazine.GrownRounds(Rounds, Slabs.Layout.Size);
        if (grown != Rounds)
        {
            foreach (Depot depot in _depots)
            {
                depot.Grow(grown);
            }
        }
    }

    /// <summary>
    /// Takes home what the thread cache of a dead thread holds, and destructs slabs that are then empty. Any thread may
    /// call, including the finalizer's.
    /// </summary>
    public void Retire(ThreadCache thread)
    {
        TakeHome(thread);
        // Even on the finalizer's thread, because an idle cache may have no later call.
        ThrowLater(Slabs.FinishDiscardsQuietly());
    }

    /// <summary>
    /// Does what <see cref="Retire"/> does, where users' code must not run. Slabs that are then empty wait for a call
    /// that may run it.
    /// </summary>
    private void TakeHome(ThreadCache thread)
    {
        using (thread.Gate.Hold())
        {
            if (!thread.TryMarkRetired())
            {
                return;
            }

            try
            {
                if (!IsUnmapped)
                {
                    BadPointer found = thread.RevokeHeld(close: true, ownerGone: true, askKernel: false, out _);
                    thread.Depot.Orphan(thread.Shelf);
                    if (IsClosed)
                    {
                        thread.Depot.FreeEmpties();
                        Slabs.DiscardEmpty();
                    }

                    ThrowLater(ToError(found));
                }
            }
            finally
            {
                thread.Disarm(); // its magazine has gone, or is unmapped; where an error came between it is lost
                thread.LeaveBin();
            }
        }

        _threads.Remove(thread);
        thread.ReturnBin();
    }

    /// <summary>
    /// Keeps an error that was found where no caller could be told. A later slow call on this cache throws it.
    /// </summary>
    public void ThrowLater(Exception? error) => Pending.Add(error);

    /// <inheritdoc cref="ThrowLater(Exception)"/>
    public void ThrowLater(FoundErrors found) => found.Keep(Pending);

    /// <summary>Throws an error that was found where no caller could be told.</summary>
    public void ThrowPending() => Pending.Throw();
}
