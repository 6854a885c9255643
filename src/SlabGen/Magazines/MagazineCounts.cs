namespace SlabGen.Magazines;

/// <summary>What is counted of the magazines of a cache; <see cref="CacheSnapshot"/> says what each means.</summary>
internal struct MagazineCounts
{
    public int Full, Empty, Loaded;

    /// <summary>Free objects in all of them.</summary>
    public long Objects;

    public long Bytes, Contentions;
}
