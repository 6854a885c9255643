namespace SlabGen;

/// <summary>The state of a cache at one moment.</summary>
public sealed record CacheSnapshot
{
    /// <summary>The name of the cache.</summary>
    public required string Name { get; init; }

    /// <summary>Bytes of an object that its user asked for.</summary>
    public required int ObjectSize { get; init; }

    /// <summary>Bytes that an object takes in a slab.</summary>
    public required int SlotSize { get; init; }

    /// <summary>The alignment of objects, in bytes.</summary>
    public required int Alignment { get; init; }

    /// <summary>The usual order of a slab: it has 2^order pages.</summary>
    public required int Order { get; init; }

    /// <summary>The least order that holds an object, taken when there is no block of the usual one.</summary>
    public required int LeastOrder { get; init; }

    /// <summary>Objects in a slab of the usual order.</summary>
    public required int ObjectsPerSlab { get; init; }

    /// <summary>Pages in a slab of the usual order.</summary>
    public required int PagesPerSlab { get; init; }

    /// <summary>Bytes of a slab of the usual order.</summary>
    public required long SlabBytes { get; init; }

    /// <summary>Different offsets of the first object in its slab.</summary>
    public required int Colors { get; init; }

    /// <summary>Bytes from one such offset to the next.</summary>
    public required int ColorOffset { get; init; }

    /// <summary>The colour of the next slab: 0 to <see cref="Colors"/> - 1.</summary>
    public required int NextColor { get; init; }

    /// <summary>Objects that users hold.</summary>
    public required long LiveObjects { get; init; }

    /// <summary>Free objects in magazines. They are no leak: <see cref="KmemCache.Shrink"/> takes them back.</summary>
    public required long CachedObjects { get; init; }

    /// <summary>Objects that <see cref="KmemCache.FreeDeferred"/> took and that wait for a grace period: nobody holds them any more.</summary>
    public required long DeferredObjects { get; init; }

    /// <summary>Free objects in slabs.</summary>
    public required long FreeObjects { get; init; }

    /// <summary>The most objects that were live or in magazines at once: what the slabs once had to serve.</summary>
    public required long PeakObjects { get; init; }

    /// <summary>Slabs without a free object.</summary>
    public required int FullSlabs { get; init; }

    /// <summary>Slabs with some free objects.</summary>
    public required int PartialSlabs { get; init; }

    /// <summary>Slabs with free objects only, kept for the next need.</summary>
    public required int EmptySlabs { get; init; }

    /// <summary>Bytes of all slabs.</summary>
    public required long Bytes { get; init; }

    /// <summary>The highest <see cref="Bytes"/> so far.</summary>
    public required long PeakBytes { get; init; }

    /// <summary>Bytes of the descriptors of slabs and of all magazines. Those of other caches lie in the same pages.</summary>
    public required long MetadataBytes { get; init; }

    /// <summary>Objects in a full magazine.</summary>
    public required int MagazineRounds { get; init; }

    /// <summary>Full magazines in the depot.</summary>
    public required int FullMagazines { get; init; }

    /// <summary>Empty magazines in the depot.</summary>
    public required int EmptyMagazines { get; init; }

    /// <summary>Magazines that threads hold, loaded and previous ones.</summary>
    public required int LoadedMagazines { get; init; }

    /// <summary>How often a thread had to wait for the depot.</summary>
    public required long DepotContention { get; init; }

    /// <summary>Slabs so far whose pages came from another zone than <see cref="SlabCacheOptions.Zone"/>.</summary>
    public required long ZoneFallbacks { get; init; }

    /// <summary>Slabs so far of the least order, because there was no block of the usual one (<c>ORDER_FALLBACK</c>).</summary>
    public required long OrderFallbacks { get; init; }

    /// <summary>Allocations that failed for want of memory, single ones and bulks.</summary>
    public required long FailedAllocations { get; init; }

    /// <summary>Times that there were no pages for a slab; most often they were then taken back from somewhere, and no allocation failed.</summary>
    public required long FailedSlabs { get; init; }

    /// <summary>Slabs given up because the constructor refused an object, or threw.</summary>
    public required long RefusedSlabs { get; init; }

    /// <summary>Whether the slabs count among <see cref="SlabRuntime.ReclaimableBytes"/>.</summary>
    public required bool IsReclaimable { get; init; }

    /// <summary>Whether every call is verified at once.</summary>
    public required bool IsChecked { get; init; }

    /// <summary>All slabs.</summary>
    public int Slabs => FullSlabs + PartialSlabs + EmptySlabs;

    /// <summary>Objects in all slabs: live, cached, deferred and free.</summary>
    public long Objects => LiveObjects + CachedObjects + DeferredObjects + FreeObjects;
}
