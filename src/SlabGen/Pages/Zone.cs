using SlabGen.Memory;

namespace SlabGen.Pages;

/// <summary>
/// A range of addresses whose pages are handed out together: the kernel's <c>struct zone</c>, and its sparse memory
/// model: the range is reserved at once, and comes online in sections of one largest block when pages run out.
/// </summary>
/// <remarks>
/// <para>Fields are immutable or under the zone's lock. The lock is a leaf: nothing else is taken while it is held.</para>
/// <para>Invariants:</para>
/// <list type="number">
/// <item>A page belongs to a free block, or to an allocated one, or its section is offline; never to two of them.</item>
/// <item><c>mem_map</c> of an offline section reads as zeros: <see cref="TryGetFrame"/> may be asked about any address
/// of the zone, at any time, and what it finds there says "not in use".</item>
/// <item><see cref="CommittedBytes"/> is not below the memory that the zone holds from the system: allocated pages,
/// free pages that are not cold, and the frames of online sections.</item>
/// <item><see cref="AllocatedPages"/> + <see cref="ChargedPages"/> never exceeds <see cref="ManagedPages"/>.</item>
/// </list>
/// </remarks>
internal sealed partial class Zone
{
    private const uint SectionPages = 1u << BuddyAllocator.MaxOrder;

    private readonly UninterruptibleLock _lock = new();
    private readonly IOsMemory _memory;
    private readonly BuddyAllocator _buddy;
    private readonly unsafe PageFrame* _memMap;
    private readonly nint _memMapStart;
    private readonly long _memMapBytes;
    private readonly long _windowBytes;
    private readonly bool[] _online; // by section
    private long _onlinePages;
    private uint _spannedPages; // 0 once released
    private bool _released;

    /// <summary>Reserves a window of the address space for <paramref name="pages"/> pages; uses no memory yet.</summary>
    /// <exception cref="OutOfMemoryException">The address space has no such range.</exception>
    public unsafe Zone(string name, IOsMemory memory, uint pages)
    {
        Name = name;
        _memory = memory;
        _spannedPages = pages;
        ManagedPages = pages;

        long sectionBytes = (long)SectionPages << Page.Shift;
        _windowBytes = Page.RoundUp((long)pages << Page.Shift, sectionBytes);
        _online = new bool[_windowBytes / sectionBytes];
        _memMapBytes = Page.RoundUp((long)pages * sizeof(PageFrame), Page.Size);

        Start = memory.Reserve(_windowBytes, sectionBytes);
        _memMapStart = Start == 0 ? 0 : memory.Reserve(_memMapBytes, Page.Size);
        if (_memMapStart == 0 || !memory.Commit(_memMapStart, _memMapBytes))
        {
            Release();
            throw new OutOfMemoryException(
                $"Zone {name} cannot reserve {_windowBytes} bytes of address space ({memory.Name}). Set a lower SlabRuntimeOptions.MemoryLimit.");
        }

        _memMap = (PageFrame*)_memMapStart;
        _buddy = new BuddyAllocator(_memMap, pages);
    }

    public string Name { get; }

    /// <summary>The first address of the zone; a multiple of the largest block's size.</summary>
    public nint Start { get; }

    /// <summary>Pages of the zone's range; 0 once the zone is released, so that no address is in it any more.</summary>
    public uint SpannedPages => Volatile.Read(ref _spannedPages);

    /// <summary>Whether the memory is gone.</summary>
    public bool IsReleased => Volatile.Read(ref _released);

    /// <summary>Pages that may be in use at once: the memory limit.</summary>
    public uint ManagedPages { get; }

    /// <summary>Pages handed out.</summary>
    public long AllocatedPages { get; private set; }

    /// <summary>Pages outside the zone that count against its limit: blocks larger than the largest order.</summary>
    public long ChargedPages { get; private set; }

    /// <summary>Bytes held from the system now, metadata included.</summary>
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

    /// <summary>The highest <see cref="CommittedBytes"/> so far.</summary>
    public long PeakCommittedBytes { get; private set; }

    /// <summary>Free blocks per order, in sections that are online.</summary>
    public int[] FreeBlocks()
    {
        using (_lock.Hold())
        {
            return [.. Enumerable.Range(0, BuddyAllocator.MaxOrder + 1).Select(_buddy.FreeBlocks)];
        }
    }

    /// <summary>Takes <paramref name="pages"/> consecutive pages, aligned to the next power of two of their number.</summary>
    /// <param name="pages">1 to 2^<see cref="BuddyAllocator.MaxOrder"/>.</param>
    /// <returns>The index of the first frame, or <see cref="PageFrame.None"/> when the limit is reached.</returns>
    public unsafe uint Alloc(uint pages)
    {
        int order = Page.OrderOf((long)pages << Page.Shift);
        using (_lock.Hold())
        {
            if (_released || AllocatedPages + ChargedPages + pages > ManagedPages)
            {
                return PageFrame.None;
            }

            uint block = _buddy.Take(order, out bool cold);
            while (block == PageFrame.None)
            {
                if (!BringSectionOnline())
                {
                    return PageFrame.None;
                }

                block = _buddy.Take(order, out cold);
            }

            if (cold)
            {
                LearnToKeep();
            }

            uint surplus = (1u << order) - pages;
            if (surplus > 0)
            {
                _buddy.Give(block + pages, surplus, cold);
            }

            AllocatedPages += pages;
            PageFrame* head = &_memMap[block];
            head->Flags = PageFlags.Head;
            head->Order = (byte)order;
            head->Pages = pages;
            head->Count = 1;
            CountPeak();
            return block;
        }
    }

    /// <summary>Gives back a block that <see cref="Alloc"/> returned.</summary>
    /// <exception cref="InvalidOperationException">The frame is not the first of an allocated block, or is referenced more than once.</exception>
    public unsafe void Free(uint block)
    {
        if (!TryFree(block, PageFlags.Head, out _))
        {
            PageFrame* head = &_memMap[block];
            throw new InvalidOperationException(
                $"Page 0x{Address(block):x} of zone {Name} is freed while its flags are {head->Flags} and its count is {head->Count}; expected the first page of an allocated block with count 1.");
        }
    }

    /// <summary>Gives back a block, if the frame is the first of one that bears exactly these flags.</summary>
    public unsafe bool TryFree(uint block, PageFlags flags, out uint pages)
    {
        using (_lock.Hold())
        {
            pages = 0;
            PageFrame* head = &_memMap[block];
            if (_released || head->Flags != flags || head->Count != 1)
            {
                return false;
            }

            pages = head->Pages;
            head->Count = 0;
            head->Flags = PageFlags.None;
            AllocatedPages -= pages;
            _buddy.Give(block, pages, cold: false);
            GiveBackSurplus();

            return true;
        }
    }

    /// <summary>Counts pages that live outside the zone against its limit.</summary>
    public bool TryCharge(long pages)
    {
        using (_lock.Hold())
        {
            if (_released || AllocatedPages + ChargedPages + pages > ManagedPages)
            {
                return false;
            }

            ChargedPages += pages;
            CountPeak();
            return true;
        }
    }

    public void Uncharge(long pages)
    {
        using (_lock.Hold())
        {
            ChargedPages -= pages;
        }
    }

    public nint Address(uint frame) => Start + (nint)((long)frame << Page.Shift);

    public unsafe PageFrame* Frame(uint index) => &_memMap[index];

    public unsafe uint IndexOf(PageFrame* frame) => (uint)(frame - _memMap);

    /// <summary>The frame of the page that holds an address: one subtraction, one compare, one shift.</summary>
    /// <returns><see langword="false"/> when the address is outside the zone.</returns>
    public unsafe bool TryGetFrame(nint address, out PageFrame* frame)
    {
        nuint page = (nuint)(address - Start) >> Page.Shift;
        frame = &_memMap[page];
        return page < SpannedPages;
    }

    /// <summary>Ends the reservation. No page may be in use, and no call may follow.</summary>
    public void Release()
    {
        using (_lock.Hold())
        {
            if (_released)
            {
                return;
            }

            Volatile.Write(ref _released, true);
            Volatile.Write(ref _spannedPages, 0);
            if (Start != 0)
            {
                _memory.Release(Start, _windowBytes);
            }

            if (_memMapStart != 0)
            {
                _memory.Release(_memMapStart, _memMapBytes);
            }
        }
    }

    private unsafe long CommittedLocked() =>
        ((AllocatedPages + ChargedPages + _buddy.WarmFreePages) << Page.Shift) + (_onlinePages * sizeof(PageFrame));

    /// <summary>
    /// After pages were handed out. Free pages that still hold memory count against the limit as well where others lie
    /// outside the zone: then they give way.
    /// </summary>
    private void CountPeak()
    {
        if (AllocatedPages + ChargedPages + _buddy.WarmFreePages > ManagedPages)
        {
            TrimLocked();
        }

        PeakCommittedBytes = Math.Max(PeakCommittedBytes, CommittedLocked());
    }
}
