using SlabGen.Memory;
using SlabGen.Zones;

namespace SlabGen;

// Where the zone's memory comes from and goes back to: sections online and offline, free blocks with memory and without.
public sealed partial class Zone
{
    /// <summary>Bytes of free memory that a zone always keeps, and the most that it learns to keep.</summary>
    private const long LeastKeepBytes = 1 << 20, MostKeepBytes = 64 << 20;

    /// <summary>The least block that is worth a system call of its own: 128 KiB with pages of 4 KiB, as in glibc.</summary>
    private const int LeastGivenOrder = 5;

    private enum SectionState : byte
    {
        Offline,
        Online,
    }

    /// <summary>Pages whose memory went back to the system because too many were free. Pages that went back on request are not counted.</summary>
    public long TrimmedPages { get; private set; }

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
    /// <returns>Bytes given back.</returns>
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
    /// After pages were freed: gives the memory of large free blocks back while too many are free. Two blocks to a call, so
    /// that none pays for all that others freed, and what is over does not pile up. The blocks stay free and online.
    /// </summary>
    private void TrimSurplus()
    {
        for (int i = 0; i < 2 && _buddy.WarmFreePages > Math.Max(_keepPages, AllocatedPages / 8); i++)
        {
            TrimOneBlock();
        }
    }

    /// <summary>When pages without memory are handed out: if some had been given back before, keep more the next time, as glibc's mmap threshold learns.</summary>
    private void LearnToKeep()
    {
        if (_gaveBack)
        {
            _gaveBack = false;
            _keepPages = Math.Min(_keepPages * 2, MostKeepBytes >> Page.Shift);
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

    /// <summary>Whether no page from a first one, which is a multiple of their number, is free or offline.</summary>
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

            if (_window.Discard(block, 1u << order))
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
        _gaveBack = false;
        _window.BeginTrim();
        for (int order = 0; order <= BuddyAllocator.MaxOrder; order++)
        {
            // By a huge page a block may hold memory that was never touched, or that went back: a neighbour was touched.
            for (uint block = _buddy.First(order); block != PageFrame.None; block = _buddy.Next(block))
            {
                if (_window.MayHoldMemory(block, 1u << order) && !_buddy.IsWarm(block))
                {
                    _window.Discard(block, 1u << order);
                }
            }

            for (uint block = _buddy.FirstWarm(order), next; block != PageFrame.None; block = next)
            {
                next = _buddy.NextWarm(block);
                if (_window.Discard(block, 1u << order))
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

    /// <summary>The lowest section that is offline comes online; one that is all hole has nothing to give, and the next is taken.</summary>
    private bool BringSectionOnline()
    {
        for (int section = 0; section < _sections.Length; section++)
        {
            if (_sections[section] != SectionState.Offline)
            {
                continue;
            }

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

    /// <returns><see langword="false"/> when the system refuses part of it; then none is committed.</returns>
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

    /// <summary>Commits the part of <c>mem_map</c> up to a page; never less, so that any frame that was ever in use can be read.</summary>
    private unsafe bool TryReachFrames(uint end)
    {
        uint reach = _reachablePages;
        if (end <= reach)
        {
            return true;
        }

        nint from = _memMapStart + (nint)Page.RoundUp((long)reach * sizeof(PageFrame), Page.Size);
        nint to = _memMapStart + (nint)Page.RoundUp((long)end * sizeof(PageFrame), Page.Size);
        if (to > from && !_memory.Commit(from, to - from))
        {
            return false;
        }

        Volatile.Write(ref _reachablePages, Math.Min(end, SpannedPages));
        return true;
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

        // The section's part of mem_map: 32 KiB, which is whole pages unless pages are larger than that.
        nint frames = (nint)(_memMap + block);
        int bytes = (int)SectionPages * sizeof(PageFrame);
        if (bytes % Page.Size != 0 || !_memory.Discard(frames, bytes))
        {
            new Span<byte>((void*)frames, bytes).Clear();
        }

        return true;
    }
}
