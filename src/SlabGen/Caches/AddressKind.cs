namespace SlabGen;

/// <summary>What an address is.</summary>
public enum AddressKind
{
    /// <summary>The null pointer.</summary>
    Null,

    /// <summary>Not in the memory of the runtime.</summary>
    Foreign,

    /// <summary>In a free page.</summary>
    FreePage,

    /// <summary>In a block of whole pages, of the page allocator or of <c>Kmalloc</c>.</summary>
    PageBlock,

    /// <summary>In a page of the runtime's own: descriptors of slabs, magazines.</summary>
    Metadata,

    /// <summary>In an object that a user holds.</summary>
    LiveObject,

    /// <summary>In an object that is free in its slab.</summary>
    FreeObject,

    /// <summary>In a free object in a magazine of a thread.</summary>
    ObjectOfThread,

    /// <summary>In a free object in a magazine of the depot.</summary>
    ObjectInDepot,

    /// <summary>
    /// In an object that <see cref="KmemCache.FreeDeferred"/> took, and that waits for the end of a grace period.
    /// </summary>
    DeferredObject,

    /// <summary>In a slab, before its first object.</summary>
    SlabColor,

    /// <summary>In a slab, behind its last object.</summary>
    SlabTail,

    /// <summary>
    /// In a slab that is being constructed, or that was emptied and is on its way back: it is being destructed, or
    /// waits for a grace period.
    /// </summary>
    DetachedSlab,

    /// <summary>On the page of a guarded object that a user holds (<see cref="GuardSampling"/>).</summary>
    GuardedObject,

    /// <summary>On the page of a guarded object that was freed.</summary>
    FreeGuardedObject,

    /// <summary>In a freed object that waits in the quarantine (<see cref="SlabDebug.Quarantine"/>).</summary>
    QuarantinedObject,
}
