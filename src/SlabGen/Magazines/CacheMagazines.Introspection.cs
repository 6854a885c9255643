using SlabGen.CompilerServices;

namespace SlabGen.Magazines;

// What can be seen of the magazines of a cache.
internal sealed partial class CacheMagazines
{
    /// <summary>The magazines now; a snapshot, for which no thread is stopped.</summary>
    public MagazineCounts Count()
    {
        var counts = new MagazineCounts();
        foreach (ThreadCache thread in _threads.ToArray())
        {
            using (thread.Gate.Hold())
            {
                if (!IsUnmapped)
                {
                    thread.CountInto(ref counts);
                }
            }
        }

        if (!IsUnmapped)
        {
            foreach (Depot depot in _depots)
            {
                depot.CountInto(ref counts);
            }
        }

        return counts;
    }

    /// <summary>Looks before <see cref="MayHaveFree"/> says yes, because things moved each time.</summary>
    private const int Looks = 4;

    /// <summary>
    /// Whether taking home could bring anything: a magazine holds an object, or some wait for a grace period. No lock but the list's, so
    /// that a request which finds nothing costs little. A thread that frees at this moment may be missed, as by a request that came before.
    /// </summary>
    /// <remarks>
    /// <para>No is certain: an object that was free all the time is not missed because it moved. It moves between a thread's magazines, into a thread and out
    /// of it under that one's gate, which is seen (<see cref="ThreadCache.MayHoldFree"/>); out of a depot, which the depot counts before the magazine is gone; and into
    /// slabs and out of them, which is a visit there. Where neither number changed, it can have moved only from a thread into a depot, once, and the depots
    /// are looked at again. A magazine that is on its way from a depot into the slabs is the depot's until it is empty.</para>
    /// <para>So who is told no has been refused for a reason: the request below asks for no lock, and must not fail while objects change places.</para>
    /// </remarks>
    /// <param name="orRoom">Whether room under the limit is asked for too, at the same moment.</param>
    public bool MayHaveFree(bool orRoom = false)
    {
        for (int look = 0; look < Looks; look++)
        {
            long visits = Slabs.Visits, fullsTaken = CountFullsTaken();
            if (AnyDepotMayHaveFull() || Deferred!.Waits || _threads.AnyMayHoldFree() || AnyDepotMayHaveFull())
            {
                return true;
            }

            if (orRoom && !Slabs.IsAtLimit)
            {
                return true;
            }

            Volatile.ReadBarrier(); // all of that was read before it is asked whether it was one moment
            if (visits == Slabs.Visits && fullsTaken == CountFullsTaken())
            {
                return false;
            }
        }

        return true;
    }

    private bool AnyDepotMayHaveFull() => Array.Exists(_depots, static depot => depot.MayHaveFull);

    private long CountFullsTaken()
    {
        long taken = 0;
        foreach (Depot depot in _depots)
        {
            taken += depot.FullsTaken;
        }

        return taken;
    }

    /// <summary>Whether a free object lies in the calling thread's own magazines. Takes its gate, which hardly anybody else wants.</summary>
    public bool IsFreeHere(nint address)
    {
        if (!HasMagazines || ThreadSlots.Peek(HiddenSlot != 0 ? HiddenSlot : (int)Slabs.CacheId) is not { } thread || thread.Magazines != this)
        {
            return false;
        }

        using (thread.Gate.Hold())
        {
            return !IsUnmapped && thread.Holds(address);
        }
    }

    /// <summary>Looks for a free object in the magazines. One that is on the way from one to another may be missed.</summary>
    /// <param name="address">The start of the object.</param>
    /// <param name="threadId">The thread that has it; 0 for the depot.</param>
    public bool TryFindCached(nint address, out int threadId)
    {
        foreach (ThreadCache thread in _threads.ToArray())
        {
            using (thread.Gate.Hold())
            {
                if (!IsUnmapped && thread.Holds(address))
                {
                    threadId = thread.Owner.Id;
                    return true;
                }
            }
        }

        threadId = 0;
        foreach (Depot depot in _depots)
        {
            if (!IsUnmapped && depot.Holds(address))
            {
                return true;
            }
        }

        return false;
    }
}
