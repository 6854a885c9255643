using SlabGen.Memory;
using SlabGen.Pages;

namespace SlabGen.Slabs;

/// <summary>
/// The slabs of a cache: where objects come from and go back to when no magazine has them (the kernel's
/// <c>struct kmem_cache_node</c>).
/// </summary>
/// <remarks>
/// <para>All mutable state is under <see cref="_listLock"/>, which comes after a thread cache's gate and a depot's lock,
/// and before the locks of the metadata pools and the zone.</para>
/// <para>Invariants:</para>
/// <list type="number">
/// <item>Every slab is on exactly one list, and on the one that its fill says (<see cref="ListFor"/>): full, one of
/// eight partial lists by eighths, or empty; but one whose objects are being moved away is on a list of its own, where
/// nothing is taken from it and it is not released.</item>
/// <item>The frames of a slab's pages, and no others, have <see cref="PageFlags.Slab"/>, the cache's id in
/// <c>Private</c> and the slab in <c>Mapping</c>.</item>
/// <item><see cref="InUse"/> is the sum of the slabs' <see cref="Slab.InUse"/>; <see cref="Capacity"/> that of their
/// objects.</item>
/// <item>A slab that becomes empty is kept only while at most <see cref="SlabCacheOptions.MinPartial"/> slabs have a free object.</item>
/// </list>
/// </remarks>
internal sealed partial class KmemCacheNode
{
    private const int EmptyList = 0, PartialLists = 8, FullList = PartialLists + 1, IsolatedList = FullList + 1;

    private readonly UninterruptibleLock _listLock = new();
    private readonly SlabList[] _lists = new SlabList[IsolatedList + 1]; // by fill: empty, 1st to 8th eighth, full; isolated
    private readonly MetadataPool _slabs;
    private readonly SlabCacheOptions _options;
    private readonly ShuffledOrder? _shuffle; // under the list lock
    private int _slabCount;
    private int _nextColor;
    private long _visits, _seenVisits; // calls of Take and Give
    private bool _closed;

    public KmemCacheNode(string name, uint cacheId, SlabLayout layout, SlabCacheOptions options, PageAllocator pages, MetadataPools pools, SlabLife? life)
    {
        _life = life;
        _options = options;
        _shuffle = options.RandomOrder ? new ShuffledOrder(layout.ObjectsIn(layout.Order), options.RandomSeed) : null;
        Name = name;
        CacheId = cacheId;
        Layout = layout;
        Pages = pages;
        _slabs = pools.For(Slab.BytesFor(layout.ObjectsIn(layout.Order)));
    }

    public string Name { get; }

    public uint CacheId { get; }

    public SlabLayout Layout { get; }

    public PageAllocator Pages { get; }

    /// <summary>Objects taken from the slabs: live ones, and free ones in magazines.</summary>
    public long InUse { get; private set; }

    /// <summary>Objects in all slabs.</summary>
    public long Capacity { get; private set; }

    /// <summary>Bytes of all slabs.</summary>
    public long SlabBytes { get; private set; }

    /// <summary>Takes up to <paramref name="wanted"/> objects, from the fullest slabs first.</summary>
    /// <param name="addresses">Receives the objects.</param>
    /// <param name="wanted">How many.</param>
    /// <param name="gfp">Whether pages for a new slab may come out of the reserve.</param>
    /// <param name="node">The node on which the objects must lie, or -1.</param>
    /// <returns>How many were taken: fewer than wanted only when memory has run out, a limit is met, or slabs must be constructed first.</returns>
    public unsafe int Take(nint* addresses, int wanted, GfpFlags gfp = GfpFlags.Kernel, int node = -1)
    {
        using (_listLock.Hold())
        {
            int taken = 0;
            _visits++;
            wanted = WithinMaxObjects(wanted);
            while (taken < wanted && !_closed)
            {
                Slab* slab = node < 0 ? FullestWithRoom() : FullestWithRoomOn(node);
                if (slab == null && (HasLife || (slab = TryGrow(gfp, node)) == null))
                {
                    break;
                }

                taken += TakeFrom(slab, addresses + taken, wanted - taken);
            }

            _peakInUse = Math.Max(_peakInUse, InUse);
            return taken;
        }
    }

    /// <summary>Takes objects back. Those that are not this cache's to take back are left out.</summary>
    /// <returns>The first pointer that was left out, and why; <see cref="SlabFault.None"/> when there was none.</returns>
    public unsafe (SlabFault Fault, nint Address) Give(ReadOnlySpan<nint> addresses)
    {
        (SlabFault Fault, nint Address) first = default;
        using (_listLock.Hold())
        {
            _visits++;
            foreach (nint address in addresses)
            {
                SlabFault fault = GiveLocked(address);
                if (fault != SlabFault.None && first.Fault == SlabFault.None)
                {
                    first = (fault, address);
                }
            }
        }

        return first;
    }

    /// <summary>From now on no object can be taken: the cache was destroyed.</summary>
    public void Close()
    {
        using (_listLock.Hold())
        {
            _closed = true;
        }
    }

    /// <summary>Whether no object was taken or given since the last call.</summary>
    public bool IsIdle()
    {
        using (_listLock.Hold())
        {
            bool idle = _visits == _seenVisits;
            _seenVisits = _visits;
            return idle;
        }
    }

    /// <summary>Gives the pages of every empty slab back to the zone.</summary>
    public unsafe void ReleaseEmpty()
    {
        using (_listLock.Hold())
        {
            while (_lists[EmptyList].First != null)
            {
                Release(_lists[EmptyList].First);
            }
        }
    }

    /// <summary>What is wrong with an address as an object of this cache, if anything.</summary>
    public unsafe SlabFault Check(nint address)
    {
        using (_listLock.Hold())
        {
            return Locate(address, out _, out _);
        }
    }

    /// <summary>The first objects in use, but for some, up to the length of <paramref name="addresses"/>.</summary>
    /// <returns>How many were written.</returns>
    public unsafe int ListInUse(Span<nint> addresses, HashSet<nint>? except = null)
    {
        int found = 0;
        using (_listLock.Hold())
        {
            for (int list = IsolatedList; list > EmptyList; list--)
            {
                for (Slab* slab = _lists[list].First; slab != null; slab = slab->Next)
                {
                    for (int i = 0; i < slab->Objects; i++)
                    {
                        nint address = slab->Memory + ((nint)i * Layout.Size);
                        if ((Slab.Free(slab)[i >> 6] & (1UL << (i & 63))) != 0 || except?.Contains(address) == true)
                        {
                            continue;
                        }

                        if (found == addresses.Length)
                        {
                            return found;
                        }

                        addresses[found++] = address;
                    }
                }
            }
        }

        return found;
    }

    private unsafe int TakeFrom(Slab* slab, nint* addresses, int wanted)
    {
        int got = _shuffle is null ? Slab.Take(slab, Layout.Size, addresses, wanted) : _shuffle.Take(slab, Layout.Size, addresses, wanted);
        InUse += got;
        MoveToItsList(slab);
        return got;
    }

    private unsafe SlabFault GiveLocked(nint address)
    {
        SlabFault fault = Locate(address, out Slab* slab, out int index);
        if (fault != SlabFault.None)
        {
            return fault;
        }

        Slab.TryGive(slab, index);
        InUse--;
        slab->Stuck = slab->Stuck == index + 1 ? (ushort)0 : slab->Stuck;
        MoveToItsList(slab);
        if (slab->List == EmptyList && _slabCount - _lists[FullList].Count > (_options.MinPartial ?? Layout.MinPartial))
        {
            Release(slab); // discard_slab: enough others have room
        }

        return SlabFault.None;
    }

    /// <summary>Finds the object in use at an address: O(1), by the page's frame.</summary>
    private unsafe SlabFault Locate(nint address, out Slab* slab, out int index)
    {
        slab = null;
        index = 0;
        if (address == 0)
        {
            return SlabFault.NullPointer;
        }

        // A frame that bears this cache's id cannot change while the list lock is held. One of another cache may be gone
        // the next moment, which is why its slab is not looked at.
        uint id = Pages.TryGetFrame(address, out _, out PageFrame* frame) ? Volatile.Read(ref frame->Private) : 0;
        if (id != CacheId)
        {
            return id == 0 ? SlabFault.ForeignPointer : SlabFault.WrongCache;
        }

        slab = (Slab*)frame->Mapping;
        long offset = address - slab->Memory;
        if (offset < 0)
        {
            return SlabFault.InteriorPointer; // before the first object, in the colour
        }

        index = Layout.IndexOf((uint)offset);
        if (index >= slab->Objects || (long)index * Layout.Size != offset)
        {
            return SlabFault.InteriorPointer;
        }

        bool free = (Slab.Free(slab)[index >> 6] & (1UL << (index & 63))) != 0;
        return free ? SlabFault.DoubleFree : SlabFault.None;
    }

    private unsafe Slab* FullestWithRoom()
    {
        for (int list = FullList - 1; list >= EmptyList; list--)
        {
            if (_lists[list].First != null)
            {
                return _lists[list].First;
            }
        }

        return null;
    }

    private unsafe Slab* TryGrow(GfpFlags gfp, int node)
    {
        Slab* slab = TryMakeSlab(gfp, node);
        if (slab != null)
        {
            AddSlab(slab);
        }

        return slab;
    }

    /// <summary>Makes a slab of free objects that is on no list yet, and in no count.</summary>
    private unsafe Slab* TryMakeSlab(GfpFlags gfp, int node)
    {
        // allocate_slab: the best order first, and when there is no such block the least that holds an object.
        int order = Layout.Order;
        if (!TryAllocSlab(order, gfp, node, out Zone? zone, out uint block, out Slab* slab)
            && (order == Layout.MinOrder || !TryAllocSlab(order = Layout.MinOrder, gfp, node, out zone, out block, out slab)))
        {
            _failedSlabs++;
            return null;
        }

        CountFallbacks(zone!.Kind, order);
        int color = order == Layout.Order ? _nextColor : 0;
        _nextColor = _nextColor + 1 < Layout.Colors ? _nextColor + 1 : 0;

        slab->Memory = zone.Address(block) + ((nint)color * Layout.ColorOffset);
        slab->Objects = (ushort)Layout.ObjectsIn(order);
        slab->InUse = 0;
        slab->Order = (byte)order;
        slab->Stuck = 0;
        Slab.FillBitmap(slab);
        SetFrames(zone, block, order, slab);
        return slab;
    }

    private unsafe void AddSlab(Slab* slab)
    {
        slab->List = EmptyList;
        _lists[EmptyList].Add(slab);
        _slabCount++;
        Capacity += slab->Objects;
        SlabBytes += (long)Page.Size << slab->Order;
        _peakSlabBytes = Math.Max(_peakSlabBytes, SlabBytes);
    }

    /// <summary>Takes a block of pages, and then a descriptor, whose page might else break up the only such block.</summary>
    private unsafe bool TryAllocSlab(int order, GfpFlags gfp, int node, out Zone? zone, out uint block, out Slab* slab)
    {
        (zone, block) = (null, PageFrame.None);
        slab = null;
        if (!TryCharge(order))
        {
            return false;
        }

        if (!Pages.TryAllocBlock(1u << order, _options.Zone, _options.Fallback, out zone, out block, node < 0 ? gfp : gfp | GfpFlags.ThisNode, node))
        {
            Discharge(order);
            return false;
        }

        slab = (Slab*)_slabs.TryAlloc(gfp);
        if (slab == null)
        {
            Pages.FreeBlock(zone, block);
            Discharge(order);
        }

        return slab != null;
    }

    private unsafe void Release(Slab* slab)
    {
        _lists[slab->List].Remove(slab);
        _slabCount--;
        Capacity -= slab->Objects;
        SlabBytes -= (long)Page.Size << slab->Order;
        if (HasLife)
        {
            slab->Next = _doomed;
            _doomed = slab;
            _doomedSlabs++;
        }
        else
        {
            GiveBack(slab);
        }
    }

    /// <summary>Gives the pages of a slab back that is on no list. Under the list lock, as all changes of its frames.</summary>
    private unsafe void GiveBack(Slab* slab)
    {
        Pages.TryGetFrame(slab->Memory, out Zone? zone, out PageFrame* first);
        uint block = zone!.IndexOf(first) & ~((1u << slab->Order) - 1);
        int order = slab->Order;
        SetFrames(zone, block, order, null);
        _slabs.Free(slab);
        Pages.FreeBlock(zone, block);
        Discharge(order);
    }

    private unsafe void SetFrames(Zone zone, uint block, int order, Slab* slab)
    {
        PageFrame* frame = zone.Frame(block);
        for (PageFrame* end = frame + (1 << order); frame < end; frame++)
        {
            frame->Flags = slab == null ? frame->Flags & ~PageFlags.Slab : frame->Flags | PageFlags.Slab;
            frame->Private = slab == null ? 0 : CacheId;
            frame->Mapping = (nint)slab;
        }
    }

    private unsafe void MoveToItsList(Slab* slab)
    {
        int list = ListFor(slab);
        if (list != slab->List && slab->List != IsolatedList)
        {
            PutOn(list, slab);
        }
    }

    private unsafe void PutOn(int list, Slab* slab)
    {
        _lists[slab->List].Remove(slab);
        slab->List = (byte)list;
        slab->Stuck = list == FullList ? (ushort)0 : slab->Stuck;
        _lists[list].Add(slab);
    }

    private static unsafe int ListFor(Slab* slab) =>
        slab->InUse == 0 ? EmptyList
        : slab->InUse == slab->Objects ? FullList
        : 1 + ((int)(uint)(slab->InUse * PartialLists) / slab->Objects);
}
