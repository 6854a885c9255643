namespace SlabGen;

/// <summary>The pages that need not be mapped: how many there are, and where.</summary>
public sealed record HighMemOptions
{
    /// <summary>
    /// Bytes of the zone: at least a page, or 0, the default, for none. Then requests for <see cref="GfpFlags.HighMem"/>
    /// are served by lower zones. The classic layout makes the zone as large as its rule says, whatever stands here.
    /// </summary>
    public long Bytes { get; init; }

    /// <summary>
    /// The file that holds the pages, made by the runtime and deleted at its end. By default a memory file
    /// (<c>memfd_create</c>), which counts against <see cref="SlabRuntimeOptions.MemoryLimit"/>; a disk file does not.
    /// </summary>
    public string? Path { get; init; }

    /// <summary>Pages that may be mapped at once, 1 to 16384 (<c>LAST_PKMAP</c>: 1024).</summary>
    public int MappedPages { get; init; } = 1024;
}
