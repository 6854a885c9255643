using SlabGen.CompilerServices;

namespace SlabGen.Magazines;

// What can be seen of the magazines of a cache.
internal sealed partial class CacheMagazines
{
    /// <summary>Counts the magazines now. A snapshot, for which no thread is stopped.</summary>
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

    /// <summary>How often <see cref="MayHaveFree"/> looks before it says yes because things moved each time.</summary>
    private const int Looks = 4;

    /// <summary>
    /// Whether taking home could bring anything: a magazine holds an object, or an object waits for a grace period. It
    /// takes no lock except the list's, so that a request which finds nothing costs little. It may miss a thread that
    /// frees at this moment, as an earlier request would.
    /// </summary>
    /// <remarks>
    /// <para>No is certain: an object that was free all the time is not missed because it moved. There are four ways to
    /// move, and each is seen. Between a thread's magazines, and into and out of a thread, an object moves under that
    /// thread's gate (<see cref="ThreadCache.MayHoldFree"/>). When a magazine leaves a depot, the depot counts it
    /// before it is gone. Moving into or out of slabs is a visit there. If neither number changed, an object can only
    /// have moved once, from a thread into a depot, and the depots are looked at again. A magazine on its way from a
    /// depot into the slabs belongs to the depot until it is empty.</para>
    /// <para>So a no is always justified. The request behind it takes no lock, and must not fail because objects change
    /// places.</para>
    /// </remarks>
    /// <param name="orRoom">Whether to ask, at the same moment, for room under the limit too.</param>
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

            Volatile.ReadBarrier(); // all of that was read before asking whether it was one moment
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

    /// <summary>
    /// Whether a free object lies in the calling thread's own magazines. It takes the thread's gate, which is hardly
    /// ever contended.
    /// </summary>
    public bool IsFreeHere(nint address)
    {
        if (!HasMagazines || ThreadSlots.Peek(HiddenSlot != 0 ? HiddenSlot : (int)Slabs.CacheId) is not { } thread
            || thread.Magazines != this)
        {
            return false;
        }

        using (thread.Gate.Hold())
        {
            return !IsUnmapped && thread.Holds(address);
        }
    }

    /// <summary>
    /// Looks for a free object in the magazines. It may miss an object on its way from one magazine to another.
    /// </summary>
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
