namespace SlabGen;

/// <summary>What is wrong with a freed pointer or a used handle.</summary>
public enum SlabFault
{
    /// <summary>Nothing is wrong.</summary>
    None,

    /// <summary>The null pointer.</summary>
    NullPointer,

    /// <summary>
    /// The address lies in no slab of the runtime: memory of something else, or of a slab that was discarded.
    /// </summary>
    ForeignPointer,

    /// <summary>The object belongs to another cache.</summary>
    WrongCache,

    /// <summary>The address lies in a slab of the cache, but not at the start of an object.</summary>
    InteriorPointer,

    /// <summary>The object is free already.</summary>
    DoubleFree,

    /// <summary>
    /// The object of a handle was freed, or its cache destroyed; or the handle is the default one, or of another cache.
    /// </summary>
    StaleHandle,

    /// <summary>
    /// The object came by handle and was freed by its address while the handle is live. Only checked mode finds it.
    /// </summary>
    HasHandle,

    /// <summary>
    /// Bytes beside an object were written: an index out of range, or a length too great
    /// (<see cref="SlabDebug.RedZone"/>).
    /// </summary>
    RedZoneOverwritten,

    /// <summary>A free object was written (<see cref="SlabDebug.Poison"/>).</summary>
    PoisonOverwritten,

    /// <summary>Memory before or behind an object was used, and the processor stopped it.</summary>
    OutOfBounds,

    /// <summary>A free object was used, and the processor stopped it.</summary>
    UseAfterFree,

    /// <summary>The allocator's own records were written by somebody else.</summary>
    MetadataOverwritten,
}
