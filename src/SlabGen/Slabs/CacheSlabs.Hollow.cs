using System.Numerics;
using SlabGen.Memory;
using SlabGen.Zones;

namespace SlabGen.Slabs;

// Memory of slabs that have live objects. Large slabs waste little, but one object keeps all of theirs; so the pages of
// a slab on which no object is in use go back to the system by themselves, as malloc_trim gives back pages inside its
// heap. The slab keeps their addresses, and they stay charged to the limits. When an object is taken from the slab
// again, all of them count as memory that is held.
internal sealed partial class CacheSlabs
{
    /// <summary>
    /// Whether the contents of free objects are nobody's: constructed ones keep theirs, a reader may look at those of a
    /// cache that is type-safe by RCU, and marks lie beside others.
    /// </summary>
    private bool MayBeHollow => !HasLife && !_options.TypeSafeByRcu && Marks is null && Layout.GuardBytes == 0
        && !Layout.IsWholePages && Layout.Order > 0;

    /// <summary>
    /// Gives the pages of slabs back on which no object is in use. The caller holds no lock. The list lock is held for
    /// a slab at a time, as each may be some system calls.
    /// </summary>
    public unsafe void HollowOut()
    {
        if (!MayBeHollow)
        {
            return;
        }

        foreach (nint memory in PartialSlabs())
        {
            using (_listLock.Hold())
            {
                // It may have gone meanwhile, and another may be there.
                if (!_closed && Pages.TryGetFrame(memory, out Zone? zone, out PageFrame* frame)
                    && Volatile.Read(ref frame->Private) == CacheId && zone.IsMapped)
                {
                    var slab = (Slab*)frame->Mapping;
                    if (slab->List is > EmptyList and < FullList)
                    {
                        HollowOut(slab, zone);
                    }
                }
            }
        }
    }

    /// <summary>Before objects are taken from a slab, or it leaves: its pages count as memory that is held.</summary>
    private unsafe void Fill(Slab* slab)
    {
        if (slab->Hollow > 0)
        {
            Pages.FrameOf(slab->Memory, out Zone zone);
            zone.FillHollow(slab->Hollow);
            HollowPages -= slab->Hollow;
            slab->Hollow = 0;
        }
    }

    private unsafe List<nint> PartialSlabs()
    {
        var slabs = new List<nint>(_slabCount); // about; not under the lock, because it may cause a collection
        using (_listLock.Hold())
        {
            for (int list = EmptyList + 1; list < FullList; list++)
            {
                for (Slab* slab = _lists[list].First; slab != null && slabs.Count < slabs.Capacity; slab = slab->Next)
                {
                    slabs.Add(slab->Memory);
                }
            }
        }

        return slabs;
    }

    private unsafe void HollowOut(Slab* slab, Zone zone)
    {
        int pages = 1 << slab->Order;
        if (pages > Slab.MostHollow + 1 || (slab->Objects - slab->InUse) * Layout.Size < Page.Size)
        {
            return;
        }

        nint block = slab->Memory & ~(((nint)pages << Page.Shift) - 1);
        uint empty = 0; // a bit for each page
        for (int page = 0; page < pages; page++)
        {
            empty |= IsEmpty(slab, block + ((nint)page << Page.Shift)) ? 1u << page : 0;
        }

        if (BitOperations.PopCount(empty) == slab->Hollow)
        {
            return; // nothing was taken since, so they are the same
        }

        Fill(slab);
        uint first = zone.IndexOf(Pages.FrameOf(block, out _));
        while (empty != 0)
        {
            int from = BitOperations.TrailingZeroCount(empty), run = BitOperations.TrailingZeroCount(~(empty >> from));
            if (zone.TryHollow(first + (uint)from, (uint)run))
            {
                slab->Hollow += run;
                HollowPages += run;
            }

            empty &= ~(((1u << run) - 1) << from);
        }
    }

    /// <summary>Whether no object that lies on a page of a slab, if only in part, is in use.</summary>
    private unsafe bool IsEmpty(Slab* slab, nint page)
    {
        long from = Math.Max(0, page - slab->Memory), to = page + Page.Size - slab->Memory;
        int end = (int)Math.Min(slab->Objects, (to + Layout.Size - 1) / Layout.Size);
        for (int i = Layout.IndexOf((uint)from); i < end; i++)
        {
            if (!Slab.IsFree(slab, i))
            {
                return false;
            }
        }

        return true;
    }
}
