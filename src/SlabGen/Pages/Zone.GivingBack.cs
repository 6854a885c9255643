using SlabGen.Memory;

namespace SlabGen.Pages;

// Where the zone's memory comes from and goes back to: sections online and offline, free blocks with memory and without.
internal sealed partial class Zone
{
    /// <summary>Bytes of free memory that a zone always keeps, and the most that it learns to keep.</summary>
    private const long LeastKeepBytes = 1 << 20, MostKeepBytes = 64 << 20;

    /// <summary>The least block that is worth a system call of its own: 128 KiB with pages of 4 KiB, as in glibc.</summary>
    private const int LeastGivenOrder = 5;

    private long _keepPages = LeastKeepBytes >> Page.Shift;
    private bool _gaveBack; // since pages without memory were last handed out

    /// <summary>Pages whose memory went back to the system because too many were free; those of <see cref="Trim"/> not included.</summary>
    public long GivenBackPages { get; private set; }

    /// <summary>Gives the memory of all free blocks back to the system; sections that are wholly free go offline.</summary>
    /// <returns>Bytes given back.</returns>
    public long Trim()
    {
        using (_lock.Hold())
        {
            return _released ? 0 : TrimLocked();
        }
    }

    /// <summary>
    /// After pages were freed: gives the memory of large free blocks back while too many are free. Two blocks to a call, so
    /// that none pays for all that others freed, and what is over does not pile up. The blocks stay free and online.
    /// </summary>
    private void GiveBackSurplus()
    {
        for (int i = 0; i < 2 && _buddy.WarmFreePages > Math.Max(_keepPages, AllocatedPages / 8); i++)
        {
            GiveBackOneBlock();
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

    private void GiveBackOneBlock()
    {
        for (int order = BuddyAllocator.MaxOrder; order >= LeastGivenOrder; order--)
        {
            uint block = _buddy.FirstWarm(order);
            if (block == PageFrame.None)
            {
                continue;
            }

            if (_memory.Discard(Address(block), (long)Page.Size << order))
            {
                _buddy.MakeCold(block, order);
                _gaveBack = true;
                GivenBackPages += 1L << order;
            }

            return;
        }
    }

    private unsafe long TrimLocked()
    {
        long before = CommittedLocked();
        _keepPages = LeastKeepBytes >> Page.Shift;
        _gaveBack = false;
        for (int order = 0; order <= BuddyAllocator.MaxOrder; order++)
        {
            for (uint block = _buddy.FirstWarm(order), next; block != PageFrame.None; block = next)
            {
                next = _buddy.NextWarm(block);
                if (_memory.Discard(Address(block), (long)Page.Size << order))
                {
                    _buddy.MakeCold(block, order);
                }
            }
        }

        uint whole = _buddy.LastCold(BuddyAllocator.MaxOrder);
        while (whole != PageFrame.None && TryTakeSectionOffline(whole))
        {
            whole = _buddy.LastCold(BuddyAllocator.MaxOrder);
        }

        return before - CommittedLocked();
    }

    private bool BringSectionOnline()
    {
        int section = _online.AsSpan().IndexOf(false);
        if (section < 0)
        {
            return false;
        }

        uint first = (uint)section * SectionPages;
        uint pages = Math.Min(SectionPages, _spannedPages - first);
        if (!_memory.Commit(Address(first), (long)pages << Page.Shift))
        {
            return false;
        }

        _online[section] = true;
        _onlinePages += pages;
        _buddy.Give(first, pages, cold: true);
        return true;
    }

    /// <returns><see langword="false"/> when the system refuses: then the section stays online, without memory.</returns>
    private unsafe bool TryTakeSectionOffline(uint block)
    {
        if (!_memory.Decommit(Address(block), (long)SectionPages << Page.Shift))
        {
            return false;
        }

        _buddy.Remove(block, BuddyAllocator.MaxOrder);
        _online[block / SectionPages] = false;
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
