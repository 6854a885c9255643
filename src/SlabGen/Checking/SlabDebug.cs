namespace SlabGen;

/// <summary>
/// What is checked of a cache's objects: the letters of the kernel's <c>slab_debug</c>. Each but <see cref="None"/>
/// brings <see cref="Checks"/> with it.
/// </summary>
[Flags]
public enum SlabDebug
{
    /// <summary>Nothing (<c>-</c>).</summary>
    None = 0,

    /// <summary>
    /// <c>F</c>: every pointer that is freed is looked at, at the call: null, foreign, of another cache, inside an
    /// object, free already. It takes no lock.
    /// </summary>
    Checks = 1,

    /// <summary>
    /// <c>Z</c>: bytes on both sides of an object that nobody may write. Looked at when the object is freed and when it
    /// is allocated.
    /// </summary>
    RedZone = 2,

    /// <summary>
    /// <c>P</c>: free objects are filled with a pattern, which is looked at when they are allocated. Not for caches with
    /// a constructor or <see cref="SlabCacheOptions.TypeSafeByRcu"/>, whose free objects have a meaning.
    /// </summary>
    Poison = 4,

    /// <summary><c>U</c>: the stacks of the last allocation and the last free of each object are kept.</summary>
    User = 8,

    /// <summary><c>T</c>: each allocation and free is written to the standard error stream.</summary>
    Trace = 16,
}
