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
    /// Bytes beside an object were written. Objects with red zones show it (<see cref="SlabDebug.RedZones"/>), and
    /// guarded ones (<see cref="GuardSampling"/>). If it was found at a free, the object was taken back.
    /// </summary>
    OutOfBounds,

    /// <summary>
    /// An object was written after it had been freed. Poisoned objects show it (<see cref="SlabDebug.Poison"/>).
    /// </summary>
    UseAfterFree,
}
