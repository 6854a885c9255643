using SlabGen.CompilerServices;
using SlabGen.Memory;

namespace SlabGen.Magazines;

// What can be seen of the magazines of a cache.
internal sealed partial class CacheMagazines : IFreePlaces
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

    /// <summary>
    /// Whether taking home could bring anything: a magazine holds an object, or an object waits for a grace period. It
    /// takes no lock except the list's, so that a request which finds nothing costs little. It may miss a thread that
    /// frees at this moment, as an earlier request would.
    /// </summary>
    /// <param name="orRoom">Whether to ask, at the same moment, for room under the limit too.</param>
    public bool MayHaveFree(bool orRoom = false) => FreeSearch<RawWords>.MayFind(this, orRoom);

    long IFreePlaces.SlabVisits => Slabs.Visits;

    long IFreePlaces.FullsTaken
    {
        get
        {
            long taken = 0;
            foreach (Depot depot in _depots)
            {
                taken += depot.FullsTaken;
            }

            return taken;
        }
    }

    bool IFreePlaces.DepotsMayHaveFull => Array.Exists(_depots, static depot => depot.MayHaveFull);

    bool IFreePlaces.OthersMayHaveFree => Deferred!.Waits || _threads.AnyMayHoldFree();

    bool IFreePlaces.SlabsHaveRoom => !Slabs.IsAtLimit;

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
