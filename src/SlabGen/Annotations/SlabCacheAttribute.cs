namespace SlabGen;

/// <summary>
/// Asks the source generator for a typed slab cache of the annotated unmanaged struct. The cache is a static class
/// named <c>{Struct}Cache</c>, in the struct's namespace and with its accessibility. Beside it stands
/// <c>{Struct}Ptr</c>, a pointer for fields of structs.
/// </summary>
/// <remarks>
/// The kernel's <c>KMEM_CACHE(struct, flags)</c>. The struct need not be partial; it may be nested or generic.
/// </remarks>
/// <example><code><![CDATA[
/// SlabPtr<Session> session = SessionCache.AllocZeroed();
/// session.Value.User = 7;
/// SessionCache.Free(session);
///
/// [SlabCache(MaxObjects = 100_000)]
/// public struct Session { public long User; public SessionPtr Next; }
/// ]]></code></example>
[AttributeUsage(AttributeTargets.Struct)]
public sealed class SlabCacheAttribute : SlabCacheOptionsAttribute
{
    /// <summary>
    /// The name of the generated class: a C# identifier. By default the struct's name followed by <c>Cache</c>.
    /// </summary>
    public string? Name { get; set; }

    /// <summary>
    /// The name of the generated pointer: a C# identifier. By default the class's name with <c>Ptr</c> in place of
    /// <c>Cache</c>. If it does not end in <c>Cache</c>, the struct's name followed by <c>Ptr</c>.
    /// </summary>
    public string? PointerName { get; set; }
}
