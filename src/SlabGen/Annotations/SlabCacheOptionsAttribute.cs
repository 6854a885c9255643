namespace SlabGen;

/// <summary>
/// The options that <see cref="SlabCacheAttribute"/> sets for one struct and <see cref="SlabCacheDefaultsAttribute"/>
/// for all structs of an assembly. An option that neither sets does not appear in the generated code.
/// </summary>
public abstract class SlabCacheOptionsAttribute : Attribute
{
    private protected SlabCacheOptionsAttribute()
    {
    }

    /// <summary>
    /// The least alignment of an object, in bytes: a power of two from 1 to 4096, or 0 for the natural one (8 bytes).
    /// </summary>
    public int Alignment { get; set; }

    /// <summary>
    /// Aligns objects to the processor's cache line, or for small objects to the largest fraction of it that still
    /// holds one (<c>SLAB_HWCACHE_ALIGN</c>).
    /// </summary>
    public bool HwCacheAlign { get; set; }

    /// <summary>
    /// Pages of a slab, as a power of two: 0 to 10; or -1 to choose by the object's size
    /// (<see cref="SlabCacheOptions.Order"/>).
    /// </summary>
    public int Order { get; set; } = -1;

    /// <summary>
    /// Raise it for a cache that shrinks and grows all the time; 0 gives memory back as soon as possible. A slab that
    /// becomes empty goes back at once if more slabs than this have a free object. At least 0, or -1 to choose by the
    /// object's size (<see cref="SlabCacheOptions.MinPartial"/>).
    /// </summary>
    public int MinPartial { get; set; } = -1;

    /// <summary>
    /// Whether the first objects of slabs lie at different offsets (<see cref="SlabCacheOptions.Coloring"/>).
    /// </summary>
    public bool Coloring { get; set; } = true;

    /// <summary>Take the objects of a slab in random order (<see cref="SlabCacheOptions.RandomOrder"/>).</summary>
    public bool RandomOrder { get; set; }

    /// <summary>
    /// The seed of <see cref="RandomOrder"/>, for runs that must repeat; 0 gives every run a different one.
    /// </summary>
    public int RandomSeed { get; set; }

    /// <summary>Where the slabs lie. Those in <see cref="ZoneKind.HighMem"/> stay mapped while they live.</summary>
    public ZoneKind Zone { get; set; } = ZoneKind.Normal;

    /// <summary>Where slabs may lie when <see cref="Zone"/> has no pages.</summary>
    public ZoneFallback Fallback { get; set; } = ZoneFallback.Preferred;

    /// <summary>
    /// Whether the objects lie in locked memory, which the system never swaps out. <see cref="Pinning.None"/> leaves
    /// that to <see cref="SlabRuntime.Default"/>. With another value, the class lives in the runtime of that kind,
    /// <see cref="SlabRuntime.Of"/>. All such classes share that runtime, and it has a memory limit of its own.
    /// </summary>
    public Pinning Pinning { get; set; }

    /// <summary>
    /// Whether the objects lie in pages of 2 MiB. <see cref="HugePages.None"/> leaves that to
    /// <see cref="SlabRuntime.Default"/>. With another value the class lives in <see cref="SlabRuntime.Of"/>, as with
    /// <see cref="Pinning"/>.
    /// </summary>
    public HugePages HugePages { get; set; }

    /// <summary>
    /// Objects in a magazine, 1 to 509; or 0 to choose by the object's size
    /// (<see cref="SlabCacheOptions.MagazineRounds"/>).
    /// </summary>
    public int MagazineRounds { get; set; }

    /// <summary>Bytes of free objects that the depot keeps in full magazines. 0 keeps none. 8 MiB by default.</summary>
    public long DepotBytes { get; set; } = 8 << 20;

    /// <summary>
    /// Bytes of free objects that wait in the depot before another thread gets them
    /// (<see cref="SlabCacheOptions.ReuseDistanceBytes"/>). 4 MiB by default.
    /// </summary>
    public long ReuseDistanceBytes { get; set; } = 4 << 20;

    /// <summary>
    /// The most objects that may be taken from the slabs at once, or 0 for no limit. At the limit, each running thread
    /// that used the cache may keep one of them (<see cref="SlabCacheOptions.MaxObjects"/>).
    /// </summary>
    public long MaxObjects { get; set; }

    /// <summary>
    /// The most bytes of slabs, at least those of the smallest slab, or 0 for no limit
    /// (<see cref="SlabCacheOptions.MaxBytes"/>).
    /// </summary>
    public long MaxBytes { get; set; }

    /// <summary>
    /// Says that the objects are a cache of something, and that a shrinker frees them when memory is short
    /// (<see cref="SlabCacheOptions.Reclaimable"/>).
    /// </summary>
    public bool Reclaimable { get; set; }

    /// <summary>
    /// For lock-free look-ups whose readers can tell when an object became another one. A reader in a read-side section
    /// of <see cref="Rcu"/> always reads an object of the cache, though it may have been freed and taken again
    /// (<see cref="SlabCacheOptions.TypeSafeByRcu"/>). It excludes <see cref="Zeroing"/>, as in the kernel: a reader
    /// may be looking at the lock or the count of an object that another thread takes.
    /// </summary>
    public bool TypeSafeByRcu { get; set; }

    /// <summary>How soon a bad pointer is found.</summary>
    public SlabMode Mode { get; set; }

    /// <summary>
    /// What is done to find misuse: red zones, poison, and more (<see cref="SlabCacheOptions.Debug"/>).
    /// <see cref="SlabDebug.None"/> leaves that to <c>SLABGEN_DEBUG</c>, the build and the runtime. It excludes
    /// <see cref="SlabMode.Fast"/>.
    /// </summary>
    public SlabDebug Debug { get; set; }

    /// <summary>
    /// When objects are cleared. It excludes a <see cref="SlabConstructorAttribute"/>, whose work clearing would undo.
    /// </summary>
    public SlabZeroing Zeroing { get; set; }

    /// <summary>
    /// The generated class also has <c>AllocHandle</c>, <c>TryAllocHandle</c>, <c>Free</c> and <c>TryFree</c> for
    /// objects by <see cref="SlabHandle{T}"/>. Once an object is freed, every use of one of its handles is certain to
    /// find it stale (<see cref="SlabHandles{T}"/>).
    /// </summary>
    public bool Handles { get; set; }

    /// <summary>
    /// The struct gets <c>Alloc</c>, <c>AllocZeroed</c>, <c>TryAlloc</c>, <c>Free</c> and <c>Rent</c> as extension
    /// members: <c>Order.Alloc()</c>. If the struct has a member of such a name, its own member is called. It needs C#
    /// 14.
    /// </summary>
    public bool Extensions { get; set; }

    /// <summary>
    /// Promises that only one thread ever uses the generated class: the first one that does. The class then has no
    /// thread-static slot to look up.
    /// </summary>
    /// <remarks>
    /// A second thread corrupts the cache, and only checked mode reliably finds it (<see cref="Mode"/>,
    /// <c>SLABGEN_DEBUG=1</c>). There every call of a second thread throws <see cref="InvalidOperationException"/>. In
    /// the default mode the fast path does not look, and may serve the second thread for a long time. A call that
    /// leaves the fast path throws, but by then the damage may be done. Run the tests in checked mode. Reclaim still
    /// takes back what the one thread caches, and any thread may call the <see cref="KmemCache"/> itself.
    /// </remarks>
    public bool SingleThreaded { get; set; }
}
