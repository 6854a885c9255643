using SlabGen.Memory;
using SlabGen.Zones;

namespace SlabGen;

// Counts the invariants that do not hold, and tells what an address is.
public sealed partial class Zone
{
    /// <summary>
    /// Walks the free lists, the page sets and every page. Page sets and slabs change a frame without the zone's lock,
    /// but the frame is always the first of an allocated block. So threads at work cause no violations.
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

    /// <summary>Finds the block that contains the page of an address.</summary>
    /// <returns>
    /// The flags of its first frame; <see cref="PageFlags.None"/> for a page that is not in use, or in an offline
    /// section.
    /// </returns>
    internal unsafe PageFlags FindBlock(nint address, out nint start, out long bytes)
    {
        uint page = (uint)((nuint)(address - Start) >> Page.Shift);
        using (_lock.Hold())
        {
            // A frame with one of these flags is the first of a current block, and blocks are aligned.
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

    /// <summary>Whether there is a page at an address, and not a hole.</summary>
    internal bool HasPageAt(nint address)
    {
        uint page = (uint)Math.Min((nuint)(address - Start) >> Page.Shift, uint.MaxValue);
        return !IsUnmapped && Array.Exists(_window.Present, present => page - present.First < present.Pages);
    }

    /// <summary>The number of pages of the block that starts at this frame; 0 when no block does.</summary>
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
                    report.Add($"page {page} is in no block, free or allocated"); // and perhaps those behind it
                }

                inBlock = pages > 0;
                bool isFree = (_memMap[page].Flags & PageFlags.Buddy) != 0;
                bool isKept = _memMap[page].Flags == (PageFlags.Head | PageFlags.Cold); // by its owner, without memory
                allocated += isFree || isKept ? 0 : pages;
                free += isFree ? pages : 0;
                pages = Math.Max(pages, 1);
                online += pages;
            }
        }

        report.Expect(0, "allocated pages", _allocatedPages, allocated);
        if (_hollowPages < 0 || _hollowPages > _allocatedPages)
        {
            report.Add($"{_hollowPages} of {_allocatedPages} allocated pages are without memory");
        }

        report.Expect(0, "pages in free blocks", _buddy.FreePages, free);
        report.Expect(0, "pages online", _onlinePages, online);
    }
}
