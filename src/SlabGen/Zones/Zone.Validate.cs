using SlabGen.Memory;
using SlabGen.Zones;

namespace SlabGen;

// The invariants, counted where they do not hold; and what an address is.
public sealed partial class Zone
{
    /// <summary>
    /// Walks the free lists, the page sets and every page. What page sets and slabs change of a frame without the zone's lock
    /// leaves it the first of an allocated block all the time, so that threads at work do not make for violations.
    /// </summary>
    internal void Validate(ValidationReport report)
    {
        report.Subject = ToString();
        foreach (PageSet set in _pageSets)
        {
            set.Validate(report);
        }

        using (_lock.Hold())
        {
            if (!_isUnmapped)
            {
                _buddy.Validate(report);
                ValidateBlocks(report);
            }
        }
    }

    /// <summary>The block that a page of an address lies in.</summary>
    /// <returns>The flags of its first frame; <see cref="PageFlags.None"/> for a page that is in no use, or in a section that is offline.</returns>
    internal unsafe PageFlags FindBlock(nint address, out nint start, out long bytes)
    {
        uint page = (uint)((nuint)(address - Start) >> Page.Shift);
        using (_lock.Hold())
        {
            // A frame with one of these flags is the first of a block that is there now, and blocks are aligned.
            for (int order = 0; order <= BuddyAllocator.MaxOrder; order++)
            {
                uint block = page & ~((1u << order) - 1);
                if (block < ReachablePages && page - block < PagesAt(block))
                {
                    start = Address(block);
                    bytes = (long)PagesAt(block) << Page.Shift;
                    return _memMap[block].Flags;
                }
            }
        }

        start = Address(page);
        bytes = Page.Size;
        return PageFlags.None;
    }

    /// <summary>Whether an address is one of a page that is there, and not in a hole.</summary>
    internal bool HasPageAt(nint address)
    {
        uint page = (uint)Math.Min((nuint)(address - Start) >> Page.Shift, uint.MaxValue);
        return !IsUnmapped && Array.Exists(_window.Present, present => page - present.First < present.Pages);
    }

    /// <summary>The pages of the block whose first frame this is; 0 when it is none.</summary>
    private unsafe uint PagesAt(uint block)
    {
        PageFrame* frame = &_memMap[block];
        return (frame->Flags & PageFlags.Buddy) != 0 ? 1u << frame->Order
            : (frame->Flags & (PageFlags.Head | PageFlags.InSet)) != 0 ? frame->Pages
            : 0u;
    }

    private unsafe void ValidateBlocks(ValidationReport report)
    {
        long allocated = 0, free = 0, online = 0;
        foreach ((uint first, uint count) in _window.Present)
        {
            bool inBlock = true;
            for (uint page = first, end = first + count, pages; page < end; page += pages)
            {
                uint sectionEnd = Math.Min(end, (page / SectionPages * SectionPages) + SectionPages);
                if (_sections[page / SectionPages] == SectionState.Offline)
                {
                    pages = sectionEnd - page;
                    continue;
                }

                pages = PagesAt(page);
                if (pages == 0 && inBlock)
                {
                    report.Add($"page {page} is in no block, free or allocated"); // and those behind it, perhaps
                }

                inBlock = pages > 0;
                bool isFree = (_memMap[page].Flags & PageFlags.Buddy) != 0;
                allocated += isFree ? 0 : pages;
                free += isFree ? pages : 0;
                pages = Math.Max(pages, 1);
                online += pages;
            }
        }

        report.Expect(0, "allocated pages", _allocatedPages, allocated);
        report.Expect(0, "pages in free blocks", _buddy.FreePages, free);
        report.Expect(0, "pages online", _onlinePages, online);
    }
}
