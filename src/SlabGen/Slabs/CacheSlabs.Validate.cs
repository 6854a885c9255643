using System.Numerics;
using SlabGen.Checking;
using SlabGen.Memory;
using SlabGen.Zones;

namespace SlabGen.Slabs;

// Counts the invariants that do not hold (the kernel's validate_slab).
internal sealed partial class CacheSlabs
{
    /// <summary>Walks every slab, every page frame of the runtime, and the free objects in magazines.</summary>
    /// <param name="report">Counts violations.</param>
    /// <param name="cached">Objects that certainly stay in a magazine while this runs.</param>
    public unsafe void Validate(ValidationReport report, IReadOnlySet<nint> cached)
    {
        using (_listLock.Hold())
        {
            var sums = new Sums();
            for (int list = EmptyList; list <= IsolatedList; list++)
            {
                ValidateList(report, list, sums);
            }

            ValidateGuarded(report, sums);
            report.Expect(0, "slabs", _slabCount, sums.Slabs.Count);
            report.Expect(0, "objects in slabs", Capacity, sums.Objects);
            report.Expect(0, "objects taken from slabs", InUse, sums.InUse);
            report.Expect(0, "bytes of slabs", SlabBytes, sums.Bytes);
            report.Expect(0, "pages without memory in slabs", HollowPages, sums.Hollow);
            if (!_idGivenUp) // otherwise another cache may have the id
            {
                report.Expect(0, "pages that bear its id", CountFrames(), sums.Frames + _detached.Pages);
            }

            foreach (nint address in cached)
            {
                SlabFault fault = Locate(address, out _, out _);
                if (fault != SlabFault.None)
                {
                    report.Add($"0x{address:x} lies in a magazine, and is no object taken from a slab ({fault})");
                }
                else if (States is not null && States.Of(address) != ObjectStates.Free)
                {
                    report.Add($"0x{address:x} lies in a magazine, and is live: two threads freed it at once");
                }
            }
        }
    }

    private unsafe void ValidateList(ValidationReport report, int list, Sums sums)
    {
        int count = 0;
        Slab* previous = null;
        for (Slab* slab = _lists[list].First; slab != null; slab = slab->Next, count++)
        {
            if (!sums.Slabs.Add((nint)slab))
            {
                report.Add($"the list of slabs {list} leads to a slab for the second time");
                break;
            }

            report.Expect(slab->Memory, "link back of the slab", (nint)slab->Prev, (nint)previous);
            ValidateSlab(report, slab, list, sums);
            previous = slab;
        }

        report.Expect(0, $"slabs on list {list}", _lists[list].Count, count);
    }

    private unsafe void ValidateSlab(ValidationReport report, Slab* slab, int list, Sums sums)
    {
        sums.Objects += slab->Objects;
        sums.InUse += slab->InUse;
        sums.Bytes += Layout.BytesIn(slab->Order);
        sums.Hollow += slab->Hollow;
        ValidateFrames(report, slab, sums);
        if ((slab->Order != Layout.Order && slab->Order != Layout.MinOrder
                && !(_options.StartsSmall && slab->Order > Layout.MinOrder && slab->Order < Layout.Order))
            || slab->Objects != Layout.ObjectsIn(slab->Order))
        {
            report.Add($"the slab at 0x{slab->Memory:x} has order {slab->Order} and {slab->Objects} objects, which no slab of this cache has");
            return;
        }

        report.Expect(slab->Memory, "list of the slab", slab->List, list);
        report.Expect(slab->Memory, "list by the slab's fill", list, list == IsolatedList ? list : ListFor(slab));
        int free = 0, words = Slab.Words(slab->Objects), tail = slab->Objects & 63;
        for (int i = 0; i < words; i++)
        {
            ulong valid = i == words - 1 && tail != 0 ? (1UL << tail) - 1 : ulong.MaxValue;
            free += BitOperations.PopCount(Slab.Free(slab)[i] & valid);
            report.Expect(slab->Memory, "bits behind the bitmap's last object", (long)(Slab.Free(slab)[i] & ~valid), 0);
        }

        report.Expect(slab->Memory, "objects in use, by the bitmap", slab->Objects - free, slab->InUse);
        for (int i = 0; States is not null && i < slab->Objects; i++)
        {
            byte state = States.Of(slab->Memory + ((nint)i * Layout.Size));
            if (state is ObjectStates.None or > ObjectStates.Waiting
                || (Slab.IsFree(slab, i) && state != ObjectStates.Free))
            {
                report.Add($"0x{slab->Memory + ((nint)i * Layout.Size):x} is {(Slab.IsFree(slab, i) ? "free in its slab" : "taken from its slab")}, and has state {state}");
            }
        }

        ValidateMarks(report, slab);
    }

    private unsafe void ValidateFrames(ValidationReport report, Slab* slab, Sums sums)
    {
        if (!Pages.TryGetFrame(slab->Memory, out Zone? zone, out PageFrame* frame))
        {
            report.Add($"the slab at 0x{slab->Memory:x} lies in no page");
            return;
        }

        uint block = zone.IndexOf(frame) & ~((1u << slab->Order) - 1);
        frame = zone.Frame(block);
        long offset = slab->Memory - Layout.LeftZone - zone.Address(block);
        if (offset % Layout.ColorOffset != 0 || offset / Layout.ColorOffset >= Layout.Colors)
        {
            report.Add($"the first object of the slab at 0x{slab->Memory:x} lies {offset} bytes from its start, which is none of {Layout.Colors} colours");
        }

        report.Expect(slab->Memory, "pages of the slab's block",
            (frame->Flags & PageFlags.Head) == 0 ? 0 : frame->Pages, Layout.PagesIn(slab->Order));
        for (PageFrame* end = frame + Layout.PagesIn(slab->Order); frame < end; frame++)
        {
            sums.Frames += frame->Private == CacheId ? 1 : 0;
            if (frame->Private != CacheId || frame->Mapping != (nint)slab || (frame->Flags & PageFlags.Slab) == 0)
            {
                report.Add($"page 0x{zone.Address(zone.IndexOf(frame)):x} of the slab at 0x{slab->Memory:x} has flags {frame->Flags}, id {frame->Private}, and {(frame->Mapping == (nint)slab ? "names it" : "does not name it")}");
            }
        }
    }

    /// <summary>Counts frames with the cache's id in all zones. They change under the list lock.</summary>
    private unsafe long CountFrames()
    {
        long frames = 0;
        foreach (Zone zone in Pages.ZoneSpan)
        {
            PageFrame* frame = zone.Frame(0);
            for (PageFrame* end = frame + zone.ReachablePages; frame < end; frame++)
            {
                frames += Volatile.Read(ref frame->Private) == CacheId ? 1 : 0;
            }
        }

        return frames;
    }

    private sealed class Sums
    {
        public HashSet<nint> Slabs { get; } = [];

        public long Objects { get; set; }

        public long InUse { get; set; }

        public long Bytes { get; set; }

        public long Hollow { get; set; }

        public long Frames { get; set; }
    }
}
