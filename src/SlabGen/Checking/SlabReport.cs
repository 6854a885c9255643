namespace SlabGen;

/// <summary>
/// What is known of a misuse: which object, where in it, what was expected and found there, and, where that is kept,
/// who allocated and who freed the object. <see cref="Text"/> has the kernel's shape.
/// </summary>
public sealed class SlabReport
{
    internal SlabReport(SlabFault fault, string cacheName, nint address)
    {
        Fault = fault;
        CacheName = cacheName;
        Address = address;
    }

    /// <summary>What is wrong.</summary>
    public SlabFault Fault { get; }

    /// <summary>The cache that found it.</summary>
    public string CacheName { get; }

    /// <summary>The pointer that was given, or the first byte that is wrong.</summary>
    public nint Address { get; }

    /// <summary>The object that <see cref="Address"/> lies in or beside; 0 if there is none.</summary>
    public nint ObjectAddress { get; internal init; }

    /// <summary>
    /// From the start of the object to <see cref="Address"/>: negative before it, and its size or more behind it.
    /// </summary>
    public long Offset => ObjectAddress == 0 ? 0 : Address - ObjectAddress;

    /// <summary>The bytes that the user of the object asked for; 0 if there is no object.</summary>
    public int ObjectSize { get; internal init; }

    /// <summary>The bytes that should be at <see cref="Address"/>; empty where contents are not the matter.</summary>
    public ReadOnlyMemory<byte> Expected { get; internal init; }

    /// <summary>The bytes that are there, as many as <see cref="Expected"/>.</summary>
    public ReadOnlyMemory<byte> Found { get; internal init; }

    /// <summary>The last allocation of the object, or null if it is not known.</summary>
    public SlabTrack? Allocated { get; internal init; }

    /// <summary>The last free of the object, or null if it is not known.</summary>
    public SlabTrack? Freed { get; internal init; }

    /// <summary>All of it in words, for a log.</summary>
    public string Text { get; internal init; } = "";

    /// <inheritdoc/>
    public override string ToString() => Text;
}
