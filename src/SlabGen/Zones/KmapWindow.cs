using SlabGen.Memory;

namespace SlabGen.Zones;

/// <summary>
/// Tracks which pages of high memory are mapped: the kernel's <c>kmap</c> with its table of bounded size
/// (mm/highmem.c). A page without users stays mapped until its place is needed. The least recently used page goes
/// first.
/// </summary>
/// <remarks>
/// <para>Everything is under the lock. It comes before the zone's lock and after all others.</para>
/// <para>Invariants: a frame has <see cref="PageFlags.Mapped"/> exactly while its page is mapped. The page is then in
/// one of three states: in use (<see cref="PageFrame.MapCount"/> above 0), on the list of the idle (<c>Next</c>,
/// <c>Prev</c>), or kept mapped with its block (<see cref="PageFlags.KeptMapped"/>). <see cref="_mapped"/> counts the
/// first two, and is at most the capacity.</para>
/// </remarks>
internal sealed class KmapWindow(Zone zone, FileWindow window, int capacity)
{
    private readonly UninterruptibleLock _lock = new();
    private FrameList _idle = new(); // by the time of their last use, the oldest first
    private int _mapped;

    /// <summary>The number of pages that may be mapped at once.</summary>
    public int Capacity => capacity;

    /// <summary>The number of pages that are mapped now, and how many of those have no user.</summary>
    public (int Mapped, int Idle) Count()
    {
        using (_lock.Hold())
        {
            return (_mapped, _idle.Count);
        }
    }

    /// <summary>Maps a page, or counts one more user of its mapping.</summary>
    /// <returns>Its address, or 0 when every place is in use.</returns>
    /// <exception cref="InvalidOperationException">The page is not allocated, or has 65535 users.</exception>
    /// <exception cref="IOException">The file or the system refuses. Nothing has changed.</exception>
    public nint Map(uint page)
    {
        nint address = Map(page, out Exception? refusal);
        // Not thrown under the lock, because AppDomain.FirstChanceException sees it.
        return refusal is null ? address : throw refusal;
    }

    private unsafe nint Map(uint page, out Exception? refusal)
    {
        refusal = null;
        using (_lock.Hold())
        {
            PageFrame* frame = zone.Frame(page);
            if (!zone.IsInBlock(page))
            {
                refusal = new InvalidOperationException($"{new PagePtr(zone, page)} cannot be mapped: it is not allocated.");
                return 0;
            }

            if (frame->MapCount == ushort.MaxValue)
            {
                refusal = new InvalidOperationException($"{new PagePtr(zone, page)} is mapped {ushort.MaxValue} times, the most that can be counted.");
                return 0;
            }

            if ((frame->Flags & PageFlags.Mapped) == 0)
            {
                if (_mapped == capacity && !TryRecycle())
                {
                    return 0;
                }

                if (window.Map(page, 1) is { } why)
                {
                    refusal = new IOException($"{new PagePtr(zone, page)} cannot be mapped: {why}");
                    return 0;
                }

                frame->Flags |= PageFlags.Mapped;
                _mapped++;
            }
            else if (frame->MapCount == 0)
            {
                _idle.Remove(zone.Frame(0), zone.IndexOf(frame));
            }

            frame->MapCount++;
            return zone.Address(page);
        }
    }

    /// <summary>Removes one user of the mapping.</summary>
    /// <exception cref="InvalidOperationException">The mapping has no user.</exception>
    public void Unmap(uint page)
    {
        if (!TryUnmap(page))
        {
            throw new InvalidOperationException($"{new PagePtr(zone, page)} is unmapped more often than it was mapped.");
        }
    }

    private unsafe bool TryUnmap(uint page)
    {
        using (_lock.Hold())
        {
            PageFrame* frame = zone.Frame(page);
            int kept = (frame->Flags & PageFlags.KeptMapped) != 0 ? 1 : 0;
            if (frame->MapCount <= kept)
            {
                return false;
            }

            if (--frame->MapCount == 0)
            {
                _idle.AddLast(zone.Frame(0), page);
            }

            return true;
        }
    }

    /// <summary>Maps a block outside the window, for the block's whole life.</summary>
    /// <returns>Why it was refused, or <see langword="null"/>.</returns>
    public unsafe string? MapBlock(uint first, uint pages)
    {
        using (_lock.Hold())
        {
            string? refusal = window.Map(first, pages);
            for (uint page = first; refusal is null && page < first + pages; page++)
            {
                zone.Frame(page)->Flags |= PageFlags.Mapped | PageFlags.KeptMapped;
                zone.Frame(page)->MapCount = 1;
            }

            return refusal;
        }
    }

    /// <summary>Called before a block is freed: unmaps its pages that are idle or kept mapped.</summary>
    /// <returns><see langword="false"/> when a page of it still has a user. Then nothing was unmapped.</returns>
    public unsafe bool TryForget(uint first, uint pages)
    {
        using (_lock.Hold())
        {
            for (uint page = first; page < first + pages; page++)
            {
                if (zone.Frame(page)->MapCount > ((zone.Frame(page)->Flags & PageFlags.KeptMapped) != 0 ? 1 : 0))
                {
                    return false;
                }
            }

            for (uint page = first; page < first + pages; page++)
            {
                PageFrame* frame = zone.Frame(page);
                if ((frame->Flags & PageFlags.Mapped) == 0)
                {
                    continue;
                }

                if (!window.Unmap(page, 1))
                {
                    return false;
                }

                if ((frame->Flags & PageFlags.KeptMapped) == 0)
                {
                    _idle.Remove(zone.Frame(0), zone.IndexOf(frame));
                    _mapped--;
                }

                frame->Flags &= ~(PageFlags.Mapped | PageFlags.KeptMapped);
                frame->MapCount = 0;
            }

            return true;
        }
    }

    /// <summary>Makes a new block read as zeros. No other thread knows it yet.</summary>
    /// <returns>Why it was refused, or <see langword="null"/>.</returns>
    public unsafe string? Clear(uint first, uint pages)
    {
        string? refusal = window.Map(first, pages);
        if (refusal is null)
        {
            new Span<byte>((void*)zone.Address(first), (int)(pages << Page.Shift)).Clear();
            window.Unmap(first, pages);
        }

        return refusal;
    }

    private unsafe bool TryRecycle()
    {
        uint oldest = _idle.First;
        if (oldest == PageFrame.None || !window.Unmap(oldest, 1))
        {
            return false;
        }

        PageFrame* frame = zone.Frame(oldest);
        _idle.Remove(zone.Frame(0), oldest);
        frame->Flags &= ~PageFlags.Mapped;
        _mapped--;
        return true;
    }
}
