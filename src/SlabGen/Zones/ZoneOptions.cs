namespace SlabGen;

/// <summary>How the system backs the memory of a zone.</summary>
public sealed record ZoneOptions
{
    /// <summary>Whether the zone asks for huge pages. <see cref="Zone.Backing"/> says what it got.</summary>
    public HugePages HugePages { get; init; }

    /// <summary>Whether the zone's memory is locked, so that it is never swapped out.</summary>
    public Pinning Pinning { get; init; }
}
