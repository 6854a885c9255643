using SlabGen.Slabs;

namespace SlabGen;

/// <summary>How a cache is laid out and how much it keeps. Every default is right for most caches.</summary>
public sealed partial record SlabCacheOptions
{
    /// <summary>The least alignment of an object, in bytes: a power of two from 1 to the page size, or 0 for 8.</summary>
    public int Alignment { get; init; }

    /// <summary>Align to the processor's cache line, halved while the object fits into half (<c>SLAB_HWCACHE_ALIGN</c>).</summary>
    public bool HwCacheAlign { get; init; }

    /// <summary>
    /// Pages of a slab, as a power of two: 0 to 10, at least one object and at most 32,512 of them with pages of 4 KiB. By
    /// default the order that the kernel's <c>calculate_order</c> finds, or a higher one, up to 64 KiB, that wastes less.
    /// </summary>
    public int? Order { get; init; }

    /// <summary>
    /// Raise it for a cache that shrinks and grows all the time; set it to 0 to give memory back as soon as possible. A slab that becomes
    /// empty goes back to its zone at once if more slabs than this have a free object, itself included (<c>min_partial</c>). 0 or
    /// more; by default 5 to 10, by the object's size.
    /// </summary>
    public int? MinPartial { get; init; }

    /// <summary>
    /// Whether the first objects of slabs lie at different offsets, so that equal fields of many slabs spread over the
    /// processor's cache, as far as the space left over in a slab allows (Bonwick 1994, section 4.1).
    /// </summary>
    public bool Coloring { get; init; } = true;

    /// <summary>
    /// Take the objects of a slab in random order (<c>CONFIG_SLAB_FREELIST_RANDOM</c>). Then the time of an allocation does not
    /// tell where the object lies. The random numbers are not of cryptographic strength.
    /// </summary>
    public bool RandomOrder { get; init; }

    /// <summary>The seed of <see cref="RandomOrder"/>, for tests that must repeat. By default another one for each cache.</summary>
    public int? RandomSeed { get; init; }

    /// <summary>Where the slabs lie. Those in <see cref="ZoneKind.HighMem"/> stay mapped while they live.</summary>
    public ZoneKind Zone { get; init; } = ZoneKind.Normal;

    /// <summary>
    /// Where slabs may lie when <see cref="Zone"/> has no pages: by default elsewhere, which the zones count; with
    /// <see cref="ZoneFallback.Strict"/> never above it.
    /// </summary>
    public ZoneFallback Fallback { get; init; } = ZoneFallback.Preferred;

    /// <summary>
    /// The objects are a cache of something, which a shrinker frees when memory is short: the slabs count among
    /// <see cref="SlabRuntime.ReclaimableBytes"/> (<c>SLAB_RECLAIM_ACCOUNT</c>). Nothing else depends on it.
    /// </summary>
    public bool Reclaimable { get; init; }

    /// <summary>
    /// Verify every call at once instead of when a magazine is emptied: no magazines, a lock per call. By default what
    /// the runtime says (<see cref="SlabRuntimeOptions.Checked"/>).
    /// </summary>
    public bool? Checked { get; init; }

    /// <summary>
    /// Set by generated classes of a debug build: every call is verified, unless
    /// <see cref="Checked"/> says otherwise or <c>SLABGEN_DEBUG</c> turns checking off.
    /// </summary>
    public bool CheckedByBuild { get; init; }

    /// <summary>Whether every call is verified: by what the program says, else the environment, else the build, else the runtime.</summary>
    internal bool IsChecked(bool ofRuntime) => Checked ?? (ofRuntime || (CheckedByBuild && DebugVariable.Read() != false));

    /// <summary>
    /// Objects in a magazine, 1 to 509 with pages of 4 KiB; or 0 to choose by the object's size, and to go over to larger
    /// magazines, of at most 64 KiB of objects, when threads wait for one another at the depot.
    /// </summary>
    public int MagazineRounds { get; init; }

    /// <summary>Bytes of free objects that the depot keeps in full magazines; more go back to the slabs. 0 keeps none.</summary>
    public long DepotBytes { get; init; } = 8 << 20;

    /// <summary>
    /// Bytes of free objects that must wait in the depot before a thread is handed objects that another thread freed:
    /// younger ones are still in the other processor's cache.
    /// </summary>
    public long ReuseDistanceBytes { get; init; } = 4 << 20;

    /// <summary>
    /// For lock-free look-ups whose readers can tell when an object became another one, by a key or a count in it. Then objects are
    /// freed without waiting for readers. The pages of a slab go back only a grace period of <see cref="Rcu"/> after it became empty, and its
    /// destructors run then (<c>SLAB_TYPESAFE_BY_RCU</c>). The cache may reuse an object at once. So a reader in a read-side section always
    /// reads an object of this cache, but must check that it is still the one it looked for. If readers cannot tell, use <see cref="KmemCache.FreeDeferred"/>.
    /// </summary>
    public bool TypeSafeByRcu { get; init; }
}
