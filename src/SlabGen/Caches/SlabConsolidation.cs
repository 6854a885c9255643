namespace SlabGen;

/// <summary>What a call of <see cref="KmemCache.Consolidate"/> did.</summary>
/// <param name="ObjectsMoved">Objects that were moved, or turned out not to be needed.</param>
/// <param name="SlabsReleased">Slabs that were emptied by it and given back.</param>
/// <param name="BytesReleased">The bytes of those slabs.</param>
public readonly record struct SlabConsolidation(long ObjectsMoved, long SlabsReleased, long BytesReleased)
{
    /// <summary>Objects that were moved, or turned out not to be needed.</summary>
    public long ObjectsMoved { get; } = ObjectsMoved;

    /// <summary>Slabs that were emptied by it and given back.</summary>
    public long SlabsReleased { get; } = SlabsReleased;

    /// <summary>The bytes of those slabs.</summary>
    public long BytesReleased { get; } = BytesReleased;
}
