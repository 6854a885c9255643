namespace SlabGen;

/// <summary>What a call of <see cref="KmemCache.Consolidate"/> did.</summary>
/// <param name="ObjectsMoved">Objects that were moved, or turned out not to be needed.</param>
/// <param name="SlabsDiscarded">Slabs that it emptied, and whose pages went back.</param>
/// <param name="BytesDiscarded">The bytes of those slabs.</param>
public readonly record struct SlabConsolidation(long ObjectsMoved, long SlabsDiscarded, long BytesDiscarded)
{
    /// <summary>Objects that were moved, or turned out not to be needed.</summary>
    public long ObjectsMoved { get; } = ObjectsMoved;

    /// <summary>Slabs that it emptied, and whose pages went back.</summary>
    public long SlabsDiscarded { get; } = SlabsDiscarded;

    /// <summary>The bytes of those slabs.</summary>
    public long BytesDiscarded { get; } = BytesDiscarded;
}
