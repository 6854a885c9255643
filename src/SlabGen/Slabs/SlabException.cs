namespace SlabGen;

/// <summary>
/// A pointer was freed that its cache cannot take back, or a handle was used after its object was gone. The pointer is dropped; every
/// other object is unharmed, and the cache can be used on.
/// </summary>
/// <remarks>
/// The fast path does not look at what it is handed, so that a bad pointer is found when the magazine it went into is
/// emptied: the call that throws may be a later one, on another object, and an allocation may hand the pointer out
/// before. With the environment variable <c>SLABGEN_DEBUG=1</c> (or <see cref="SlabCacheOptions.Checked"/>) it is the
/// very call that was wrong.
/// </remarks>
public sealed class SlabException : InvalidOperationException
{
    internal SlabException(SlabFault fault, string cacheName, nint address, string message)
        : base(message)
    {
        Fault = fault;
        CacheName = cacheName;
        Address = address;
    }

    /// <summary>What is wrong.</summary>
    public SlabFault Fault { get; }

    /// <summary>The cache that was asked to take it back; for a handle that was read, the type of the object, because reading asks no cache.</summary>
    public string CacheName { get; }

    /// <summary>The pointer; 0 for a handle.</summary>
    public nint Address { get; }
}
