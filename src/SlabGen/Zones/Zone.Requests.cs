using SlabGen.Zones;

namespace SlabGen;

// What the zone keeps free, and for whom; its page sets; and its counters.
public sealed partial class Zone
{
    /// <summary>
    /// Below this only requests that may not wait are served, and not all the way down (<c>WMARK_MIN</c>, in pages).
    /// </summary>
    public long MinWatermark => Volatile.Read(ref _min);

    /// <summary>Below this background reclaim wakes (<c>WMARK_LOW</c>, in pages).</summary>
    public long LowWatermark => Volatile.Read(ref _low);

    /// <summary>At or above this background reclaim rests (<c>WMARK_HIGH</c>, in pages).</summary>
    public long HighWatermark => Volatile.Read(ref _high);

    /// <summary>
    /// Pages reserved against requests that a higher zone could serve, indexed by the request's highest zone
    /// (<c>lowmem_reserve</c>).
    /// </summary>
    public IReadOnlyList<long> LowmemReserve => Volatile.Read(ref _lowmemReserve);

    /// <summary>Pages that a page set moves at once (<c>pcp->batch</c>).</summary>
    public int PageSetBatch => _pageSets[0].Size.Batch;

    /// <summary>
    /// Above this many pages a page set gives a batch back (<c>pcp->high</c>); 0 where the zone is too small for page
    /// sets.
    /// </summary>
    public int PageSetHigh => _pageSets[0].Size.High;

    /// <summary>Free pages that wait in each page set, by processor.</summary>
    public IReadOnlyList<int> PageSetPages => [.. _pageSets.Select(s => s.Pages)];

    /// <summary>Blocks that were handed out to requests which wanted this zone (<c>numa_hit</c>).</summary>
    public long Hits => Volatile.Read(ref _allocated) + TakenFromSets() - FallbackIn;

    /// <summary>
    /// Blocks that were handed out to requests which preferred another zone or node (<c>numa_miss</c>).
    /// </summary>
    public long FallbackIn => Volatile.Read(ref _fallbackIn);

    /// <summary>Requests for this zone that another zone or node had to serve (<c>numa_foreign</c>).</summary>
    public long FallbackOut => Volatile.Read(ref _fallbackOut);

    /// <summary>Pages of high memory that <see cref="PageAllocator.Kmap"/> holds mapped; 0 for other zones.</summary>
    public int KmapPages => Kmap?.Count().Mapped ?? 0;

    /// <summary>
    /// The mapped pages that have no user, on the list of the least recently used (<c>lru</c>). The first on the list
    /// goes when its place is needed. No other page is ever taken from its holder, so other zones have no such list.
    /// </summary>
    public int LruPages => Kmap?.Count().Idle ?? 0;

    /// <summary>Pages of this zone that reclaim has looked at (<c>pages_scanned</c>).</summary>
    public long PagesScanned => Volatile.Read(ref _scanned);

    internal void SetWatermarks(Watermarks marks, long[] lowmemReserve)
    {
        Volatile.Write(ref _min, marks.Min);
        Volatile.Write(ref _low, marks.Low);
        Volatile.Write(ref _high, marks.High);
        Volatile.Write(ref _lowmemReserve, lowmemReserve);
        PageSetSize size = HasPageSets ? PageSetSize.Of(ManagedPages, marks.Low, _pageSets.Length) : default;
        foreach (PageSet set in _pageSets)
        {
            set.Resize(size);
        }
    }

    /// <summary>
    /// Whether the zone has enough free pages for a request (<c>__zone_watermark_ok</c>). Whether it has a block of
    /// that order shows only when one is taken.
    /// </summary>
    internal bool IsOk(int order, long mark, ZoneKind highest, GfpFlags gfp) =>
        Watermarks.IsOk(FreePages, order, mark, _lowmemReserve[(int)highest], gfp);

    /// <summary>
    /// Whether the zone is above its low watermark, for a request that prefers it (<c>zone_watermark_fast</c>).
    /// </summary>
    internal bool HasPlenty(int order) => FreePages >= Volatile.Read(ref _low) + (1L << order);

    /// <summary>Why the zone has no block of this many pages for a request, as far as can be seen now.</summary>
    internal string WhyNoBlock(long pages, ZoneKind highest)
    {
        long free = FreePages, kept = MinWatermark + LowmemReserve[(int)highest];
        string has = $"{Name} has {free} of {ManagedPages} pages free and keeps {MinWatermark}" +
            (kept > MinWatermark ? $" + {kept - MinWatermark}" : "") + (Shortage is { } shortage ? $" ({shortage})" : "");
        int order = Memory.Page.OrderOf(pages << Memory.Page.Shift);
        if (!Watermarks.IsOk(free, order, MinWatermark, LowmemReserve[(int)highest], GfpFlags.None))
        {
            return has;
        }

        int[] blocks = FreeBlocks();
        int largest = Array.FindLastIndex(blocks, count => count > 0);
        return HasSectionsOffline ? $"{has}, and the operating system refused to back more of them"
            : largest < order ? $"{has}, but no contiguous block of {1L << order}: the largest has {(largest < 0 ? 0 : 1 << largest)}"
            : has;
    }

    /// <summary>Takes a block for a request. It comes from this processor's page set if its size permits.</summary>
    internal uint AllocForRequest(uint pages, out bool zeroed)
    {
        int order = Memory.Page.OrderOf((long)pages << Memory.Page.Shift);
        if (order <= PageSet.MaxOrder && pages == 1u << order && CurrentSet.TryAlloc(order, out uint block))
        {
            zeroed = false;
            return block;
        }

        block = Alloc(pages, out zeroed);
        if (block != PageFrame.None)
        {
            Interlocked.Increment(ref _allocated);
        }

        return block;
    }

    /// <summary>The page set of the processor that the calling thread ran on a moment ago.</summary>
    internal PageSet CurrentSet
    {
        get
        {
            uint processor = (uint)Thread.GetCurrentProcessorId();
            PageSet[] sets = _pageSets;
            return sets[processor < (uint)sets.Length ? processor : processor % (uint)sets.Length];
        }
    }

    /// <summary>Gives all pages in page sets back to the zone.</summary>
    /// <returns>The number of pages.</returns>
    internal long DrainPageSets()
    {
        long pages = 0;
        foreach (PageSet set in _pageSets)
        {
            pages += set.Drain();
        }

        Interlocked.Add(ref _scanned, pages);
        return pages;
    }

    /// <summary>Whether a page is part of an allocated block.</summary>
    internal unsafe bool IsInBlock(uint page)
    {
        for (int order = 0; order <= BuddyAllocator.MaxOrder; order++)
        {
            PageFrame* head = &_memMap[page & ~((1u << order) - 1)];
            if ((head->Flags & PageFlags.Head) != 0)
            {
                return IndexOf(head) + head->Pages > page;
            }
        }

        return false;
    }

    /// <summary>
    /// Gives free memory back to the system, if no block was handed out since the last call. One thread at a time calls
    /// it.
    /// </summary>
    internal void TrimIfIdle()
    {
        long blocks = Volatile.Read(ref _allocated) + TakenFromSets();
        if (blocks == _seenBlocks)
        {
            DrainPageSets();
            Trim();
        }
        else
        {
            RestoreHugePages();
            ForgetPeak();
        }

        _seenBlocks = blocks;
    }

    internal void CountFallbackIn() => Interlocked.Increment(ref _fallbackIn);

    internal void CountFallbackOut() => Interlocked.Increment(ref _fallbackOut);

    /// <summary>
    /// Pages of blocks that users hold. Pages of slabs, of metadata and in page sets do not count. It walks every
    /// frame.
    /// </summary>
    internal unsafe long CountUserPages()
    {
        using (_lock.Hold())
        {
            long pages = 0;
            for (uint i = 0; i < _reachablePages; i++)
            {
                if ((_memMap[i].Flags & ~(PageFlags.Mapped | PageFlags.KeptMapped)) == PageFlags.Head)
                {
                    pages += _memMap[i].Pages;
                }
            }

            return pages;
        }
    }

    private long TakenFromSets()
    {
        long taken = 0;
        foreach (PageSet set in _pageSets)
        {
            taken += set.Taken;
        }

        return taken;
    }
}
