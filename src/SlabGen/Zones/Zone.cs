using SlabGen.Memory;
using SlabGen.Zones;

namespace SlabGen;

/// <summary>
/// Pages that are handed out together because their addresses have something in common: the kernel's <c>struct zone</c>,
/// and its sparse memory model: addresses are reserved at once, and come online in sections of one largest block when
/// pages run out. What is public of it is for diagnostics.
/// </summary>
/// <remarks>
/// <para>Fields are immutable, or under the zone's lock, or written under it and read by anyone. The lock is a leaf:
/// nothing else is taken while it is held.</para>
/// <para>Invariants:</para>
/// <list type="number">
/// <item>A present page belongs to a free block, or to an allocated one, or its section is offline; never to two of them.
/// A hole belongs to none.</item>
/// <item><c>mem_map</c> of an offline section reads as zeros: <see cref="TryGetFrame"/> may be asked about any address
/// of the zone, at any time, and what it finds there says "not in use".</item>
/// <item><see cref="CommittedBytes"/> is not below the memory that the zone holds from the system: allocated pages,
/// free pages that are not cold, and the frames of online sections.</item>
/// <item><see cref="AllocatedPages"/> never exceeds <see cref="ManagedPages"/>, and is charged to the budget.</item>
/// <item>The pages in page sets are allocated ones, with <see cref="PageFlags.InSet"/>.</item>
/// </list>
/// </remarks>
public sealed partial class Zone
{
    private const uint SectionPages = 1u << BuddyAllocator.MaxOrder;

    private readonly UninterruptibleLock _lock = new();
    private readonly IOsMemory _memory; // of mem_map
    private readonly ZoneWindow _window;
    private readonly MemoryBudget _budget;
    private readonly BuddyAllocator _buddy;
    private readonly unsafe PageFrame* _memMap;
    private readonly nint _memMapStart;
    private readonly long _memMapBytes;
    private long _committedBytes; // as the budget was last told
    private long _allocatedPages; // written under the lock
    private uint _reachablePages; // pages whose frame can be read; grows under the lock; 0 once released
    private bool _isUnmapped;

    /// <summary>Takes over a window; uses no memory yet.</summary>
    /// <exception cref="OutOfMemoryException">The address space has no room for the page frames.</exception>
    internal unsafe Zone(ZoneKind kind, int node, ZoneWindow window, IOsMemory memory, MemoryBudget budget, uint managedPages, int processors)
    {
        Kind = kind;
        Node = node;
        _window = window;
        _memory = memory;
        _budget = budget;
        ManagedPages = managedPages;
        PresentPages = (uint)window.Present.Sum(p => p.Pages);

        _sections = new SectionState[(window.SpannedPages + SectionPages - 1) / SectionPages];
        _memMapBytes = Page.RoundUp((long)_sections.Length * SectionPages * sizeof(PageFrame), Page.Size);
        _memMapStart = _memMapBytes == 0 ? 0 : memory.Reserve(_memMapBytes, Page.Size);
        if (_memMapStart == 0 && _memMapBytes != 0)
        {
            window.Unmap();
            throw new OutOfMemoryException($"Zone {Name} cannot reserve {_memMapBytes} bytes of address space for its page frames ({memory.Name}).");
        }

        if (_memMapBytes > 0)
        {
            // Frames go back by sections, and huge pages would bring them again. Where that is refused they cost more, no more.
            memory.TryAvoidHugePages(_memMapStart, _memMapBytes);
        }

        _memMap = (PageFrame*)_memMapStart;
        _buddy = new BuddyAllocator(_memMap, window.SpannedPages);
        _pageSets = [.. Enumerable.Range(0, processors).Select(_ => new PageSet(this))];
    }

    /// <summary>Which addresses the pages have.</summary>
    public ZoneKind Kind { get; }

    /// <summary>The index of the node the pages belong to; 0 on a machine with one.</summary>
    public int Node { get; }

    /// <summary>The name, as in <c>/proc/zoneinfo</c>.</summary>
    public string Name => Kind switch { ZoneKind.Dma => "DMA", ZoneKind.Dma32 => "DMA32", _ => Kind.ToString() };

    /// <summary>The address of the first page, a multiple of 4 MiB; of <see cref="ZoneKind.HighMem"/>, where it lies when it is mapped.</summary>
    public nint Start => _window.Start;

    /// <summary>The number of the first page, counted through all zones of the layout (<c>zone_start_pfn</c>).</summary>
    public long StartPfn { get; internal init; }

    /// <summary>Pages from the first to the last, holes included (<c>spanned_pages</c>).</summary>
    public uint SpannedPages => _window.SpannedPages;

    /// <summary>Pages that are there: <see cref="SpannedPages"/> without the addresses that were taken or are not given out (<c>present_pages</c>).</summary>
    public uint PresentPages { get; }

    /// <summary>Pages that may be in use at once (<c>managed_pages</c>).</summary>
    public uint ManagedPages { get; }

    /// <summary>Pages handed out, those in page sets included.</summary>
    public long AllocatedPages => Volatile.Read(ref _allocatedPages);

    /// <summary>Pages that could be handed out: as many as the zone has left, and as the runtime's memory limit permits (<c>NR_FREE_PAGES</c>).</summary>
    public long FreePages => Math.Min(ManagedPages - AllocatedPages, _budget.FreePages);

    /// <summary>What backs the pages, and how: huge pages and locks as they were granted.</summary>
    public string Backing => _window.Description;

    /// <summary>What the zone should have and does not: why it is empty or smaller, why a lock or huge pages were refused; <see langword="null"/> when there is nothing.</summary>
    public string? Shortage => _window.Shortage ?? _window.Refusal;

    /// <summary>Bytes held from the system now, page frames included.</summary>
    public long CommittedBytes
    {
        get
        {
            using (_lock.Hold())
            {
                return CommittedLocked();
            }
        }
    }

    /// <summary>Whether pages can be used without being mapped first.</summary>
    internal bool IsMapped => _window.IsMapped;

    /// <summary>The place of the zone among all that there can be: 4 to a node.</summary>
    internal int Index => (Node * ZoneTable.ZoneKinds) + (int)Kind;

    /// <summary>The page allocator whose zone this is, which lies in a higher layer: it tells its own zones from another runtime's.</summary>
    internal object? Owner { get; init; }

    /// <summary>Pages whose frame can be read: those up to the last that was ever online.</summary>
    internal uint ReachablePages => Volatile.Read(ref _reachablePages);

    /// <summary>Whether the memory is gone.</summary>
    internal bool IsUnmapped => Volatile.Read(ref _isUnmapped);

    /// <summary>Free blocks by order, from 0 to 10, in sections that are online (<c>free_area[].nr_free</c>).</summary>
    public int[] FreeBlocks()
    {
        using (_lock.Hold())
        {
            return [.. Enumerable.Range(0, BuddyAllocator.MaxOrder + 1).Select(_buddy.FreeBlocks)];
        }
    }

    /// <summary>The name and the node of the zone.</summary>
    public override string ToString() => $"Node {Node}, zone {Name}";

    /// <summary>Takes <paramref name="pages"/> consecutive pages, aligned to the next power of two of their number (<c>rmqueue_buddy</c>).</summary>
    /// <param name="pages">1 to 2^<see cref="BuddyAllocator.MaxOrder"/>.</param>
    /// <param name="zeroed">Whether they are known to read as zeros.</param>
    /// <returns>The index of the first frame, or <see cref="PageFrame.None"/> when there are not so many.</returns>
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

    /// <summary>Takes blocks back that a page set held.</summary>
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
    /// <exception cref="InvalidOperationException">The frame is not the first of an allocated block, or is referenced more than once.</exception>
    internal void Free(uint block)
    {
        if (!TryFree(block, PageFlags.Head, out _))
        {
            throw NotFreeable(block);
        }
    }

    /// <summary>Gives back a block, if the frame is the first of one that bears exactly these flags.</summary>
    internal unsafe bool TryFree(uint block, PageFlags flags, out uint pages)
    {
        using (_lock.Hold())
        {
            pages = 0;
            PageFrame* head = &_memMap[block];
            if (_isUnmapped || head->Flags != flags || head->MapCount != 0 || Interlocked.CompareExchange(ref head->Count, 0, 1) != 1)
            {
                return false;
            }

            pages = FreeLocked(block);
            TrimSurplus();
            CountCommitted();
            return true;
        }
    }

    /// <summary>Gives back a block whose last holder has let it go: its count is 0, its flags still say that it is allocated.</summary>
    internal void FreeReferenceless(uint block)
    {
        using (_lock.Hold())
        {
            FreeLocked(block);
            TrimSurplus();
            CountCommitted();
        }
    }

    /// <summary>Free pages that still hold memory count against the limit where too little of it is left: then they give way.</summary>
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

    /// <summary>What is wrong with a block that cannot be freed.</summary>
    internal unsafe InvalidOperationException NotFreeable(uint block)
    {
        PageFrame* head = &_memMap[block];
        string mapped = head->MapCount == 0 ? "" : $", mapped {head->MapCount} time(s)";
        return new InvalidOperationException(
            $"Page 0x{Address(block):x} of zone {Name} is freed while its flags are {head->Flags} and its count is {head->Count}{mapped}; expected the first page of an allocated block with count 1.");
    }

    internal nint Address(uint frame) => Start + (nint)((long)frame << Page.Shift);

    internal unsafe PageFrame* Frame(uint index) => &_memMap[index];

    internal unsafe uint IndexOf(PageFrame* frame) => (uint)(frame - _memMap);

    /// <summary>The frame of the page that holds an address: one subtraction, one compare, one shift.</summary>
    /// <returns><see langword="false"/> when the address is outside the zone, or its page was never online.</returns>
    internal unsafe bool TryGetFrame(nint address, out PageFrame* frame)
    {
        nuint page = (nuint)(address - Start) >> Page.Shift;
        frame = &_memMap[page];
        return page < ReachablePages;
    }

    /// <summary>The frame of page 0.</summary>
    internal unsafe PageFrame* MemMap => _memMap;

    /// <summary>Whether an address lies in the zone, in a hole perhaps.</summary>
    internal bool Spans(nint address) => (nuint)(address - Start) >> Page.Shift < SpannedPages;

    /// <summary>Ends the reservation. No page may be in use, and no call may follow.</summary>
    internal void Unmap()
    {
        foreach (PageSet set in _pageSets)
        {
            set.Resize(default);
        }

        using (_lock.Hold())
        {
            if (_isUnmapped)
            {
                return;
            }

            Volatile.Write(ref _isUnmapped, true);
            Volatile.Write(ref _reachablePages, 0);
            _budget.Commit(-_committedBytes);
            _window.Unmap();
            if (_memMapStart != 0)
            {
                _memory.Unmap(_memMapStart, _memMapBytes);
            }
        }
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

    private unsafe long CommittedLocked() =>
        ((AllocatedPages + _buddy.WarmFreePages) << Page.Shift) + (_onlinePages * sizeof(PageFrame));

    /// <summary>After a change: tells the budget what is held from the system.</summary>
    private void CountCommitted()
    {
        long now = CommittedLocked();
        _budget.Commit(now - _committedBytes);
        _committedBytes = now;
    }
}
