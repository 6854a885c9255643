namespace SlabGen.Collections;

/// <summary>The bounds of a <see cref="SlabLru{T, TItem}"/>, and who else may evict.</summary>
public sealed record SlabLruOptions
{
    /// <summary>The most objects, at least 1.</summary>
    public long MaxObjects { get; init; } = long.MaxValue;

    /// <summary>The most bytes, by <see cref="ISlabLruItem{T}.BytesOf"/>, at least 1.</summary>
    public long MaxBytes { get; init; } = long.MaxValue;

    /// <summary>
    /// The lock that whoever uses the list holds. With it the list evicts also when <see cref="Runtime"/> is short of
    /// memory, on any thread, unless the lock is held just then. Without it, it does not.
    /// </summary>
    public Lock? Lock { get; init; }

    /// <summary>Whose shortage of memory is heard of; by default <see cref="SlabRuntime.Default"/>.</summary>
    public SlabRuntime? Runtime { get; init; }

    /// <summary>The name of the shrinker.</summary>
    public string Name { get; init; } = "lru";

    /// <summary>What an object costs to make again (<see cref="Shrinker.Seeks"/>).</summary>
    public int Seeks { get; init; } = Shrinker.DefaultSeeks;
}
