using SlabGen.Slabs;

namespace SlabGen;

/// <summary>How a cache is laid out and how much it keeps. Every default is right for most caches.</summary>
public sealed partial record SlabCacheOptions
{
    /// <summary>
    /// The least alignment of an object, in bytes: a power of two from 1 to the page size, or 0 for 8.
    /// </summary>
    public int Alignment { get; init; }

    /// <summary>
    /// Align to the processor's cache line, halved while the object fits into half (<c>SLAB_HWCACHE_ALIGN</c>).
    /// </summary>
    public bool HwCacheAlign { get; init; }

    /// <summary>
    /// Pages of a slab, as a power of two: 0 to 10. The slab must hold at least one object, and at most 32,512 with
    /// pages of 4 KiB. By default it is the order that the kernel's <c>calculate_order</c> finds, or a higher one, up
    /// to 64 KiB, that wastes less.
    /// </summary>
    public int? Order { get; init; }

    /// <summary>
    /// Raise it for a cache that shrinks and grows all the time; set it to 0 to give memory back as soon as possible. A
    /// slab that becomes empty goes back to its zone at once if more slabs than this, itself included, have a free
    /// object (<c>min_partial</c>). 0 or more; by default 5 to 10, by the object's size.
    /// </summary>
    public int? MinPartial { get; init; }

    /// <summary>
    /// Whether the first objects of slabs lie at different offsets. Equal fields of many slabs then spread over the
    /// processor's cache, as far as the space left over in a slab allows (Bonwick 1994, section 4.1).
    /// </summary>
    public bool Coloring { get; init; } = true;

    /// <summary>
    /// Takes the objects of a slab in random order (<c>CONFIG_SLAB_FREELIST_RANDOM</c>). The time of an allocation then
    /// does not tell where the object lies. The random numbers are not of cryptographic strength.
    /// </summary>
    public bool RandomOrder { get; init; }

    /// <summary>
    /// The seed of <see cref="RandomOrder"/>, for tests that must repeat. By default each cache has a different one.
    /// </summary>
    public int? RandomSeed { get; init; }

    /// <summary>Where the slabs lie. Those in <see cref="ZoneKind.HighMem"/> stay mapped while they live.</summary>
    public ZoneKind Zone { get; init; } = ZoneKind.Normal;

    /// <summary>
    /// Where slabs may lie when <see cref="Zone"/> has no pages. By default they may lie in any other zone, and the
    /// zones count that. With <see cref="ZoneFallback.Strict"/> they never lie above <see cref="Zone"/>.
    /// </summary>
    public ZoneFallback Fallback { get; init; } = ZoneFallback.Preferred;

    /// <summary>
    /// Says that the objects are a cache of something, and that a shrinker frees them when memory is short. The slabs
    /// then count among <see cref="SlabRuntime.ReclaimableBytes"/> (<c>SLAB_RECLAIM_ACCOUNT</c>). Nothing else depends
    /// on it.
    /// </summary>
    public bool Reclaimable { get; init; }

    /// <summary>
    /// Verifies every call at once instead of when a magazine is emptied. Magazines stay, and no lock is taken for it;
    /// it takes an eighth of the slabs' memory, on top of the limit. By default the runtime decides
    /// (<see cref="SlabRuntimeOptions.Checked"/>).
    /// </summary>
    public bool? Checked { get; init; }

    /// <summary>
    /// Set by generated classes of a debug build: every call is verified, unless
    /// <see cref="Checked"/> says otherwise or <c>SLABGEN_DEBUG</c> turns checking off.
    /// </summary>
    public bool CheckedByBuild { get; init; }

    /// <summary>
    /// What is done to find misuse (the flags of <c>kmem_cache_create</c> that the kernel's <c>slab_debug</c> sets). By
    /// default what <c>SLABGEN_DEBUG</c> says of the cache by its name, else what the runtime does
    /// (<see cref="SlabRuntimeOptions.Debug"/>).
    /// </summary>
    /// <remarks>
    /// What a cache cannot have is left out, as in the kernel: <see cref="SlabDebug.Poison"/> with a constructor or
    /// <see cref="TypeSafeByRcu"/>, and red zones and tracks of objects that fill the largest slab alone.
    /// <see cref="CacheSnapshot.Debug"/> says what is in effect. Objects are then further apart, and slabs may have a
    /// higher <see cref="Order"/> than asked for. Each call takes a lock, except with <see cref="SlabDebug.Checks"/>
    /// alone.
    /// </remarks>
    public SlabDebug? Debug { get; init; }

    /// <summary>
    /// Bytes of freed objects, with what lies beside them, that wait before anyone gets them again, in a cache that is
    /// checked; it is then one with <see cref="SlabDebug.Quarantine"/>. 0 for none, also where that letter is given.
    /// By default 256 KiB where it is given, and else none. They come home at a limit, when memory is short, and with
    /// <see cref="KmemCache.Shrink"/>.
    /// </summary>
    public long? QuarantineBytes { get; init; }

    /// <summary>
    /// Whether the cache's callers find the fast path in the bins of their thread, by the cache's id, if there are bins
    /// for so high an id.
    /// </summary>
    internal bool InBins { get; init; }

    /// <summary>
    /// Whether the first slabs are small, and larger ones come as the cache fills: for one of many caches of which most
    /// have few objects.
    /// </summary>
    internal bool StartsSmall { get; init; }

    /// <summary>
    /// Whether each slab is one object of whole pages, no more of them than it needs: for sizes of which a slab of
    /// several objects would be large.
    /// </summary>
    internal bool WholePages { get; init; }

    /// <summary>With <see cref="Zeroing"/> on free: whether objects may be freed later, and are cleared then.</summary>
    internal bool ZeroesDeferred { get; init; }

    /// <summary>Whether any free object of a magazine is taken, and not the last.</summary>
    internal bool RandomReuse { get; init; }

    /// <summary>Whether the addresses of slabs stay the cache's until its end.</summary>
    internal bool TypeStable { get; init; }

    /// <summary>The inaccessible bytes behind each slab: a page, or 0.</summary>
    internal int GuardBytes { get; init; }

    /// <summary>What the depots of this cache and others may keep together.</summary>
    internal DepotBudget? DepotBudget { get; init; }

    /// <summary>
    /// Objects in a magazine, 1 to 509 with pages of 4 KiB. 0 chooses by the object's size, and goes over to larger
    /// magazines, of at most 64 KiB of objects, when threads wait for one another at the depot.
    /// </summary>
    public int MagazineRounds { get; init; }

    /// <summary>
    /// Bytes of free objects that the depot keeps in full magazines; more go back to the slabs. 0 keeps none.
    /// </summary>
    public long DepotBytes { get; init; } = 8 << 20;

    /// <summary>
    /// Bytes of free objects that must wait in the depot before a thread gets objects that another thread freed.
    /// Objects freed more recently are still in the other processor's cache.
    /// </summary>
    public long ReuseDistanceBytes { get; init; } = 4 << 20;

    /// <summary>
    /// For lock-free look-ups whose readers can tell when an object became another one, by a key or a count in it.
    /// Objects are then freed without waiting for readers. The pages of a slab go back a grace period of
    /// <see cref="Rcu"/> after it became empty, and its destructors run then (<c>SLAB_TYPESAFE_BY_RCU</c>). The cache
    /// may reuse an object at once. So a reader in a read-side section always reads an object of this cache, but must
    /// check that it is still the one it looked for. If readers cannot tell, use <see cref="KmemCache.FreeDeferred"/>.
    /// </summary>
    public bool TypeSafeByRcu { get; init; }

    /// <summary>
    /// When objects are cleared. Calls of such a cache leave the fast path, so that other caches need not ask. Not
    /// together with a constructor or a destructor, nor with <see cref="TypeSafeByRcu"/>: a reader may be looking. With
    /// <see cref="SlabZeroing.OnFree"/> nothing can be freed by <see cref="KmemCache.FreeDeferred"/>, and only what is
    /// an object of the cache is cleared.
    /// </summary>
    /// <remarks>
    /// A generated class whose attribute sets <c>Zeroing</c> clears objects itself, and its fast path stays.
    /// </remarks>
    public SlabZeroing Zeroing { get; init; }

    /// <summary>
    /// No magazines: each call goes to the slabs and takes a lock, and what is freed is free at once
    /// (<c>UMC_NOMAGAZINE</c>).
    /// </summary>
    public bool NoMagazines { get; init; }

    /// <summary>
    /// The most objects that may be taken from the slabs at once, or 0 for no limit (UMA's <c>uma_zone_set_max</c>).
    /// Live objects and free ones in magazines count. When the limit is met, a request that may wait first takes home
    /// what the magazines of all threads hold. While the threads that used the cache rest, all of them can be taken
    /// (<see cref="KmemCache.Shrink"/>). Each of those threads that runs at that moment may keep one free object.
    /// </summary>
    public long MaxObjects { get; init; }

    /// <summary>The most bytes of slabs, at least those of the smallest slab, or 0 for no limit.</summary>
    public long MaxBytes { get; init; }

    /// <summary>
    /// Called when <see cref="MaxObjects"/> or <see cref="MaxBytes"/> keeps a request from being served (UMA's
    /// <c>uma_zone_set_warning</c>), on the thread of the request and without a lock; not for requests that may not
    /// wait. What it throws comes out of the request.
    /// </summary>
    public Action<SlabLimitWarning>? LimitWarning { get; init; }

    /// <summary>
    /// The least time between two calls of <see cref="LimitWarning"/>: UMA's 300 s by default. 0 calls it each time,
    /// <see cref="Timeout.InfiniteTimeSpan"/> once.
    /// </summary>
    public TimeSpan LimitWarningInterval { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>Whose quota the slabs are charged to, or none (<c>SLAB_ACCOUNT</c>).</summary>
    public SlabAccount? Account { get; init; }
}
