namespace SlabGen.Slabs;

/// <summary>Which limit of a cache a request has met.</summary>
internal enum SlabLimit
{
    /// <summary>None of its own.</summary>
    None,

    /// <summary><see cref="SlabCacheOptions.MaxObjects"/> or <see cref="SlabCacheOptions.MaxBytes"/>.</summary>
    Cache,

    /// <summary>The limit of <see cref="SlabCacheOptions.Account"/>.</summary>
    Account,
}
