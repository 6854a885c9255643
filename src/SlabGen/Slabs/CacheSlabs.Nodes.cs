namespace SlabGen.Slabs;

// Slabs by the machine's node on which their pages lie. The lists are not sorted by node. A request for a node walks
// them, under the list lock, past the slabs of other nodes. A machine with one node never comes here.
internal sealed partial class CacheSlabs
{
    /// <summary>The zone where the slabs should lie.</summary>
    public ZoneKind Zone => _options.Zone;

    /// <summary>The fullest slab that lies on a node and has a free object.</summary>
    private unsafe Slab* FullestWithRoomOn(int node)
    {
        for (int list = FullList - 1; list >= EmptyList; list--)
        {
            for (Slab* slab = _lists[list].First; slab != null; slab = slab->Next)
            {
                if (IsOn(node, slab))
                {
                    return slab;
                }
            }
        }

        return null;
    }

    /// <summary>
    /// Counts free objects in the slabs of a node, or of all nodes with -1. The caller holds no lock.
    /// </summary>
    private unsafe long CountFree(int node)
    {
        if (node < 0)
        {
            using (_listLock.Hold())
            {
                return CountTakeable();
            }
        }

        long free = 0;
        using (_listLock.Hold())
        {
            for (int list = FullList - 1; list >= EmptyList; list--)
            {
                for (Slab* slab = _lists[list].First; slab != null; slab = slab->Next)
                {
                    free += IsOn(node, slab) ? slab->Objects - slab->InUse : 0;
                }
            }
        }

        return free;
    }

    /// <summary>
    /// Counts free objects that can be taken. Those of a slab whose objects are being moved away cannot. Under the list
    /// lock.
    /// </summary>
    private unsafe long CountTakeable()
    {
        long free = Capacity - InUse;
        for (Slab* slab = _lists[IsolatedList].First; slab != null; slab = slab->Next)
        {
            free -= slab->Objects - slab->InUse;
        }

        return free;
    }

    private unsafe bool IsOn(int node, Slab* slab) =>
        Pages.TryGetFrame(slab->Memory, out Zone? zone, out _) && zone.Node == node;
}
