namespace SlabGen;

// What a call does besides taking or freeing an object.
public sealed partial record SlabCacheOptions
{
    /// <summary>
    /// When objects are cleared. Calls of such a cache leave the fast path, so that the fast path of other caches need
    /// not ask. It excludes a constructor, a destructor and <see cref="TypeSafeByRcu"/>, whose readers may be looking
    /// at the object. With <see cref="SlabZeroing.OnFree"/> the cache has no <see cref="KmemCache.FreeDeferred"/>, and
    /// only a valid object of the cache is cleared.
    /// </summary>
    /// <remarks>
    /// A generated class whose attribute sets <c>Zeroing</c> clears objects itself, and keeps its fast path.
    /// </remarks>
    public SlabZeroing Zeroing { get; init; }

    /// <summary>
    /// For a cache without magazines (<c>UMC_NOMAGAZINE</c>): each call goes to the slabs and takes a lock, and a freed
    /// object is free at once. <see cref="Checked"/> implies it.
    /// </summary>
    public bool NoMagazines { get; init; }

    /// <exception cref="ArgumentException">Clearing would conflict with another option.</exception>
    internal void ValidateCalls(string cacheName, bool hasLife)
    {
        if (!Enum.IsDefined(Zeroing))
        {
            throw Refuse(cacheName, nameof(Zeroing), Zeroing, $"must be one of {string.Join(", ", Enum.GetNames<SlabZeroing>())}");
        }

        if (Zeroing != SlabZeroing.None && (hasLife || TypeSafeByRcu))
        {
            throw Refuse(cacheName, nameof(Zeroing), Zeroing, hasLife
                ? "does not go with a constructor or a destructor, whose object it would clear"
                : "does not go with TypeSafeByRcu: a reader may be looking at the object that is cleared");
        }
    }
}
