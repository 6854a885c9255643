namespace SlabGen;

/// <summary>When the objects of a generated class are cleared.</summary>
public enum SlabZeroing
{
    /// <summary>By <c>AllocZeroed</c> alone.</summary>
    None,

    /// <summary>
    /// On every allocation, before <see cref="SlabInitAttribute"/>: an object comes with every byte zero (the kernel's
    /// <c>init_on_alloc=1</c>).
    /// </summary>
    OnAlloc,

    /// <summary>
    /// On every free, after <see cref="SlabFiniAttribute"/>: what an object held cannot be read once it is freed (<c>init_on_free=1</c>).
    /// An object that was never used has any contents. It is cleared before anything looks at the
    /// pointer: a bad one is written through, except for null. The class has no <c>FreeDeferred</c>, for the reason that
    /// <see cref="SlabFiniAttribute"/> gives.
    /// </summary>
    OnFree,
}
