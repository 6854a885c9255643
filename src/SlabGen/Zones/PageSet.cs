using System.Numerics;

namespace SlabGen.Zones;

/// <summary>
/// Free blocks of small orders that wait near one processor: the kernel's <c>struct per_cpu_pages</c>. With them most
/// allocations of pages do not visit their zone.
/// </summary>
/// <remarks>
/// <para>As in the kernel, a set belongs to a processor, not to a thread. So there are as many sets as processors,
/// however many threads come and go, and a thread that dies or idles leaves nothing behind. A thread may be moved after
/// it has read its processor's number. It then uses the set of another processor, which is just as correct.</para>
/// <para>Everything is under <see cref="_locked"/>. An allocation tries it and never waits for it: if another thread is
/// inside, the zone serves (<c>pcp_spin_trylock</c>). Only <see cref="Drain"/> and <see cref="Resize"/> spin for it. It
/// is held for a few loads and stores, or for one visit to the zone, whose lock comes after it.</para>
/// <para>Invariants: the blocks in the rings have <see cref="PageFlags.InSet"/> and count 0, and no other block has the
/// flag. <see cref="_pages"/> is the sum of their pages.</para>
/// </remarks>
internal sealed partial class PageSet(Zone zone)
{
    /// <summary>
    /// The highest order that is kept. The kernel's is <c>PAGE_ALLOC_COSTLY_ORDER</c>, 3. Here it is one more, because
    /// programs take and free buffers of 64 KiB, which are blocks of pages. In a git repack they are two thirds of the
    /// large blocks; replaying it took half the time with them.
    /// </summary>
    public const int MaxOrder = 4;

    private const int MostAtOnce = 64;

    /// <summary>
    /// What a set may always keep, in pages, and the part of the allocated pages that it may keep beyond that.
    /// </summary>
    private const int LeastKept = 32, KeptFraction = 128;

    private readonly Ring[] _rings = new Ring[MaxOrder + 1];
    private int _locked;
    private PageSetSize _size;
    private int _pages;
    private long _taken;

    /// <summary>The number of pages that wait here.</summary>
    public int Pages => Volatile.Read(ref _pages);

    /// <summary>The number of blocks that were handed out from here.</summary>
    public long Taken => Volatile.Read(ref _taken);

    public PageSetSize Size => _size;

    /// <summary>
    /// Pages above which a batch goes back: fewer while little is allocated, since those here serve no large request
    /// (<c>pcp-&gt;high</c> is tuned by the kernel, too).
    /// </summary>
    private int Most => Math.Min(_size.High, Math.Max(LeastKept, (int)(zone.AllocatedPages / KeptFraction)));

    /// <summary>Pages that move at once: all that are kept, at most.</summary>
    private int Batch => Math.Min(_size.Batch, Most);

    /// <returns><see langword="false"/> when the zone must be asked.</returns>
    public unsafe bool TryAlloc(int order, out uint block)
    {
        block = PageFrame.None;
        if (Interlocked.CompareExchange(ref _locked, 1, 0) != 0)
        {
            return false;
        }

        ref Ring ring = ref _rings[order];
        if (ring.Count == 0 && !TryRefill(ref ring, order))
        {
            Volatile.Write(ref _locked, 0);
            return false;
        }

        block = ring.TakeNewest();
        _pages -= 1 << order;
        _taken++;
        Volatile.Write(ref _locked, 0);

        PageFrame* frame = zone.Frame(block);
        frame->Flags = PageFlags.Head;
        Volatile.Write(ref frame->Count, 1);
        return true;
    }

    /// <summary>Takes back a block whose last holder let it go. Its count is 0.</summary>
    /// <returns><see langword="false"/> when the caller must ask the zone.</returns>
    public unsafe bool TryFree(int order, uint block)
    {
        if (_size.High == 0 || Interlocked.CompareExchange(ref _locked, 1, 0) != 0)
        {
            return false;
        }

        zone.Frame(block)->Flags = PageFlags.InSet;
        ref Ring ring = ref _rings[order];
        ring.Add(block);
        _pages += 1 << order;
        if (_pages > Most)
        {
            GiveOldest(ref ring, order, Math.Clamp(Batch >> order, 1, ring.Count));
        }

        Volatile.Write(ref _locked, 0);
        return true;
    }

    /// <summary>Gives every block back to the zone. Any thread.</summary>
    /// <returns>Pages drained.</returns>
    public int Drain()
    {
        Lock();
        int pages = DrainLocked();
        Volatile.Write(ref _locked, 0);
        return pages;
    }

    /// <summary>Changes how much the set keeps. Any thread may call.</summary>
    public void Resize(PageSetSize size)
    {
        Ring[] rings = new Ring[MaxOrder + 1];
        for (int order = 0; order <= MaxOrder && size.High > 0; order++)
        {
            int most = ((size.High + size.Batch) >> order) + 2;
            rings[order].Blocks = new uint[BitOperations.RoundUpToPowerOf2((uint)most)];
        }

        Lock();
        if (size != _size)
        {
            DrainLocked();
            rings.CopyTo(_rings, 0);
            _size = size;
        }

        Volatile.Write(ref _locked, 0);
    }

    private int DrainLocked()
    {
        int before = _pages;
        for (int order = 0; order <= MaxOrder; order++)
        {
            GiveOldest(ref _rings[order], order, _rings[order].Count);
        }

        return before - _pages;
    }

    private bool TryRefill(ref Ring ring, int order)
    {
        if (_size.High == 0)
        {
            return false;
        }

        Span<uint> blocks = stackalloc uint[Math.Clamp(Batch >> order, 1, MostAtOnce)];
        int got = zone.AllocForSet(order, blocks);
        for (int i = got - 1; i >= 0; i--)
        {
            ring.Add(blocks[i]); // so that blocks are handed out in rising order
        }

        _pages += got << order;
        return got > 0;
    }

    private void GiveOldest(ref Ring ring, int order, int count)
    {
        Span<uint> blocks = stackalloc uint[MostAtOnce];
        while (count > 0)
        {
            int now = Math.Min(count, MostAtOnce);
            for (int i = 0; i < now; i++)
            {
                blocks[i] = ring.TakeOldest();
            }

            zone.FreeFromSet(blocks[..now]);
            _pages -= now << order;
            count -= now;
        }
    }

    private void Lock()
    {
        while (Interlocked.CompareExchange(ref _locked, 1, 0) != 0)
        {
            Thread.Yield(); // not SpinWait, because an interrupt can end its sleep
        }
    }

    /// <summary>
    /// Blocks of one order. The newest block is handed out first, while it is warm; the oldest goes back to the zone
    /// first.
    /// </summary>
    private partial struct Ring
    {
        /// <summary>Its length is a power of two. <see langword="null"/> while the set keeps nothing.</summary>
        public uint[] Blocks;
        public int Count;
        private int _first;

        public void Add(uint block) => Blocks[(_first + Count++) & (Blocks.Length - 1)] = block;

        public uint TakeNewest() => Blocks[(_first + --Count) & (Blocks.Length - 1)];

        public uint TakeOldest()
        {
            uint block = Blocks[_first];
            _first = (_first + 1) & (Blocks.Length - 1);
            Count--;
            return block;
        }
    }
}
