namespace SlabGen;

/// <summary>
/// Asks the source generator for a typed slab cache of the annotated unmanaged struct: a static class named
/// <c>{Struct}Cache</c> in the struct's namespace, with the struct's accessibility.
/// </summary>
/// <remarks>The kernel's <c>KMEM_CACHE(struct, flags)</c>. The struct need not be partial; it may be nested or generic.</remarks>
[AttributeUsage(AttributeTargets.Struct)]
public sealed class SlabCacheAttribute : Attribute
{
    /// <summary>The name of the generated class: a C# identifier. By default the struct's name followed by <c>Cache</c>.</summary>
    public string? Name { get; set; }

    /// <summary>
    /// The least alignment of an object, in bytes: a power of two from 1 to 4096, or 0 for the natural one (8 bytes).
    /// </summary>
    public int Alignment { get; set; }

    /// <summary>
    /// Aligns objects to the processor's cache line, or for small objects to the largest fraction of it that still
    /// holds one (<c>SLAB_HWCACHE_ALIGN</c>).
    /// </summary>
    public bool HwCacheAlign { get; set; }
}
