using SlabGen.Memory;
using SlabGen.Zones;

namespace SlabGen;

// Blocks whose owner keeps their addresses and not their memory, and pages that nobody can access.
public sealed partial class Zone
{
    /// <summary>
    /// An allocated block, whose owner alone knows it, gives its memory back and stays the owner's. It counts no more.
    /// Where the system keeps the memory, the block is cleared, and counts on.
    /// </summary>
    /// <param name="block">Its first page.</param>
    /// <param name="accessible">How many of its pages are accessible, from the first on.</param>
    internal unsafe void Keep(uint block, uint accessible)
    {
        using (_lock.Hold())
        {
            PageFrame* head = &_memMap[block];
            if (!_window.Trim(block, accessible))
            {
                new Span<byte>((void*)Address(block), (int)accessible << Page.Shift).Clear();
                head->Flags = PageFlags.Head | PageFlags.Slab;
                return;
            }

            head->Flags = PageFlags.Head | PageFlags.Cold;
            Volatile.Write(ref _allocatedPages, _allocatedPages - head->Pages);
            _budget.Uncharge(head->Pages);
            CountCommitted();
        }
    }

    /// <summary>A block that was kept counts again, and may be used.</summary>
    /// <returns><see langword="false"/> when the limit is reached.</returns>
    internal unsafe bool TryRetake(uint block)
    {
        using (_lock.Hold())
        {
            PageFrame* head = &_memMap[block];
            if ((head->Flags & PageFlags.Cold) != 0)
            {
                if (_isUnmapped || _allocatedPages + head->Pages > ManagedPages || !_budget.TryCharge(head->Pages))
                {
                    return false;
                }

                Volatile.Write(ref _allocatedPages, _allocatedPages + head->Pages);
                _peakPages = Math.Max(_peakPages, _allocatedPages);
                CountCommitted();
            }

            head->Flags = PageFlags.Head;
            return true;
        }
    }

    /// <summary>A block that was kept, all of it accessible, becomes free.</summary>
    internal unsafe void Release(uint block)
    {
        using (_lock.Hold())
        {
            PageFrame* head = &_memMap[block];
            uint pages = head->Pages;
            bool cold = (head->Flags & PageFlags.Cold) != 0;
            if (!cold)
            {
                Volatile.Write(ref _allocatedPages, _allocatedPages - pages);
                _budget.Uncharge(pages);
            }

            head->Flags = PageFlags.None;
            _buddy.Give(block, pages, cold);
            CountCommitted();
        }
    }

    /// <summary>Makes the last page of an allocated block inaccessible, if the system does it.</summary>
    /// <param name="block">The first page of the block.</param>
    internal unsafe void TryGuard(uint block)
    {
        using (_lock.Hold())
        {
            PageFrame* head = &_memMap[block];
            uint last = block + head->Pages - 1;
            _memMap[last].Chunks = _window.TryProtect(last) ? (ushort)1 : (ushort)0;
        }
    }

    /// <summary>Whether the last page of an allocated block is inaccessible. Its owner.</summary>
    internal unsafe bool IsGuarded(uint block) => _memMap[block + _memMap[block].Pages - 1].Chunks != 0;

    /// <summary>
    /// Makes the last page of an allocated block accessible again, before the block becomes free. If the system
    /// refuses, the page is no part of the block any more, and stays allocated until a <see cref="Trim"/> gets it back.
    /// </summary>
    internal unsafe void Unguard(uint block)
    {
        using (_lock.Hold())
        {
            PageFrame* head = &_memMap[block];
            PageFrame* last = head + head->Pages - 1;
            if (last->Chunks == 0)
            {
                return;
            }

            last->Chunks = 0;
            if (_window.Commit(IndexOf(last), 1))
            {
                return;
            }

            head->Pages--;
            bool kept = (head->Flags & PageFlags.Cold) != 0;
            *last = new PageFrame { Flags = PageFlags.Head | PageFlags.Reserved, Pages = 1, Count = 1 };
            last->Next = _refused;
            _refused = IndexOf(last) + 1;
            if (kept)
            {
                // It did not count, and does now: over the limit, if need be, by a page.
                Volatile.Write(ref _allocatedPages, _allocatedPages + 1);
                _budget.Charge(1);
                CountCommitted();
            }
        }
    }

    /// <summary>Asks once more for the pages that <see cref="Unguard"/> was refused. They become free.</summary>
    private unsafe void RegainRefused()
    {
        uint page = _refused;
        _refused = 0;
        while (page != 0)
        {
            uint block = page - 1, next = _memMap[block].Next;
            if (_window.Commit(block, 1))
            {
                _memMap[block] = default;
                Volatile.Write(ref _allocatedPages, _allocatedPages - 1);
                _budget.Uncharge(1);
                _buddy.Give(block, 1, cold: true);
            }
            else
            {
                (_memMap[block].Next, _refused) = (_refused, page);
            }

            page = next;
        }
    }
}
