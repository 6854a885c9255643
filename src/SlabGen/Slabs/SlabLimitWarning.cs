namespace SlabGen;

/// <summary>Says that a limit of a cache keeps a request from being served.</summary>
/// <param name="CacheName">The cache.</param>
/// <param name="Objects">Objects taken from its slabs: live ones, and free ones that could not be taken home.</param>
/// <param name="MaxObjects"><see cref="SlabCacheOptions.MaxObjects"/>.</param>
/// <param name="Bytes">Bytes of its slabs.</param>
/// <param name="MaxBytes"><see cref="SlabCacheOptions.MaxBytes"/>.</param>
public readonly record struct SlabLimitWarning(string CacheName, long Objects, long MaxObjects, long Bytes,
    long MaxBytes)
{
    /// <summary>The cache.</summary>
    public string CacheName { get; } = CacheName;

    /// <summary>Objects taken from its slabs: live ones, and free ones that could not be taken home.</summary>
    public long Objects { get; } = Objects;

    /// <summary><see cref="SlabCacheOptions.MaxObjects"/>.</summary>
    public long MaxObjects { get; } = MaxObjects;

    /// <summary>Bytes of its slabs.</summary>
    public long Bytes { get; } = Bytes;

    /// <summary><see cref="SlabCacheOptions.MaxBytes"/>.</summary>
    public long MaxBytes { get; } = MaxBytes;
}
