using SlabGen.Memory;
using SlabGen.Zones;

namespace SlabGen;

// Where the zone's memory comes from and goes back to: online and offline sections.
public sealed partial class Zone
{
    /// <summary>
    /// Bytes of the table of cache ids that are committed at once: a section has too few of its own for a system call.
    /// </summary>
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

    /// <summary>
    /// Brings the lowest offline section online. A section that is all hole has nothing to give, so the next one is
    /// taken.
    /// </summary>
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

        if (!TryCommit((nint)_memMap, sizeof(PageFrame), reach, end, Page.Size)
            || !TryCommit((nint)_cacheIds, sizeof(ushort), reach, end, CacheIdStep)
            || (_objectStates != 0 && !TryCommit(_objectStates, ObjectStatesInPage, reach, end, Page.Size)))
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

    /// <returns>
    /// <see langword="false"/> when the system refuses: then the section stays online, without memory.
    /// </returns>
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

        if (_objectStates != 0)
        {
            // Zero already: where this is refused, memory is lost, no more.
            _memory.Trim(_objectStates + ((nint)block * ObjectStatesInPage), SectionPages * ObjectStatesInPage);
        }

        return true;
    }
}
