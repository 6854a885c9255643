namespace SlabGen;

/// <summary>
/// What <see cref="SlabCacheAttribute"/> sets for one struct and <see cref="SlabCacheDefaultsAttribute"/> for all of an assembly.
/// What neither sets is not in the generated code.
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

    /// <summary>Pages of a slab, as a power of two: 0 to 10; or -1 to choose by the object's size (<see cref="SlabCacheOptions.Order"/>).</summary>
    public int Order { get; set; } = -1;

    /// <summary>
    /// Raise it for a cache that shrinks and grows all the time; 0 gives memory back as soon as possible. A slab that becomes empty goes back at once
    /// if more slabs than this have a free object. At least 0, or -1 to choose by the object's size (<see cref="SlabCacheOptions.MinPartial"/>).
    /// </summary>
    public int MinPartial { get; set; } = -1;

    /// <summary>Whether the first objects of slabs lie at different offsets (<see cref="SlabCacheOptions.Coloring"/>).</summary>
    public bool Coloring { get; set; } = true;

    /// <summary>Take the objects of a slab in random order (<see cref="SlabCacheOptions.RandomOrder"/>).</summary>
    public bool RandomOrder { get; set; }

    /// <summary>The seed of <see cref="RandomOrder"/>, for runs that must repeat; or 0 for another one in each run.</summary>
    public int RandomSeed { get; set; }

    /// <summary>Where the slabs lie. Those in <see cref="ZoneKind.HighMem"/> stay mapped while they live.</summary>
    public ZoneKind Zone { get; set; } = ZoneKind.Normal;

    /// <summary>Where slabs may lie when <see cref="Zone"/> has no pages.</summary>
    public ZoneFallback Fallback { get; set; } = ZoneFallback.Preferred;

    /// <summary>
    /// Whether the objects lie in locked memory, which the system never swaps out; <see cref="Pinning.None"/> leaves that to
    /// <see cref="SlabRuntime.Default"/>.
    /// The class then lives in the runtime of that kind, <see cref="SlabRuntime.Of"/>, which all such classes share and which has a memory limit of its own.
    /// </summary>
    public Pinning Pinning { get; set; }

    /// <summary>
    /// Whether the objects lie in pages of 2 MiB; <see cref="HugePages.None"/> leaves that to <see cref="SlabRuntime.Default"/>. As with
    /// <see cref="Pinning"/>, the
    /// class then lives in <see cref="SlabRuntime.Of"/>.
    /// </summary>
    public HugePages HugePages { get; set; }

    /// <summary>Objects in a magazine, 1 to 509; or 0 to choose by the object's size (<see cref="SlabCacheOptions.MagazineRounds"/>).</summary>
    public int MagazineRounds { get; set; }

    /// <summary>Bytes of free objects that the depot keeps in full magazines. 0 keeps none. 8 MiB by default.</summary>
    public long DepotBytes { get; set; } = 8 << 20;

    /// <summary>Bytes of free objects that wait in the depot before another thread gets them (<see cref="SlabCacheOptions.ReuseDistanceBytes"/>). 4 MiB by default.</summary>
    public long ReuseDistanceBytes { get; set; } = 4 << 20;

    /// <summary>
    /// The most objects that may be taken from the slabs at once, or 0 for no limit. At the limit, each thread that used the cache and
    /// runs at that moment may keep one of them (<see cref="SlabCacheOptions.MaxObjects"/>).
    /// </summary>
    public long MaxObjects { get; set; }

    /// <summary>The most bytes of slabs, at least those of the smallest slab, or 0 for no limit (<see cref="SlabCacheOptions.MaxBytes"/>).</summary>
    public long MaxBytes { get; set; }

    /// <summary>
    /// The objects are a cache of something, which a shrinker frees when memory is short (<see cref="SlabCacheOptions.Reclaimable"/>).
    /// </summary>
    public bool Reclaimable { get; set; }

    /// <summary>
    /// For lock-free look-ups whose readers can tell when an object became another one. A reader in a read-side section of <see cref="Rcu"/> always
    /// reads an object of the cache, though it may have been freed and taken again (<see cref="SlabCacheOptions.TypeSafeByRcu"/>). Not together
    /// with <see cref="Zeroing"/>, as in the kernel: a reader may be looking at the lock or the count of an object that somebody else takes.
    /// </summary>
    public bool TypeSafeByRcu { get; set; }

    /// <summary>How soon a bad pointer is found.</summary>
    public SlabMode Mode { get; set; }

    /// <summary>When objects are cleared. Not together with a <see cref="SlabConstructorAttribute"/>: clearing would undo its work.</summary>
    public SlabZeroing Zeroing { get; set; }

    /// <summary>
    /// The generated class also has <c>AllocHandle</c>, <c>TryAllocHandle</c>, <c>Free</c> and <c>TryFree</c> for objects by
    /// <see cref="SlabHandle{T}"/>. Once an object is freed, each of its handles is found stale, for certain
    /// (<see cref="SlabHandles{T}"/>).
    /// </summary>
    public bool Handles { get; set; }

    /// <summary>
    /// The struct gets <c>Alloc</c>, <c>AllocZeroed</c>, <c>TryAlloc</c>, <c>Free</c> and <c>Rent</c> as extension members:
    /// <c>Order.Alloc()</c>. Members of its own with these names come first. It needs C# 14.
    /// </summary>
    public bool Extensions { get; set; }

    /// <summary>
    /// Only one thread ever uses the generated class: the first that does. Then it has no thread-static slot to look up.
    /// </summary>
    /// <remarks>
    /// A second thread corrupts the cache, and only checked mode finds it (<see cref="Mode"/>, <c>SLABGEN_DEBUG=1</c>): there every call refuses it with
    /// <see cref="InvalidOperationException"/>. In the default mode the fast path does not look, and may serve the second thread for a long
    /// time. A call of that thread which leaves the fast path is refused, but by then the damage may be done. Run the tests in checked
    /// mode. Reclaim takes back what the one thread
    /// caches all the same, and any thread may call the <see cref="KmemCache"/> itself.
    /// </remarks>
    public bool SingleThreaded { get; set; }
}
