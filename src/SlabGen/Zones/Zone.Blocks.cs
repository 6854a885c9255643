using SlabGen.Memory;
using SlabGen.Zones;

namespace SlabGen;

// Handing out blocks of pages, and taking them back.
public sealed partial class Zone
{
    /// <summary>
    /// Takes <paramref name="pages"/> consecutive pages, aligned to their number rounded up to a power of two
    /// (<c>rmqueue_buddy</c>).
    /// </summary>
    /// <param name="pages">1 to 2^<see cref="BuddyAllocator.MaxOrder"/>.</param>
    /// <param name="zeroed">Whether the pages are known to read as zeros.</param>
    /// <returns>The index of the first frame, or <see cref="PageFrame.None"/> when there is no such block.</returns>
    internal uint Alloc(uint pages, out bool zeroed)
    {
        using (_lock.Hold())
        {
            uint block = AllocLocked(pages, out zeroed);
            CountCommitted();
            return block;
        }
    }

    /// <inheritdoc cref="Alloc(uint, out bool)"/>
    internal uint Alloc(uint pages) => Alloc(pages, out _);

    /// <summary>Takes blocks of one order for a page set.</summary>
    /// <returns>How many were taken.</returns>
    internal unsafe int AllocForSet(int order, Span<uint> blocks)
    {
        using (_lock.Hold())
        {
            int taken = 0;
            for (; taken < blocks.Length; taken++)
            {
                uint block = AllocLocked(1u << order, out _);
                if (block == PageFrame.None)
                {
                    break;
                }

                _memMap[block].Flags = PageFlags.InSet;
                _memMap[block].Count = 0;
                blocks[taken] = block;
            }

            CountCommitted();
            return taken;
        }
    }

    /// <summary>Takes blocks back from a page set.</summary>
    internal void FreeFromSet(ReadOnlySpan<uint> blocks)
    {
        using (_lock.Hold())
        {
            foreach (uint block in blocks)
            {
                FreeLocked(block);
            }

            TrimSurplus();
            CountCommitted();
        }
    }

    /// <summary>Gives back a block that <see cref="Alloc(uint)"/> returned.</summary>
    /// <exception cref="InvalidOperationException">The frame is not the first of an allocated block with this use, or
    /// is referenced more than once.</exception>
    internal void Free(uint block, PageFlags use)
    {
        if (!TryFree(block, PageFlags.Head | use, out _))
        {
            throw NotFreeable(block);
        }
    }

    /// <inheritdoc cref="Free(uint, PageFlags)"/>
    internal void Free(uint block) => Free(block, PageFlags.None);

    /// <summary>Gives back a block, if the frame is the first of a block that has exactly these flags.</summary>
    internal unsafe bool TryFree(uint block, PageFlags flags, out uint pages)
    {
        using (_lock.Hold())
        {
            pages = 0;
            PageFrame* head = &_memMap[block];
            if (_isUnmapped || head->Flags != flags || head->MapCount != 0
                || Interlocked.CompareExchange(ref head->Count, 0, 1) != 1)
            {
                return false;
            }

            pages = FreeLocked(block);
            TrimSurplus();
            CountCommitted();
            return true;
        }
    }

    /// <summary>
    /// Gives back a block whose last holder has let it go. Its count is 0, and its flags still say that it is
    /// allocated.
    /// </summary>
    internal void FreeReferenceless(uint block)
    {
        using (_lock.Hold())
        {
            FreeLocked(block);
            TrimSurplus();
            CountCommitted();
        }
    }

    /// <summary>
    /// Gives the memory of free pages back when it, together with the pages in use, exceeds the limit.
    /// </summary>
    internal void TrimIfOverLimit()
    {
        using (_lock.Hold())
        {
            if (!_isUnmapped && _budget.UsedPages + _buddy.WarmFreePages > _budget.LimitPages)
            {
                TrimLocked();
                CountCommitted();
            }
        }
    }

    /// <summary>Makes the error for a block that cannot be freed.</summary>
    internal unsafe InvalidOperationException NotFreeable(uint block)
    {
        PageFrame* head = &_memMap[block];
        string mapped = head->MapCount == 0 ? "" : $", mapped {head->MapCount} time(s)";
        return new InvalidOperationException(
            $"Page 0x{Address(block):x} of zone {Name} is freed while its flags are {head->Flags} and its count is {head->Count}{mapped}; expected the first page of an allocated block with count 1.");
    }

    private unsafe uint AllocLocked(uint pages, out bool zeroed)
    {
        zeroed = false;
        int order = Page.OrderOf((long)pages << Page.Shift);
        if (_isUnmapped || _allocatedPages + pages > ManagedPages || !_budget.TryCharge(pages))
        {
            return PageFrame.None;
        }

        uint block = _buddy.Take(order, out bool cold);
        while (block == PageFrame.None)
        {
            if (!BringSectionOnline())
            {
                _budget.Uncharge(pages);
                return PageFrame.None;
            }

            block = _buddy.Take(order, out cold);
        }

        if (cold)
        {
            LearnToKeep();
            zeroed = true;
        }

        uint surplus = (1u << order) - pages;
        if (surplus > 0)
        {
            _buddy.Give(block + pages, surplus, cold);
        }

        Volatile.Write(ref _allocatedPages, _allocatedPages + pages);
        _peakPages = Math.Max(_peakPages, _allocatedPages);
        if (cold)
        {
            TrimSurplus();
        }

        PageFrame* head = &_memMap[block];
        head->Flags = PageFlags.Head;
        head->Order = (byte)order;
        head->Pages = (ushort)pages;
        head->Count = 1;
        if (_budget.UsedPages + _buddy.WarmFreePages > _budget.LimitPages)
        {
            TrimLocked(); // as in TrimIfOverLimit
        }

        return block;
    }

    private unsafe uint FreeLocked(uint block)
    {
        PageFrame* head = &_memMap[block];
        uint pages = head->Pages;
        head->Flags = PageFlags.None;
        Volatile.Write(ref _allocatedPages, _allocatedPages - pages);
        _budget.Uncharge(pages);
        _buddy.Give(block, pages, cold: false);
        return pages;
    }
}
