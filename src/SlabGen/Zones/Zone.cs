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

    private readonly SectionState[] _sections; // lock
    private long _onlinePages; // lock
    private long _keepPages = LeastKeepBytes >> Page.Shift; // lock
    private bool _gaveBack; // lock: since pages without memory were last handed out
    private readonly PageSet[] _pageSets; // by processor; each has a lock of its own
    private long _min, _low, _high; // SetWatermarks, which runs in one thread at a time; read by anyone
    private long[] _lowmemReserve = new long[4]; // by the highest zone of a request; SetWatermarks replaces it as a whole
    private long _seenBlocks; // TrimIfIdle, which runs in one thread at a time
    private long _fallbackIn, _fallbackOut, _allocated, _scanned; // any thread, interlocked
    private readonly UninterruptibleLock _lock = new();
    private readonly IOsMemory _memory; // of mem_map
    private readonly ZoneWindow _window;
    private readonly MemoryBudget _budget;
    private readonly BuddyAllocator _buddy; // lock
    private readonly unsafe PageFrame* _memMap;
    private readonly nint _memMapStart;
    private readonly long _memMapBytes;
    private long _committedBytes; // lock: as the budget was last told
    private long _allocatedPages; // lock; read by anyone
    private uint _reachablePages; // lock; read by anyone: pages whose frame can be read; grows, and is 0 once unmapped
    private bool _isUnmapped; // lock; goes to true once

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
        PresentPages = (uint)window.PresentPages;

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
        _pageSets = new PageSet[processors];
        for (int processor = 0; processor < processors; processor++)
        {
            _pageSets[processor] = new PageSet(this);
        }
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
