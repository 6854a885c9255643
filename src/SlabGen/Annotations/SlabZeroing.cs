namespace SlabGen;

/// <summary>When the objects of a generated class are cleared.</summary>
public enum SlabZeroing
{
    /// <summary>Only by <c>AllocZeroed</c>.</summary>
    None,

    /// <summary>
    /// On every allocation, before <see cref="SlabInitAttribute"/>. An object comes with every byte zero (the kernel's
    /// <c>init_on_alloc=1</c>).
    /// </summary>
    OnAlloc,

    /// <summary>
    /// On every free, after <see cref="SlabFiniAttribute"/>. What an object held cannot be read once it is freed
    /// (<c>init_on_free=1</c>). An object that was never used has any contents. The object is cleared before anything
    /// checks the pointer, so a bad pointer is written through, except null. The class has no <c>FreeDeferred</c>, for
    /// the reason that <see cref="SlabFiniAttribute"/> gives.
    /// </summary>
    OnFree,
}
