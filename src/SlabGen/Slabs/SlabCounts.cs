namespace SlabGen.Slabs;

/// <summary>The counts of a cache's slabs at one moment. <c>CacheSnapshot</c> says what each means.</summary>
internal readonly struct SlabCounts
{
    public int Full { get; init; }

    public int Partial { get; init; }

    public int Empty { get; init; }

    public int NextColor { get; init; }

    public long InUse { get; init; }

    public long Capacity { get; init; }

    public int Guarded { get; init; }

    public long Bytes { get; init; }

    public long MetadataBytes { get; init; }

    public long PeakInUse { get; init; }

    public long PeakBytes { get; init; }

    public long MadeBytes { get; init; }

    public long Made { get; init; }

    public long Taken { get; init; }

    public long Refills { get; init; }

    public long Flushes { get; init; }

    public long HollowBytes { get; init; }

    public long ZoneFallbacks { get; init; }

    public long OrderFallbacks { get; init; }

    public long Failed { get; init; }

    public long Refused { get; init; }
}
