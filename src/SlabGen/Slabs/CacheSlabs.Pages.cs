using SlabGen.Checking;
using SlabGen.Events;
using SlabGen.Memory;
using SlabGen.Pages;
using SlabGen.Zones;

namespace SlabGen.Slabs;

// How slabs come from pages and go back to them: the kernel's allocate_slab and __free_slab. Under the list lock.
internal sealed partial class CacheSlabs
{
    private unsafe Slab* TryGrow(int wanted, GfpFlags gfp, int node)
    {
        Slab* slab = TryMakeSlab(_options.StartsSmall ? Layout.OrderFor(wanted, InUse) : Layout.Order, gfp, node);
        if (slab != null)
        {
            AddSlab(slab);
        }

        return slab;
    }

    /// <summary>Makes a slab of free objects that is on no list yet, and in no count.</summary>
    private unsafe Slab* TryMakeSlab(int expected, GfpFlags gfp, int node)
    {
        int order = expected;
        // allocate_slab: the order that is wanted first, and when there is no such block the least that holds an
        // object.
        if (!TryAllocSlab(order, gfp, node, out Zone? zone, out uint block, out Slab* slab)
            && (order == Layout.MinOrder
                || !TryAllocSlab(order = Layout.MinOrder, gfp, node, out zone, out block, out slab)))
        {
            _failedSlabs++;
            return null;
        }

        CountFallbacks(zone!.Kind, asExpected: order == expected);
        if (Layout.GuardBytes > 0 && zone.IsMapped && !zone.IsGuarded(block))
        {
            zone.TryGuard(block);
        }

        int color = order == Layout.Order ? _nextColor : 0;
        _nextColor = _nextColor + 1 < Layout.Colors ? _nextColor + 1 : 0;

        slab->Memory = zone.Address(block) + ((nint)color * Layout.ColorOffset) + Layout.LeftZone;
        slab->Objects = (ushort)Layout.ObjectsIn(order);
        slab->InUse = 0;
        (slab->Order, slab->Hollow) = (order, 0);
        slab->Stuck = 0;
        Slab.FillBitmap(slab);
        _detached.Add(slab);
        if (States is not null)
        {
            ObjectStates.MakeFree(zone, slab->Memory, slab->Objects, Layout.Size);
            Marks?.Begin(slab->Memory, slab->Objects);
        }

        SetFrames(zone, block, order, slab);
        return slab;
    }

    private unsafe void AddSlab(Slab* slab)
    {
        _detached.Remove(slab);
        slab->List = EmptyList;
        _lists[EmptyList].Add(slab);
        _slabCount++;
        _madeSlabs++;
        Capacity += slab->Objects;
        SlabBytes += Layout.BytesIn(slab->Order);
        _madeSlabBytes += Layout.BytesIn(slab->Order);
        _peakSlabBytes = Math.Max(_peakSlabBytes, SlabBytes);
        Note(SlabEventKind.SlabMade, slab->Memory, Layout.BytesIn(slab->Order));
    }

    /// <summary>
    /// Takes a block of pages, and then a descriptor. In the other order, the descriptor's page might break up the only
    /// such block.
    /// </summary>
    private unsafe bool TryAllocSlab(int order, GfpFlags gfp, int node, out Zone? zone, out uint block, out Slab* slab)
    {
        (zone, block) = (null, PageFrame.None);
        slab = null;
        if (!Quota.TryCharge(order))
        {
            return false;
        }

        bool taken = false;
        try
        {
            var request = new PageRequest(Layout.PagesIn(order), _options.Zone, _options.Fallback,
                node < 0 ? gfp : gfp | GfpFlags.ThisNode, node);
            taken = (_kept is not null && _kept.TryTake(order, request, out zone, out block))
                || Pages.TryAllocBlock(request with { IsSlab = true }, out zone, out block);
            bool isReady = taken && (States is null || zone!.TryMakeObjectStates());
            slab = isReady ? (Slab*)_descriptors.TryAlloc(gfp) : null;
        }
        finally
        {
            if (slab == null)
            {
                if (taken)
                {
                    GiveBlock(zone!, block, order, PageFlags.None);
                }

                Quota.Discharge(order); // also when an exception passes here
            }
        }

        return slab != null;
    }

    private unsafe void Discard(Slab* slab)
    {
        Fill(slab);
        _lists[slab->List].Remove(slab);
        _slabCount--;
        Capacity -= slab->Objects;
        SlabBytes -= Layout.BytesIn(slab->Order);
        Note(SlabEventKind.SlabDiscarded, slab->Memory, Layout.BytesIn(slab->Order));
        _detached.Add(slab);
        if (HasLife || _options.TypeSafeByRcu)
        {
            _detached.Enqueue(slab, _options.TypeSafeByRcu ? GracePeriods.Snapshot() : 0);
            Stir();
        }
        else
        {
            FreePages(slab);
        }
    }

    /// <summary>
    /// Gives back the pages of a slab that is on no list. Under the list lock, like all changes of its frames.
    /// </summary>
    private unsafe void FreePages(Slab* slab)
    {
        PageFrame* first = Pages.FrameOf(slab->Memory, out Zone zone);
        uint block = zone.IndexOf(first) & ~((1u << slab->Order) - 1);
        int order = slab->Order;
        LookAtLeaving(slab);
        SetFrames(zone, block, order, null);
        if (States is not null)
        {
            ObjectStates.Clear(zone, block, (int)Layout.PagesIn(order));
        }

        _detached.Remove(slab);
        _descriptors.Free(slab);
        GiveBlock(zone, block, order, PageFlags.Slab);
        Quota.Discharge(order);
    }

    /// <summary>Gives back a block, or keeps its addresses.</summary>
    private void GiveBlock(Zone zone, uint block, int order, PageFlags use)
    {
        if (_kept is not null && !_closed && zone.IsMapped)
        {
            _kept.Add(zone, block, order);
            return;
        }

        if (Layout.GuardBytes > 0)
        {
            zone.Unguard(block);
        }

        Pages.FreeBlock(zone, block, use);
    }

    private unsafe void SetFrames(Zone zone, uint block, int order, Slab* slab)
    {
        if (NamesPages)
        {
            zone.SetCacheId(block, Layout.PagesIn(order), slab == null ? 0 : CacheId);
        }

        PageFrame* frame = zone.Frame(block);
        for (PageFrame* end = frame + Layout.PagesIn(order); frame < end; frame++)
        {
            // The first page stays one of a slab until the zone has it back.
            frame->Flags = slab != null ? frame->Flags | PageFlags.Slab
                : (frame->Flags & PageFlags.Head) != 0 ? frame->Flags : frame->Flags & ~PageFlags.Slab;
            frame->Private = slab == null ? 0 : CacheId;
            frame->Mapping = (nint)slab;
        }
    }
}
