namespace SlabGen;

/// <summary>How a zone has its memory from the system.</summary>
public sealed record ZoneOptions
{
    /// <summary>Whether the zone asks for huge pages. What it got is in <see cref="Zone.Backing"/>.</summary>
    public HugePages HugePages { get; init; }

    /// <summary>Whether the zone's memory is locked, so that it is never swapped out.</summary>
    public Pinning Pinning { get; init; }
}
