using SlabGen.Memory;
using SlabGen.Zones;

namespace SlabGen;

// Where the zone's memory comes from and goes back to: online and offline sections, free blocks with and without
// memory.
public sealed partial class Zone
{
    /// <summary>The bytes of free memory that a zone always keeps, and the most that it learns to keep.</summary>
    private const long LeastKeepBytes = 1 << 20, MostKeepBytes = 64 << 20;

    /// <summary>
    /// The smallest block that is worth a system call of its own: 128 KiB with pages of 4 KiB, as in glibc.
    /// </summary>
    private const int LeastGivenOrder = 5;

    /// <summary>Bytes of the table of cache ids that are committed at once: a section has too few of its own for a system call.</summary>
    private const int CacheIdStep = 64 << 10;

    private enum SectionState : byte
    {
        Offline,
        Online,
    }

    /// <summary>Whether part of the zone could still come online.</summary>
    private bool HasSectionsOffline
    {
        get
        {
            using (_lock.Hold())
            {
                return _onlinePages < PresentPages;
            }
        }
    }

    /// <summary>Gives the memory of all free blocks back to the system; sections that are wholly free go offline.</summary>
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
    /// Free pages that may keep their memory: what was learned, or an eighth of what is allocated, but hardly more than brings the zone back to its
    /// recent peak. What is free at the peak itself are holes that nothing fitted into.
    /// </summary>
    private long MostWarm => Math.Min(
        Math.Max(_keepPages, AllocatedPages / 8),
        Math.Max(_peakPages - AllocatedPages, Math.Max(LeastKeepBytes >> Page.Shift, AllocatedPages / 32)));

    /// <summary>
    /// After pages were freed: gives the memory of large free blocks back while too many are free. Two blocks to a call, so
    /// that none pays for all that others freed, and what is over does not pile up. The blocks stay free and online.
    /// </summary>
    private void TrimSurplus()
    {
        for (int i = 0; i < 2 && _buddy.WarmFreePages > MostWarm; i++)
        {
            TrimOneBlock();
        }
    }

    /// <summary>When pages without memory are handed out: if some had been trimmed before, keep more the next time, as glibc's mmap threshold learns.</summary>
    private void LearnToKeep()
    {
        if (_gaveBack)
        {
            _gaveBack = false;
            _keepPages = Math.Min(_keepPages * 2, MostKeepBytes >> Page.Shift);
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
            if (!_isUnmapped)
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

    /// <summary>
    /// Brings the lowest offline section online. A section that is all hole has nothing to give, so the next one is
    /// taken.
    /// </summary>
    private bool BringSectionOnline()
    {
        for (int section = _sections.AsSpan().IndexOf(SectionState.Offline); section >= 0; section =
            _sections.AsSpan().IndexOf(SectionState.Offline))
        {
            long before = _onlinePages;
            if (!TryBringOnline((uint)section))
            {
                return false;
            }

            _sections[section] = SectionState.Online;
            if (_onlinePages > before)
            {
                return true;
            }
        }

        return false;
    }

    private bool TryBringOnline(uint section)
    {
        uint first = section * SectionPages, end = Math.Min(first + SectionPages, SpannedPages);
        if (!TryReachFrames(first + SectionPages) || !TryCommitPresent(first, end))
        {
            return false;
        }

        foreach ((uint start, uint pages) in _window.Present)
        {
            uint from = Math.Max(first, start), to = Math.Min(end, start + pages);
            if (from < to)
            {
                _onlinePages += to - from;
                _buddy.Give(from, to - from, cold: true);
            }
        }

        return true;
    }

    /// <returns><see langword="false"/> when the system refuses part of it. Then nothing is committed.</returns>
    private bool TryCommitPresent(uint first, uint end)
    {
        foreach ((uint start, uint pages) in _window.Present)
        {
            uint from = Math.Max(first, start), to = Math.Min(end, start + pages);
            if (from < to && !_window.Commit(from, to - from))
            {
                foreach ((uint undoStart, uint undoPages) in _window.Present)
                {
                    uint undoFrom = Math.Max(first, undoStart), undoTo = Math.Min(from, undoStart + undoPages);
                    if (undoFrom < undoTo)
                    {
                        _window.Decommit(undoFrom, undoTo - undoFrom);
                    }
                }

                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// Commits <c>mem_map</c> up to a page. It never shrinks, so every frame that was ever in use can be read.
    /// </summary>
    private unsafe bool TryReachFrames(uint end)
    {
        uint reach = _reachablePages;
        if (end <= reach)
        {
            return true;
        }

        if (!TryCommit((nint)_memMap, sizeof(PageFrame), reach, end, Page.Size) || !TryCommit((nint)_cacheIds, sizeof(ushort), reach, end, CacheIdStep))
        {
            return false; // what is committed now may be so again
        }

        Volatile.Write(ref _reachablePages, Math.Min(end, SpannedPages));
        return true;
    }

    /// <summary>Commits the part of a table by page that goes up to a page, in steps of so many bytes.</summary>
    private bool TryCommit(nint table, int entryBytes, uint reach, uint end, int step)
    {
        nint from = table + (nint)Page.RoundUp((long)reach * entryBytes, step);
        nint to = table + (nint)Page.RoundUp((long)end * entryBytes, step);
        return to <= from || _memory.Commit(from, to - from);
    }

    /// <returns><see langword="false"/> when the system refuses: then the section stays online, without memory.</returns>
    private unsafe bool TryTakeSectionOffline(uint block)
    {
        if (!_window.Decommit(block, SectionPages))
        {
            return false;
        }

        _buddy.Remove(block, BuddyAllocator.MaxOrder);
        _sections[block / SectionPages] = SectionState.Offline;
        _onlinePages -= SectionPages;

        // The section's part of mem_map is 32 KiB. That is whole pages, unless pages are larger.
        nint frames = (nint)(_memMap + block);
        int bytes = (int)SectionPages * sizeof(PageFrame);
        if (bytes % Page.Size != 0 || !_memory.Trim(frames, bytes))
        {
            new Span<byte>((void*)frames, bytes).Clear();
        }

        return true;
    }
}
