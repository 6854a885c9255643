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

    /// <summary>Slabs without a free object.</summary>
    public required int FullSlabs { get; init; }

    /// <summary>Slabs with some free objects.</summary>
    public required int PartialSlabs { get; init; }

    /// <summary>Slabs with free objects only, kept for the next need.</summary>
    public required int EmptySlabs { get; init; }

    /// <summary>Bytes of all slabs.</summary>
    public required long Bytes { get; init; }

    /// <summary>Objects in a full magazine.</summary>
    public required int MagazineRounds { get; init; }

    /// <summary>Full magazines in the depot.</summary>
    public required int FullMagazines { get; init; }

    /// <summary>Whether every call is verified at once.</summary>
    public required bool IsChecked { get; init; }

    /// <summary>All slabs.</summary>
    public int Slabs => FullSlabs + PartialSlabs + EmptySlabs;

    /// <summary>Objects in all slabs: live, cached, deferred and free.</summary>
    public long Objects => LiveObjects + CachedObjects + DeferredObjects + FreeObjects;
}
