namespace SlabGen.Magazines;

// What can be seen of the magazines of a cache.
internal sealed partial class MagazineLayer
{
    /// <summary>The magazines now; a snapshot, for which no thread is stopped.</summary>
    public MagazineCounts Count()
    {
        var counts = new MagazineCounts();
        foreach (ThreadCache cache in _threads.ToArray())
        {
            using (cache.Gate.Hold())
            {
                if (!IsReleased)
                {
                    cache.CountInto(ref counts);
                }
            }
        }

        if (!IsReleased)
        {
            foreach (Depot depot in _depots)
            {
                depot.CountInto(ref counts);
            }
        }

        return counts;
    }

    /// <summary>
    /// Whether taking home could bring anything: a magazine holds an object, or some wait for a grace period. Snapshots, and no lock but the list's, so
    /// that a request which finds nothing costs little. A thread that frees at this moment may be missed, as by a request that came before.
    /// </summary>
    public bool MayHaveFree()
    {
        foreach (Depot depot in _depots)
        {
            if (depot.FullCount > 0)
            {
                return true;
            }
        }

        return Deferred!.Waits || _threads.AnyMayHoldFree();
    }

    /// <summary>Whether a free object lies in the calling thread's own magazines. Takes its gate, which hardly anybody else wants.</summary>
    public bool IsFreeHere(nint address)
    {
        if (!HasMagazines || ThreadSlots.Peek(HiddenSlot != 0 ? HiddenSlot : (int)Node.CacheId) is not { } cache || cache.Layer != this)
        {
            return false;
        }

        using (cache.Gate.Hold())
        {
            return !IsReleased && cache.Holds(address);
        }
    }

    /// <summary>Looks for a free object in the magazines. One that is on the way from one to another may be missed.</summary>
    /// <param name="address">The start of the object.</param>
    /// <param name="threadId">The thread that has it; 0 for the depot.</param>
    public bool TryFindCached(nint address, out int threadId)
    {
        foreach (ThreadCache cache in _threads.ToArray())
        {
            using (cache.Gate.Hold())
            {
                if (!IsReleased && cache.Holds(address))
                {
                    threadId = cache.Owner.Id;
                    return true;
                }
            }
        }

        threadId = 0;
        foreach (Depot depot in _depots)
        {
            if (!IsReleased && depot.Holds(address))
            {
                return true;
            }
        }

        return false;
    }
}
