using SlabGen.Checking;
using SlabGen.Guards;
using SlabGen.Memory;
using SlabGen.Metadata;
using SlabGen.Zones;

namespace SlabGen.Slabs;

/// <summary>
/// The slabs of a cache. When no magazine serves, objects come from here and go back here (the kernel's <c>struct
/// kmem_cache_node</c>).
/// </summary>
/// <remarks>
/// <para>All mutable state is under <see cref="_listLock"/>. It comes after a thread cache's gate and a depot's lock,
/// and before the locks of the metadata pools and the zone.</para>
/// <para>Invariants:</para>
/// <list type="number">
/// <item>Every slab is on exactly one list, and on the one that its fill says (<see cref="ListFor"/>): full, one of
/// eight partial lists by eighths, or empty; but one whose objects are being moved away is on a list of its own, where
/// nothing is taken from it and it is not discarded, and those that are on their way in or out are on none
/// (<see cref="HasDetached"/>).</item>
/// <item>The frames of a slab's pages, and no other frames, have <see cref="PageFlags.Slab"/>, the cache's id in
/// <c>Private</c> and the slab in <c>Mapping</c>. On the way back the first frame keeps only the flag.</item>
/// <item><see cref="InUse"/> is the sum of the slabs' <see cref="Slab.InUse"/>; <see cref="Capacity"/> that of their
/// objects.</item>
/// <item>A guarded object counts in both as a slab of one object. It is in no slab, and on no list.</item>
/// <item>A slab that becomes empty is kept only while at most <see cref="SlabCacheOptions.MinPartial"/> slabs have a
/// free object, and the runtime and the account of the cache are not short.</item>
/// </list>
/// </remarks>
internal sealed partial class CacheSlabs
{
    private const int EmptyList = 0, PartialLists = 8, FullList = PartialLists + 1, IsolatedList = FullList + 1;

    private readonly UninterruptibleLock _listLock = new();
    // List lock; by fill: empty, 1st to 8th eighth, full; isolated.
    private readonly SlabList[] _lists = new SlabList[IsolatedList + 1];
    private readonly DetachedSlabs _detached; // list lock
    private readonly MetadataPool _descriptors;
    private readonly SlabCacheOptions _options;
    private readonly SlabLife? _life;
    private readonly ShuffledOrder? _shuffle; // list lock
    private readonly KeptBlocks? _kept; // list lock
    private int _slabCount; // list lock
    private int _nextColor; // list lock
    private nint _movingTo; // list lock: the object that one is being moved to, or 0; it belongs to no user yet
    private long _inUse; // list lock; read by anyone
    private long _visits; // list lock; read by anyone: calls of Take and Give
    private long _seenVisits; // list lock: the visits when IsIdle was last called
    private long _peakInUse, _peakSlabBytes, _madeSlabBytes; // list lock
    private long _zoneFallbacks, _orderFallbacks, _failedSlabs; // list lock
    // List lock: objects handed out; calls that handed some out, and that took some back; slabs that were on a list.
    private long _taken, _refills, _flushes, _madeSlabs;
    private long _refusedSlabs; // any thread, interlocked
    private bool _closed; // list lock; goes to true once; read by anyone
    private bool _idGivenUp; // list lock; goes to true once

    public CacheSlabs(string name, uint cacheId, SlabLayout layout, SlabCacheOptions options, PageAllocator pages,
        MetadataPools pools, SlabLife? life)
    {
        _life = life;
        _options = options;
        _shuffle = options.RandomOrder ? new ShuffledOrder(layout.ObjectsIn(layout.Order), options.RandomSeed) : null;
        Name = name;
        CacheId = cacheId;
        Layout = layout;
        _detached = new DetachedSlabs(layout);
        _kept = options.TypeStable ? new KeptBlocks(pages) : null;
        Quota = new SlabQuota(name, layout, options);
        Pages = pages;
        Guards = life is not null || options.TypeSafeByRcu ? null
            : CacheGuards.Of(pages.GuardsFor(options.Zone), name, cacheId, layout.ObjectSize, layout.Alignment);
        _descriptors = pools.For(Slab.BytesFor(layout.ObjectsIn(layout.Order)));
    }

    public string Name { get; }

    public uint CacheId { get; }

    /// <summary>Whether threads have bins for the id.</summary>
    public bool HasBins { get; init; }

    /// <summary>
    /// Whether the pages of slabs say the id, for look-ups on a fast path: of bins, or of checked mode, whose id has a
    /// bin that stays shut.
    /// </summary>
    public bool NamesPages { get; init; }

    /// <summary>In checked mode: what is known of each object.</summary>
    public ObjectStates? States { get; init; }

    /// <summary>What lies beside the objects of a cache with letters; else null.</summary>
    public ObjectMarks? Marks { get; init; }

    public SlabLayout Layout { get; }

    public PageAllocator Pages { get; }

    /// <summary>The guarded objects of the cache; null when there can be none.</summary>
    public CacheGuards? Guards { get; }

    /// <summary>The limits of the cache.</summary>
    public SlabQuota Quota { get; }

    /// <summary>Objects taken from the slabs: live ones, and those free in magazines.</summary>
    public long InUse
    {
        get => Volatile.Read(ref _inUse);
        private set => Volatile.Write(ref _inUse, value); // after the visit: who sees it change sees the visit too
    }

    /// <summary>Objects in all slabs.</summary>
    public long Capacity { get; private set; }

    /// <summary>Bytes of all slabs.</summary>
    public long SlabBytes { get; private set; }

    /// <summary>Pages of slabs whose memory went back to the system while other pages of theirs are in use.</summary>
    public long HollowPages { get; private set; }

    /// <summary>Whether the last slab was given up because its constructor refused; for the text of an error.</summary>
    public bool ConstructorRefused { get; private set; }

    /// <summary>Who is to be called until every slab has left. Set before the first use.</summary>
    public IDeferred? Deferral { get; set; }

    /// <summary>What was found where nobody could be told: the next slow calls on the cache throw it.</summary>
    public PendingErrors Pending { get; } = new();

    /// <summary>How often the lists were visited, to take objects or give some back; a snapshot.</summary>
    public long Visits => Volatile.Read(ref _visits);

    /// <summary>Takes up to <paramref name="wanted"/> objects, from the fullest slabs first.</summary>
    /// <param name="addresses">Receives the objects.</param>
    /// <param name="wanted">The number of objects.</param>
    /// <param name="gfp">Whether pages for a new slab may come from the reserve.</param>
    /// <param name="node">The node on which the objects must lie, or -1.</param>
    /// <returns>
    /// The number of objects taken. It is fewer than wanted only when memory has run out, a limit is met, or slabs must
    /// be constructed first.
    /// </returns>
    public unsafe int Take(nint* addresses, int wanted, GfpFlags gfp = GfpFlags.Kernel, int node = -1)
    {
        using (_listLock.Hold())
        {
            int taken = 0;
            _visits++;
            wanted = Quota.WithinMaxObjects(wanted, InUse);
            while (taken < wanted && !_closed)
            {
                Slab* slab = node < 0 ? FullestWithRoom() : FullestWithRoomOn(node);
                if (slab == null && (HasLife || (slab = TryGrow(wanted - taken, gfp, node)) == null))
                {
                    break;
                }

                Fill(slab);
                int got = _shuffle is null
                    ? Slab.Take(slab, Layout.Size, addresses + taken, wanted - taken)
                    : _shuffle.Take(slab, Layout.Size, addresses + taken, wanted - taken);
                taken += got;
                InUse += got;
                MoveToItsList(slab);
            }

            _taken += taken;
            _refills += taken > 0 ? 1 : 0;
            _peakInUse = Math.Max(_peakInUse, InUse);
            return taken;
        }
    }

    /// <summary>Outside of all locks: lets a depot give up a magazine, if the depots have too much.</summary>
    public void RelieveDepots()
    {
        if (_options.DepotBudget is { IsOver: true, Relieve: { } relieve })
        {
            relieve();
        }
    }

    /// <summary>Marks the cache as destroyed. No object can be taken from now on.</summary>
    public void Close()
    {
        using (_listLock.Hold())
        {
            _closed = true;
            _kept?.ReleaseAll();
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
    public unsafe void DiscardEmpty()
    {
        using (_listLock.Hold())
        {
            while (_lists[EmptyList].First != null)
            {
                Discard(_lists[EmptyList].First);
            }
        }
    }

    /// <summary>
    /// What is wrong with an address as a live object of this cache; <see cref="SlabFault.None"/> if nothing is.
    /// </summary>
    public unsafe SlabFault Check(nint address)
    {
        using (_listLock.Hold())
        {
            return GuardRange.Contains(address) ? CheckGuarded(address) : Locate(address, out _, out _);
        }
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
