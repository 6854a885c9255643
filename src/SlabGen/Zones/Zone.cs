using SlabGen.Memory;
using SlabGen.Zones;

namespace SlabGen;

/// <summary>
/// Pages that are handed out together because their addresses have something in common: the kernel's <c>struct
/// zone</c>. It follows the kernel's sparse memory model: all addresses are reserved at once, and come online in
/// sections, each of one largest block, when pages run out. The public members are for diagnostics.
/// </summary>
/// <remarks>
/// <para>A field is immutable, or under the zone's lock, or written under it and read by anyone. The lock is a leaf: no
/// other lock is taken while it is held.</para>
/// <para>Invariants:</para>
/// <list type="number">
/// <item>A present page belongs to a free block, or to an allocated one, or its section is offline; never to two of
/// them. A hole belongs to none.</item>
/// <item><c>mem_map</c> of an offline section reads as zeros: <see cref="TryGetFrame"/> may be asked about any address
/// of the zone, at any time, and what it finds there says "not in use".</item>
/// <item><see cref="CommittedBytes"/> is not below the memory that the zone holds from the system: allocated pages
/// that are not hollow, free pages that are not cold, and the frames, cache ids and object states of online
/// sections.</item>
/// <item><see cref="AllocatedPages"/> never exceeds <see cref="ManagedPages"/>, and is charged to the budget.</item>
/// <item>The pages in page sets count as allocated, with <see cref="PageFlags.InSet"/>.</item>
/// </list>
/// </remarks>
public sealed partial class Zone
{
    private const uint SectionPages = 1u << BuddyAllocator.MaxOrder;

    private readonly SectionState[] _sections; // lock
    private long _onlinePages; // lock
    private long _keepPages = LeastKeepBytes >> Page.Shift; // lock
    private long _peakPages; // lock: the most that were allocated since the last interval or trim
    private long _hollowPages; // lock: of allocated pages, those whose memory went back while their holder needs none
    private bool _gaveBack; // lock: since pages without memory were last handed out
    private readonly PageSet[] _pageSets; // by processor; each has a lock of its own
    private long _min, _low, _high; // SetWatermarks, which runs in one thread at a time; read by anyone
    // By the highest zone of a request; SetWatermarks replaces it as a whole.
    private long[] _lowmemReserve = new long[4];
    private long _seenBlocks; // TrimIfIdle, which runs in one thread at a time
    private long _fallbackIn, _fallbackOut, _allocated, _scanned; // any thread, interlocked
    private readonly UninterruptibleLock _lock = new();
    private readonly IOsMemory _memory; // the source of mem_map
    private readonly ZoneWindow _window;
    private readonly MemoryBudget _budget;
    private readonly BuddyAllocator _buddy; // lock
    private readonly unsafe PageFrame* _memMap;
    private readonly nint _memMapStart;
    private readonly long _memMapBytes;
    private long _committedBytes; // lock: what the budget was last told
    private long _allocatedPages; // lock; read by anyone
    private readonly unsafe ushort* _cacheIds; // the owner of a page, as its frame
    private nint _objectStates; // lock; read by anyone: goes from 0 to the map of checked mode once
    private uint _reachablePages; // lock; read by anyone: pages whose frame can be read; grows, and is 0 once unmapped
    private uint _refused; // lock: 1 + the first page that stayed inaccessible though its block is free, or 0; by Next
    private bool _isUnmapped; // lock; goes to true once

    /// <summary>Takes over a window. It uses no memory yet.</summary>
    /// <exception cref="OutOfMemoryException">The address space has no room for the page frames.</exception>
    internal unsafe Zone(ZoneKind kind, int node, ZoneWindow window, IOsMemory memory, MemoryBudget budget,
        uint managedPages, int processors)
    {
        Kind = kind;
        Node = node;
        _window = window;
        _memory = memory;
        _budget = budget;
        ManagedPages = managedPages;
        PresentPages = (uint)window.PresentPages;

        _sections = new SectionState[(window.SpannedPages + SectionPages - 1) / SectionPages];
        long frames = Page.RoundUp((long)_sections.Length * SectionPages * sizeof(PageFrame), Page.Size);
        _memMapBytes = frames + Page.RoundUp((long)_sections.Length * SectionPages * sizeof(ushort), CacheIdStep);
        _memMapStart = _memMapBytes == 0 ? 0 : memory.ReserveApart(_memMapBytes, Page.Size);
        if (_memMapStart == 0 && _memMapBytes != 0)
        {
            window.Unmap();
            throw new OutOfMemoryException($"Zone {Name} cannot reserve {_memMapBytes} bytes of address space for its page frames ({memory.Name}).");
        }

        if (_memMapBytes > 0)
        {
            // Frames go back by sections, and huge pages would bring them in again. If the system refuses this, frames
            // merely cost more memory.
            memory.TryAvoidHugePages(_memMapStart, _memMapBytes);
        }

        _memMap = (PageFrame*)_memMapStart;
        _cacheIds = (ushort*)(_memMapStart + frames);
        _buddy = new BuddyAllocator(_memMap, window.SpannedPages);
        _pageSets = new PageSet[processors];
        for (int processor = 0; processor < processors; processor++)
        {
            _pageSets[processor] = new PageSet(this);
        }
    }

    /// <summary>The kind of the zone: which addresses its pages have.</summary>
    public ZoneKind Kind { get; }

    /// <summary>The index of the node the pages belong to; 0 on a machine with one.</summary>
    public int Node { get; }

    /// <summary>The name, as in <c>/proc/zoneinfo</c>.</summary>
    public string Name =>
        OwnName ?? Kind switch { ZoneKind.Dma => "DMA", ZoneKind.Dma32 => "DMA32", _ => Kind.ToString() };

    /// <summary>
    /// The address of the first page, a multiple of 4 MiB. For <see cref="ZoneKind.HighMem"/>, where that page lies
    /// when it is mapped.
    /// </summary>
    public nint Start => _window.Start;

    /// <summary>
    /// The number of the first page, counted through all zones of the layout (<c>zone_start_pfn</c>).
    /// </summary>
    public long StartPfn { get; internal init; }

    /// <summary>Pages from the first to the last, holes included (<c>spanned_pages</c>).</summary>
    public uint SpannedPages => _window.SpannedPages;

    /// <summary>
    /// The number of pages that exist (<c>present_pages</c>): <see cref="SpannedPages"/> without addresses that were
    /// taken or are not given out.
    /// </summary>
    public uint PresentPages { get; }

    /// <summary>Pages that may be in use at once (<c>managed_pages</c>).</summary>
    public uint ManagedPages { get; }

    /// <summary>Pages that are handed out, including those in page sets.</summary>
    public long AllocatedPages => Volatile.Read(ref _allocatedPages);

    /// <summary>
    /// Pages that could be handed out, within the zone and within the runtime's memory limit (<c>NR_FREE_PAGES</c>).
    /// </summary>
    public long FreePages => Math.Min(ManagedPages - AllocatedPages, _budget.FreePages);

    /// <summary>What backs the pages, and how: huge pages and locks as they were granted.</summary>
    public string Backing => _window.Description;

    /// <summary>
    /// What the zone should have and lacks: why it is empty or smaller, or why a lock or huge pages were refused.
    /// <see langword="null"/> when it lacks nothing.
    /// </summary>
    public string? Shortage => _window.Shortage ?? _window.Refusal;

    /// <summary>Bytes held from the system now, including page frames.</summary>
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

    /// <summary>
    /// Pages whose memory went back to the system because too many were free. Pages that went back on request are not
    /// counted.
    /// </summary>
    public long TrimmedPages { get; private set; }

    /// <summary>Whether pages can be used without being mapped first.</summary>
    internal bool IsMapped => _window.IsMapped;

    /// <summary>The index of the zone among all possible zones: 4 per node.</summary>
    internal int Index => (Node * ZoneTable.ZoneKinds) + (int)Kind;

    /// <summary>The name of a zone that no request names; null for all others.</summary>
    internal string? OwnName { get; init; }

    /// <summary>Whether small blocks wait near the processors.</summary>
    internal bool HasPageSets { get; init; } = true;

    /// <summary>
    /// The page allocator that has this zone. It lies in a higher layer, and uses this to tell its own zones from
    /// another runtime's.
    /// </summary>
    internal object? Owner { get; init; }

    /// <summary>What of a zone of high memory is mapped; set once, before its first page is handed out.</summary>
    internal KmapWindow? Kmap { get; set; }

    /// <summary>Pages whose frame can be read: those up to the last that was ever online.</summary>
    internal uint ReachablePages => Volatile.Read(ref _reachablePages);

    /// <summary>Whether the zone was unmapped.</summary>
    internal bool IsUnmapped => Volatile.Read(ref _isUnmapped);

    /// <summary>Free blocks by order, from 0 to 10, in online sections (<c>free_area[].nr_free</c>).</summary>
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

    /// <summary>
    /// By page, the id of the cache whose slab it belongs to, where threads may have bins for it; else 0. A sixteenth
    /// of what frames take: a look-up on a fast path finds it in the processor's cache when it would not find the
    /// frame.
    /// It can be read as far as <see cref="ReachablePages"/>.
    /// </summary>
    /// <remarks>
    /// Written under the list lock of the cache, when a slab is made and before its pages are freed: while a block
    /// lives its page keeps the id. An id goes to another cache only when no slab and no magazine of the one before is
    /// left. So the bin that the holder of a live block finds by it is that of the block's cache, or shut.
    /// </remarks>
    internal unsafe ushort* CacheIds => _cacheIds;

    /// <summary>
    /// Says whose the pages of a block are that was allocated, or that nobody's they are. Their owner, as with its
    /// frame.
    /// </summary>
    internal unsafe void SetCacheId(uint block, uint pages, uint id) =>
        new Span<ushort>(_cacheIds + block, (int)pages).Fill((ushort)id);

    /// <summary>Whether an address lies in the zone, perhaps in a hole.</summary>
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
                _memory.UnmapApart(_memMapStart, _memMapBytes, Page.Size);
            }

            if (_objectStates != 0)
            {
                _memory.UnmapApart(_objectStates, (long)_sections.Length * SectionPages * ObjectStatesInPage,
                    Page.Size);
            }
        }
    }

    private unsafe long CommittedLocked() =>
        ((AllocatedPages - _hollowPages + _buddy.WarmFreePages) << Page.Shift)
            + (_onlinePages * (sizeof(PageFrame) + sizeof(ushort) + (_objectStates == 0 ? 0 : ObjectStatesInPage)));

    /// <summary>Called after a change: tells the budget what is held from the system.</summary>
    private void CountCommitted()
    {
        long now = CommittedLocked();
        _budget.Commit(now - _committedBytes);
        _committedBytes = now;
    }
}
