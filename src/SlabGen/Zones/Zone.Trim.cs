using SlabGen.Memory;
using SlabGen.Zones;

namespace SlabGen;

// When the memory of free pages goes back to the system, and how much stays.
public sealed partial class Zone
{
    /// <summary>The bytes of free memory that a zone always keeps, and the most that it learns to keep.</summary>
    private const long LeastKeepBytes = 256 << 10, MostKeepBytes = 64 << 20;

    /// <summary>The bytes of holes beside what brings the zone back to its peak that are always kept.</summary>
    private const long HoleBytes = 256 << 10;

    /// <summary>
    /// The smallest block that is worth a system call of its own: 32 KiB with pages of 4 KiB.
    /// </summary>
    private const int LeastGivenOrder = 3;

    /// <summary>
    /// Gives the memory of all free blocks back to the system; sections that are wholly free go offline.
    /// </summary>
    /// <returns>Bytes trimmed.</returns>
    internal long Trim()
    {
        using (_lock.Hold())
        {
            if (_isUnmapped)
            {
                return 0;
            }

            long before = CommittedLocked();
            TrimLocked();
            CountCommitted();
            return before - CommittedLocked();
        }
    }

    /// <summary>
    /// Free pages that may keep their memory: what was learned, or an eighth of what is allocated, but hardly more than
    /// brings the zone back to its recent peak. What is free at the peak itself are holes that nothing fitted into.
    /// </summary>
    private long MostWarm => Math.Min(
        Math.Max(_keepPages, AllocatedPages / 8),
        Math.Max(LeastKeepBytes >> Page.Shift,
            _peakPages - AllocatedPages + Math.Max(HoleBytes >> Page.Shift, AllocatedPages / 32)));

    /// <summary>
    /// After pages were freed: gives the memory of large free blocks back while too many are free. Two blocks to a
    /// call, so that none pays for all that others freed, and what is over does not pile up. The blocks stay free and
    /// online.
    /// </summary>
    private void TrimSurplus()
    {
        for (int i = 0; i < 2 && _buddy.WarmFreePages > MostWarm; i++)
        {
            TrimOneBlock();
        }
    }

    /// <summary>
    /// When pages without memory are handed out: if some had been trimmed before, keep more the next time, as glibc's
    /// mmap threshold learns.
    /// </summary>
    private void LearnToKeep()
    {
        if (_gaveBack)
        {
            _gaveBack = false;
            _keepPages = Math.Min(_keepPages * 2, MostKeepBytes >> Page.Shift);
        }
    }

    /// <summary>Gives the memory of pages of a block back that its holder does not need; they read as zeros.</summary>
    /// <returns><see langword="false"/> when the system refuses.</returns>
    internal bool TryHollow(uint first, uint pages)
    {
        using (_lock.Hold())
        {
            bool gone = !_isUnmapped && _window.Trim(first, pages);
            _hollowPages += gone ? pages : 0;
            CountCommitted();
            return gone;
        }
    }

    /// <summary>Before pages of <see cref="TryHollow"/> are used again, or freed.</summary>
    internal void FillHollow(int pages)
    {
        using (_lock.Hold())
        {
            _hollowPages -= pages;
            CountCommitted();
        }
    }

    /// <summary>An interval ends: the peak of the next one counts.</summary>
    private void ForgetPeak()
    {
        using (_lock.Hold())
        {
            _peakPages = _allocatedPages;
        }
    }

    /// <summary>Lets the system make huge pages again where all is in use.</summary>
    private void RestoreHugePages()
    {
        using (_lock.Hold())
        {
            if (!_isUnmapped && _hollowPages == 0)
            {
                _window.RestoreHugePages(IsWholeInUse);
            }
        }
    }

    /// <summary>Whether all of a run of pages is in use. The first page is a multiple of their number.</summary>
    private unsafe bool IsWholeInUse(uint first, uint pages)
    {
        uint page = first;
        while (page < first + pages && page < _reachablePages)
        {
            // The first page may lie in the middle of the section's only block.
            uint head = page == first && PagesAt(page) == 0 ? page / SectionPages * SectionPages : page;
            uint end = head + PagesAt(head);
            if (end <= page || (_memMap[head].Flags & PageFlags.Buddy) != 0)
            {
                return false;
            }

            page = end;
        }

        return page >= first + pages;
    }

    private void TrimOneBlock()
    {
        for (int order = BuddyAllocator.MaxOrder; order >= LeastGivenOrder; order--)
        {
            uint block = _buddy.FirstWarm(order);
            if (block == PageFrame.None)
            {
                continue;
            }

            if (_window.Trim(block, 1u << order))
            {
                _buddy.MakeCold(block, order);
                _gaveBack = true;
                TrimmedPages += 1L << order;
            }

            return;
        }
    }

    private void TrimLocked()
    {
        _keepPages = LeastKeepBytes >> Page.Shift;
        _peakPages = AllocatedPages;
        _gaveBack = false;
        RegainRefused();
        _window.BeginTrim();
        for (int order = 0; order <= BuddyAllocator.MaxOrder; order++)
        {
            // Under a huge page a block may hold memory though it was never touched, or though its memory went back,
            // because a neighbour was touched.
            for (uint block = _buddy.First(order); block != PageFrame.None; block = _buddy.Next(block))
            {
                if (_window.MayHoldMemory(block, 1u << order) && !_buddy.IsWarm(block))
                {
                    _window.Trim(block, 1u << order);
                }
            }

            for (uint block = _buddy.FirstWarm(order), next; block != PageFrame.None; block = next)
            {
                next = _buddy.NextWarm(block);
                if (_window.Trim(block, 1u << order))
                {
                    _buddy.MakeCold(block, order);
                }
            }
        }

        _window.EndTrim();
        uint whole = _buddy.LastCold(BuddyAllocator.MaxOrder);
        while (whole != PageFrame.None && TryTakeSectionOffline(whole))
        {
            whole = _buddy.LastCold(BuddyAllocator.MaxOrder);
        }
    }
}
