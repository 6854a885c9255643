namespace SlabGen.Slabs;

// Slabs by the node of the machine that their pages lie on. The lists do not know it: who asks for a node walks them, under
// the list lock, past the slabs of other nodes. A machine with one node never comes here.
internal sealed partial class CacheSlabs
{
    /// <summary>Where the slabs are to lie.</summary>
    public ZoneKind Zone => _options.Zone;

    /// <summary>The fullest slab with a free object on a node.</summary>
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

    /// <summary>Free objects in the slabs of a node, or with -1 of all. The caller holds no lock.</summary>
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

    /// <summary>Free objects that can be taken: those of a slab whose objects are being moved away cannot. Under the list lock.</summary>
    private unsafe long CountTakeable()
    {
        long free = Capacity - InUse;
        for (Slab* slab = _lists[IsolatedList].First; slab != null; slab = slab->Next)
        {
            free -= slab->Objects - slab->InUse;
        }

        return free;
    }

    private unsafe bool IsOn(int node, Slab* slab) => Pages.TryGetFrame(slab->Memory, out Zone? zone, out _) && zone.Node == node;
}
