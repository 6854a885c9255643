namespace SlabGen;

// What a call does beside taking or giving an object.
public sealed partial record SlabCacheOptions
{
    /// <summary>
    /// When objects are cleared. Calls of such a cache leave the fast path, so that other caches need not ask. Not together with a
    /// constructor or a destructor, nor
    /// with <see cref="TypeSafeByRcu"/>: a reader may be looking. With <see cref="SlabZeroing.OnFree"/> nothing can be freed by
    /// <see cref="KmemCache.FreeDeferred"/>, and only what is an object of the cache is cleared.
    /// </summary>
    /// <remarks>A generated class whose attribute sets <c>Zeroing</c> clears objects itself, and its fast path stays.</remarks>
    public SlabZeroing Zeroing { get; init; }

    /// <summary>No magazines: each call goes to the slabs and takes a lock, and what is freed is free at once (<c>UMC_NOMAGAZINE</c>). <see cref="Checked"/> implies it.</summary>
    public bool NoMagazines { get; init; }

    /// <exception cref="ArgumentException">Clearing would undo what others need.</exception>
    internal void ValidateCalls(string cacheName, bool hasLife)
    {
        if (Zeroing is < SlabZeroing.None or > SlabZeroing.OnFree)
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
