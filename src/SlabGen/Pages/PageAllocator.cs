using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SlabGen.Memory;
using SlabGen.Pages;
using SlabGen.Zones;

namespace SlabGen;

/// <summary>
/// Whole pages, in blocks of a power of two: the kernel's page allocator (mm/page_alloc.c). Any thread may call
/// anything.
/// </summary>
/// <remarks>
/// <para>The page layer as users and the layers above see it: nodes of zones, the order in which a request tries them,
/// and the way from an address to its frame. <see cref="Zone"/> says what always holds for a page.</para>
/// <para>Zones are added under <see cref="_zonesLock"/>, at construction or at the first request that names them. They
/// never go before <see cref="Unmap"/>. Code without the lock reads one reference to a <see cref="ZoneTable"/>, which
/// never changes. Lock order: zones, large blocks, a page set, a kmap window, a zone.</para>
/// </remarks>
public sealed partial class PageAllocator
{
    /// <summary>A limit that shrinks to fit the address space stops here: one section of the largest block.</summary>
    private const long LeastLimitPages = 1 << BuddyAllocator.MaxOrder;

    /// <inheritdoc cref="ReclaimLoop.MaxRetries"/>
    internal const int MaxReclaimRetries = ReclaimLoop.MaxRetries;

    /// <summary>The flags of requests that the fast path serves: for Normal, with nothing special.</summary>
    internal const GfpFlags Plain = GfpFlags.Kernel | GfpFlags.Atomic | GfpFlags.NoWait;

    private readonly UninterruptibleLock _zonesLock = new();
    private readonly PageOptions _options;
    private readonly NumaTopology _topology;
    private readonly MemoryBudget _budget;
    private readonly LargeBlocks _large;
    private volatile ZoneTable _zones; // replaced as a whole under the lock; each operation reads it once
    private int _shortKinds; // bits: requests that background reclaim must find pages for; any thread, interlocked
    // Whether there is one Normal to take from, and no pages are refused on purpose. Written under the lock of
    // SlabFaults.
    private bool _takesPlain;
    private bool _wakeWanted = true; // by a zone under its low watermark, or by a watcher of runtimes with memory
    private bool _isUnmapped; // zones lock; goes to true once

    internal PageAllocator(PageOptions options)
    {
        _topology = options.Topology;
        do
        {
            _isUnmapped = false;
            _options = options;
            _budget = new MemoryBudget(options.LimitPages);
            _zones = new ZoneTable(_topology);
            _large = new LargeBlocks(options.Memory, _budget, MakeRoom);
            options = options with { LimitPages = options.LimitPages / 2 };
        }
        while (!TryAddInitialZones());

        Normal = _zones[0, ZoneKind.Normal] ?? _zones.All[^1];
        bool hasPlain = NodeCount == 1 && Normal.Kind == ZoneKind.Normal && _zones.Blocks is null;
        _options.Faults.WatchPages(mayFail => Volatile.Write(ref _takesPlain, hasPlain && !mayFail));
    }

    /// <summary>The bytes of a page: the operating system's page size.</summary>
    public static int PageSize => Page.Size;

    /// <summary>The order of the largest block (<c>MAX_PAGE_ORDER</c>): 4 MiB with pages of 4 KiB.</summary>
    public static int MaxOrder => BuddyAllocator.MaxOrder;

    /// <summary>The zones that were used so far. One with low addresses appears at its first request.</summary>
    public IReadOnlyList<Zone> Zones => _zones.All;

    /// <summary><see cref="Zones"/>, for loops that must not allocate.</summary>
    internal ReadOnlySpan<Zone> ZoneSpan => _zones.All;

    /// <summary>The number of nodes that memory can come from; 1 on most machines.</summary>
    public int NodeCount => _topology.Nodes.Count;

    /// <summary>The bytes of the largest block in a zone. Larger blocks are mapped alone.</summary>
    internal static long LargestBlock => (long)Page.Size << BuddyAllocator.MaxOrder;

    /// <summary>One more than the highest <see cref="Zone.Index"/>.</summary>
    internal int MaxZones => NodeCount * ZoneTable.ZoneKinds;

    /// <summary>Serves nearly all requests: the first node's Normal, else the highest always-mapped zone.</summary>
    internal Zone Normal { get; }

    /// <summary>What is remembered of the limit of the runtime.</summary>
    internal Shortage Shortage { get; } = new();

    /// <summary>Who frees memory when an allocation would fail; set once, before the first allocation.</summary>
    internal IReclaimer? Reclaimer { get; set; }

    /// <summary>Whether the memory was unmapped.</summary>
    internal bool IsUnmapped => Volatile.Read(ref _isUnmapped);

    /// <summary>Bytes that may be in use at once.</summary>
    internal long Limit => _budget.LimitPages << Page.Shift;

    /// <summary>The bytes of the limit that a request which may wait can have: all except what Normal keeps.</summary>
    internal long UsableLimit => Limit - (Normal.MinWatermark << Page.Shift);

    /// <summary>Bytes that are in use now.</summary>
    internal long UsedBytes => _budget.UsedPages << Page.Shift;

    internal long CommittedBytes => _budget.CommittedBytes;

    internal long PeakCommittedBytes => _budget.PeakCommittedBytes;

    internal long ReturnedBytes => _budget.ReturnedBytes;

    /// <summary>Allocates 2^<paramref name="order"/> pages, aligned to their size (<c>alloc_pages</c>).</summary>
    /// <param name="gfp">Where the pages may lie, and what the call may do to get them.</param>
    /// <param name="order">0 to <see cref="MaxOrder"/>.</param>
    /// <param name="fallback">Where to go when the requested zone has none.</param>
    /// <param name="node">The node that they should come from: 0 to <see cref="NodeCount"/> - 1, or -1 for the calling
    /// thread's.</param>
    /// <returns>
    /// The first page. Its contents are undefined unless <paramref name="gfp"/> has <see cref="GfpFlags.Zero"/>.
    /// </returns>
    /// <exception cref="ArgumentException">The flags contradict themselves.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The order or the node is out of range.</exception>
    /// <exception cref="OutOfMemoryException">There are no such pages, and none could be taken back.</exception>
    /// <exception cref="ObjectDisposedException">The runtime was disposed.</exception>
    public PagePtr AllocPages(GfpFlags gfp, int order, ZoneFallback fallback = ZoneFallback.Strict, int node = -1) =>
        TryTakePlain(gfp, order, fallback, node, out uint block) ? new PagePtr(Normal, block)
        : TryAllocPages(gfp, order, out PagePtr page, fallback, node) ? page
        : throw OutOfPages(new PageRequest(1u << order, gfp, fallback, node));

    /// <summary>Allocates 2^<paramref name="order"/> pages, if there are that many.</summary>
    /// <param name="gfp">Where the pages may lie, and what the call may do to get them.</param>
    /// <param name="order">0 to <see cref="MaxOrder"/>.</param>
    /// <param name="page">The first page, or none.</param>
    /// <param name="fallback">Where to go when the requested zone has none.</param>
    /// <param name="node">The node that they should come from; -1 for the calling thread's.</param>
    /// <returns>
    /// <see langword="false"/> where <see cref="AllocPages"/> would throw <see cref="OutOfMemoryException"/>.
    /// </returns>
    /// <inheritdoc cref="AllocPages"/>
    public bool TryAllocPages(GfpFlags gfp, int order, out PagePtr page, ZoneFallback fallback = ZoneFallback.Strict,
        int node = -1)
    {
        if (TryTakePlain(gfp, order, fallback, node, out uint block))
        {
            page = new PagePtr(Normal, block);
            return true;
        }

        ArgumentOutOfRangeException.ThrowIfNegative(order);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(order, MaxOrder);
        return TryAllocSlow(new PageRequest(1u << order, gfp, fallback, node), out page);
    }

    /// <summary>Allocates just the pages that hold <paramref name="bytes"/> (<c>alloc_pages_exact</c>).</summary>
    /// <param name="bytes">1 to 4 MiB, with pages of 4 KiB.</param>
    /// <param name="gfp">Where the pages may lie, and what the call may do to get them.</param>
    /// <param name="fallback">Where to go when the requested zone has none.</param>
    /// <param name="node">The node that they should come from; -1 for the calling thread's.</param>
    /// <exception cref="ArgumentOutOfRangeException">The size or the node is out of range.</exception>
    /// <inheritdoc cref="AllocPages"/>
    public PagePtr AllocPagesExact(long bytes, GfpFlags gfp, ZoneFallback fallback = ZoneFallback.Strict, int node = -1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, LargestBlock);
        var request = new PageRequest((uint)Page.Count(bytes), gfp, fallback, node);
        return TryAllocSlow(request, out PagePtr page) ? page : throw OutOfPages(request);
    }

    /// <summary>Allocates a page of zeros (<c>get_zeroed_page</c>).</summary>
    /// <returns>Its address.</returns>
    /// <param name="gfp">What the call may do to get it. <see cref="GfpFlags.HighMem"/> is refused, because its pages
    /// have no address.</param>
    /// <exception cref="ArgumentException">The flags contradict themselves, or ask for
    /// <see cref="GfpFlags.HighMem"/>.</exception>
    /// <inheritdoc cref="AllocPages"/>
    public nint GetZeroedPage(GfpFlags gfp = GfpFlags.Kernel) => (gfp & GfpFlags.HighMem) == 0
        ? AllocPages(gfp | GfpFlags.Zero, 0).Address
        : throw new ArgumentException($"GetZeroedPage returns an address, which pages of HighMem do not have ({gfp}).", nameof(gfp));

    /// <summary>Frees the block that starts at a page (<c>__free_pages</c>).</summary>
    /// <exception cref="ArgumentException">The page is null or of another runtime.</exception>
    /// <exception cref="InvalidOperationException">No allocated block starts there, or it is mapped, or others hold
    /// references to it. Nothing was freed.</exception>
    /// <exception cref="ObjectDisposedException">The runtime was disposed.</exception>
    public void FreePages(PagePtr page) => FreeBlock(Own(page), page.FrameIndex);

    /// <summary>Frees the block that starts at an address (<c>free_pages</c>, <c>free_pages_exact</c>).</summary>
    /// <inheritdoc cref="FreePages(PagePtr)"/>
    /// <exception cref="ArgumentException">The address is not the start of a page of this runtime.</exception>
    public void FreePages(nint address)
    {
        PagePtr page = PageOf(address);
        if ((address & (Page.Size - 1)) != 0)
        {
            throw new ArgumentException($"0x{address:x} is not the start of a page of {Page.Size} bytes.", nameof(address));
        }

        FreePages(page);
    }

    /// <summary>Where a page can be used (<c>page_address</c>); 0 for high memory that is not mapped.</summary>
    /// <exception cref="ArgumentException">The page is null or of another runtime.</exception>
    /// <exception cref="ObjectDisposedException">The runtime was disposed.</exception>
    public nint PageAddress(PagePtr page)
    {
        Own(page);
        return page.Address;
    }

    /// <summary>The page that contains an address (<c>virt_to_page</c>).</summary>
    /// <exception cref="ArgumentException">The address is in no page of this runtime that was ever in use.</exception>
    /// <exception cref="ObjectDisposedException">The runtime was disposed.</exception>
    public unsafe PagePtr PageOf(nint address)
    {
        ObjectDisposedException.ThrowIf(IsUnmapped, this);
        return TryGetFrame(address, out Zone? zone, out PageFrame* frame)
            ? new PagePtr(zone, zone.IndexOf(frame))
            : throw new ArgumentException($"0x{address:x} is in no page of this runtime.", nameof(address));
    }

    /// <summary>Takes one more reference to the block that starts at a page (<c>get_page</c>).</summary>
    /// <exception cref="ArgumentException">The page is null or of another runtime.</exception>
    /// <exception cref="InvalidOperationException">No allocated block starts there, or it has 2147483647
    /// references.</exception>
    /// <exception cref="ObjectDisposedException">The runtime was disposed.</exception>
    public unsafe void Get(PagePtr page)
    {
        PageFrame* head = Own(page).Frame(page.FrameIndex);
        for (int count = Volatile.Read(ref head->Count); IsUserBlock(head)
            && count is > 0 and < int.MaxValue; count = Volatile.Read(ref head->Count))
        {
            if (Interlocked.CompareExchange(ref head->Count, count + 1, count) == count)
            {
                return;
            }
        }

        throw new InvalidOperationException($"A reference to {page} cannot be taken: it must be the first page of an allocated block with 1 to {int.MaxValue - 1} references.");
    }

    /// <summary>Gives a reference back (<c>put_page</c>). When the last one goes, the block is freed.</summary>
    /// <returns>Whether it was the last.</returns>
    /// <exception cref="InvalidOperationException">No allocated block starts there. Or it was the last reference, and
    /// the block is mapped.</exception>
    /// <inheritdoc cref="Get"/>
    public unsafe bool Put(PagePtr page)
    {
        Zone zone = Own(page);
        PageFrame* head = zone.Frame(page.FrameIndex);
        for (int count = Volatile.Read(ref head->Count); IsUserBlock(head)
            && count > 1; count = Volatile.Read(ref head->Count))
        {
            if (Interlocked.CompareExchange(ref head->Count, count - 1, count) == count)
            {
                return false;
            }
        }

        FreePages(page);
        return true;
    }

    private static unsafe bool IsUserBlock(PageFrame* frame) =>
        (frame->Flags & ~(PageFlags.Mapped | PageFlags.KeptMapped)) == PageFlags.Head;

    /// <summary>
    /// The fast path: takes a small block of Normal, without modifiers, from the page set of this processor.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryTakePlain(GfpFlags gfp, int order, ZoneFallback fallback, int node, out uint block)
    {
        Zone normal = Normal;
        block = PageFrame.None;
        return (gfp & ~Plain) == 0 && (uint)order <= PageSet.MaxOrder && ((int)fallback | 1) == 1 && node == -1
            && _takesPlain
            && normal.HasPlenty(order) && normal.CurrentSet.TryAlloc(order, out block);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Wake()
    {
        Volatile.Write(ref _wakeWanted, false);
        Reclaimer?.Wake();
    }

    /// <summary>The zone of a page of this runtime.</summary>
    private Zone Own(PagePtr page)
    {
        ObjectDisposedException.ThrowIf(IsUnmapped, this);
        if (page.IsNull)
        {
            throw new ArgumentException("The page is null.", nameof(page));
        }

        return page.Zone.Owner == this ? page.Zone : throw new ArgumentException($"The page ({page}) belongs to another runtime.", nameof(page));
    }
}
