namespace SlabGen.Zones;

// Counts the invariants that do not hold.
internal sealed partial class BuddyAllocator
{
    /// <summary>Walks every list. The caller holds the zone's lock.</summary>
    public unsafe void Validate(ValidationReport report)
    {
        long free = 0, warm = 0;
        for (int order = 0; order <= MaxOrder; order++)
        {
            FrameList area = _areas[order];
            uint previous = PageFrame.None, block = area.First;
            int count = 0;
            for (; block != PageFrame.None && count <= _spanned; count++)
            {
                PageFrame* frame = &_frames[block];
                report.Expect((nint)block, "link back on a list of free blocks", frame->Prev, previous);
                ValidateBlock(report, block, order);
                free += 1L << order;
                warm += (frame->Flags & PageFlags.Cold) == 0 ? 1L << order : 0;
                (previous, block) = (block, frame->Next);
            }

            report.Expect(0, $"free blocks of order {order}", area.Count, count);
            report.Expect(0, $"last free block of order {order}", area.Last, previous);
        }

        report.Expect(0, "free pages", FreePages, free);
        report.Expect(0, "free pages that hold memory", WarmFreePages, warm);
    }

    private unsafe void ValidateBlock(ValidationReport report, uint block, int order)
    {
        PageFrame* frame = &_frames[block];
        if ((frame->Flags & ~PageFlags.Cold) != PageFlags.Buddy || frame->Order != order
            || (block & ((1u << order) - 1)) != 0)
        {
            report.Add($"page {block} is on the list of free blocks of order {order}, with flags {frame->Flags} and order {frame->Order}");
            return;
        }

        // Of two buddies the lower one answers for both.
        uint buddy = block ^ (1u << order);
        if (order < MaxOrder && buddy > block && buddy + (1u << order) <= _spanned
            && (_frames[buddy].Flags & PageFlags.Buddy) != 0 && _frames[buddy].Order == order)
        {
            report.Add($"the free blocks at pages {block} and {buddy}, buddies of order {order}, are not merged");
        }
    }
}
