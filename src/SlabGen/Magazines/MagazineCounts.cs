namespace SlabGen.Magazines;

/// <summary>The counts of a cache's magazines. <see cref="CacheSnapshot"/> says what each means.</summary>
internal struct MagazineCounts
{
    public int Full, Empty, Loaded;

    /// <summary>The free objects in all magazines.</summary>
    public long Objects;

    public long Bytes, Contentions, Visits;
}
