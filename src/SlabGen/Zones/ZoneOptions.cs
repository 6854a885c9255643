namespace SlabGen;

/// <summary>How the system backs the memory of a zone.</summary>
public sealed record ZoneOptions
{
    /// <summary>Which huge pages the zone asks for, if any. <see cref="Zone.Backing"/> says what it got.</summary>
    public HugePages HugePages { get; init; }

    /// <summary>How strictly the zone's memory is locked against being swapped out.</summary>
    public Pinning Pinning { get; init; }
}
