namespace SlabGen;

/// <summary>The state of a cache at one moment, and what has happened in it so far.</summary>
/// <remarks>
/// <para>Totals count from the making of the cache, never fall, and cost the fast path nothing: they are counted where
/// objects come out of slabs and go back, which happens once for a magazine of allocations or frees.</para>
/// <para>So there is no count of allocations and frees. An object that a thread takes from its magazine and puts back
/// leaves no trace there; only what came of it does, and that is exact: <see cref="TakenObjects"/> less
/// <see cref="ReturnedObjects"/> are at every look the objects outside of slabs, and <see cref="LiveObjects"/> those of
/// them that users hold. While other threads work, each of them may move one more object or magazine between two
/// numbers of one look.</para>
/// </remarks>
public sealed record CacheSnapshot
{
    /// <summary>The name of the cache.</summary>
    public string Name { get; internal init; } = "";

    /// <summary>The bytes of an object that its user asked for.</summary>
    public int ObjectSize { get; internal init; }

    /// <summary>Bytes that an object takes in a slab.</summary>
    public int SlotSize { get; internal init; }

    /// <summary>The alignment of objects, in bytes.</summary>
    public int Alignment { get; internal init; }

    /// <summary>The usual order of a slab: it has 2^order pages.</summary>
    public int Order { get; internal init; }

    /// <summary>The least order that holds an object. It is used when there is no block of the usual order.</summary>
    public int LeastOrder { get; internal init; }

    /// <summary>Objects in a slab of the usual order.</summary>
    public int ObjectsPerSlab { get; internal init; }

    /// <summary>Pages in a slab of the usual order.</summary>
    public int PagesPerSlab { get; internal init; }

    /// <summary>Bytes of a slab of the usual order.</summary>
    public long SlabBytes { get; internal init; }

    /// <summary>The number of different offsets that the first object of a slab can have.</summary>
    public int Colors { get; internal init; }

    /// <summary>Bytes from one such offset to the next.</summary>
    public int ColorOffset { get; internal init; }

    /// <summary>The colour of the next slab: 0 to <see cref="Colors"/> - 1.</summary>
    public int NextColor { get; internal init; }

    /// <summary>Objects that users hold.</summary>
    public long LiveObjects { get; internal init; }

    /// <summary>Free objects in magazines. They are no leak: <see cref="KmemCache.Shrink"/> takes them back.</summary>
    public long CachedObjects { get; internal init; }

    /// <summary>
    /// Objects that <see cref="KmemCache.FreeDeferred"/> took and that wait for a grace period. No user holds them any
    /// more.
    /// </summary>
    public long DeferredObjects { get; internal init; }

    /// <summary>Objects that were freed and wait in the quarantine (<see cref="SlabDebug.Quarantine"/>).</summary>
    public long QuarantinedObjects { get; internal init; }

    /// <summary>
    /// Of the live objects, those on a page of their own (<see cref="GuardSampling"/>). Each counts in
    /// <see cref="Objects"/> too, and in no slab.
    /// </summary>
    public int GuardedObjects { get; internal init; }

    /// <summary>Free objects in slabs.</summary>
    public long FreeObjects { get; internal init; }

    /// <summary>The most objects that were live or in magazines at once: what the slabs once had to serve.</summary>
    public long PeakObjects { get; internal init; }

    /// <summary>Slabs without a free object.</summary>
    public int FullSlabs { get; internal init; }

    /// <summary>Slabs with some free objects.</summary>
    public int PartialSlabs { get; internal init; }

    /// <summary>Slabs with only free objects, kept for the next need.</summary>
    public int EmptySlabs { get; internal init; }

    /// <summary>Bytes of all slabs.</summary>
    public long Bytes { get; internal init; }

    /// <summary>The highest <see cref="Bytes"/> so far.</summary>
    public long PeakBytes { get; internal init; }

    /// <summary>
    /// Bytes of all slabs that were ever made; what <see cref="Bytes"/> is less went back to the page allocator.
    /// </summary>
    public long MadeBytes { get; internal init; }

    /// <summary>
    /// Of <see cref="Bytes"/>, those of pages whose memory went back to the system because no object on them is in use,
    /// though others of their slab are (<see cref="KmemCache.Shrink"/>). They come back when the slab is used again.
    /// </summary>
    public long HollowBytes { get; internal init; }

    /// <summary>
    /// Bytes of the descriptors of slabs and of all magazines. Those of other caches lie in the same pages.
    /// </summary>
    public long MetadataBytes { get; internal init; }

    /// <summary>Objects in a full magazine.</summary>
    public int MagazineRounds { get; internal init; }

    /// <summary>Full magazines in the depot.</summary>
    public int FullMagazines { get; internal init; }

    /// <summary>Empty magazines in the depot.</summary>
    public int EmptyMagazines { get; internal init; }

    /// <summary>Magazines that threads hold, loaded and previous ones.</summary>
    public int LoadedMagazines { get; internal init; }

    /// <summary>How often a thread came to the depot so far, for a full magazine or an empty one.</summary>
    public long DepotVisits { get; internal init; }

    /// <summary>How often a thread had to wait for the depot.</summary>
    public long DepotContention { get; internal init; }

    /// <summary>Objects that came out of slabs so far, into magazines or straight to users.</summary>
    public long TakenObjects { get; internal init; }

    /// <summary>How often objects came out of slabs so far: usually a part of a magazine at once.</summary>
    public long Refills { get; internal init; }

    /// <summary>How often objects were put back into slabs so far: usually a magazine at once.</summary>
    public long Flushes { get; internal init; }

    /// <summary>Slabs so far that were made and served.</summary>
    public long MadeSlabs { get; internal init; }

    /// <summary>Slabs so far whose pages came from a zone other than <see cref="SlabCacheOptions.Zone"/>.</summary>
    public long ZoneFallbacks { get; internal init; }

    /// <summary>
    /// Slabs so far of the least order, because there was no block of the usual order (<c>ORDER_FALLBACK</c>).
    /// </summary>
    public long OrderFallbacks { get; internal init; }

    /// <summary>Allocations that failed because memory ran out, single ones and bulks.</summary>
    public long FailedAllocations { get; internal init; }

    /// <summary>
    /// How often there were no pages for a slab. Usually pages were then taken back from elsewhere, and no allocation
    /// failed.
    /// </summary>
    public long FailedSlabs { get; internal init; }

    /// <summary>Slabs given up because the constructor refused an object, or threw.</summary>
    public long RefusedSlabs { get; internal init; }

    /// <summary>Whether the slabs count among <see cref="SlabRuntime.ReclaimableBytes"/>.</summary>
    public bool IsReclaimable { get; internal init; }

    /// <summary>Whether every call is verified at once.</summary>
    public bool IsChecked => Debug != SlabDebug.None;

    /// <summary>What is done to find misuse, of what <see cref="SlabCacheOptions.Debug"/> asks for.</summary>
    public SlabDebug Debug { get; internal init; }

    /// <summary>All slabs.</summary>
    public int Slabs => FullSlabs + PartialSlabs + EmptySlabs;

    /// <summary>
    /// Slabs so far that became empty and were given up. Their pages go back at once, or after destructors and grace
    /// periods.
    /// </summary>
    public long DiscardedSlabs => MadeSlabs - Slabs;

    /// <summary>Objects that went back into slabs so far: of those taken, all that no longer are out of them.</summary>
    public long ReturnedObjects => TakenObjects - (Objects - FreeObjects);

    /// <summary>Objects in all slabs: live, cached, deferred, in the quarantine and free.</summary>
    public long Objects => LiveObjects + CachedObjects + DeferredObjects + QuarantinedObjects + FreeObjects;
}
