namespace SlabGen;

/// <summary>The pages that have no address until they are mapped: how many there are, and where they lie.</summary>
public sealed record HighMemOptions
{
    /// <summary>
    /// Bytes of the zone: at least a page, or 0, the default, for none. Without the zone, lower zones serve requests
    /// for <see cref="GfpFlags.HighMem"/>. The classic layout ignores this value, and makes the zone as large as its
    /// rule says.
    /// </summary>
    public long Bytes { get; init; }

    /// <summary>
    /// The file that holds the pages. The runtime makes it, and deletes it at its end. By default it is a memory file
    /// (<c>memfd_create</c>), which counts against <see cref="SlabRuntimeOptions.MemoryLimit"/>. A disk file does not
    /// count.
    /// </summary>
    public string? Path { get; init; }

    /// <summary>Pages that may be mapped at once, 1 to 16384 (<c>LAST_PKMAP</c>: 1024).</summary>
    public int MappedPages { get; init; } = 1024;
}
