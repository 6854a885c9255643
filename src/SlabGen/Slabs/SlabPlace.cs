namespace SlabGen.Slabs;

/// <summary>Where in a slab an address lies.</summary>
internal readonly record struct SlabPlace
{
    /// <summary>The first byte of the slab's pages.</summary>
    public required nint Start { get; init; }

    /// <summary>The first byte of the first object.</summary>
    public required nint Memory { get; init; }

    /// <summary>Whether the slab is on no list: it is being made or discarded.</summary>
    public required bool IsDetached { get; init; }

    /// <summary>
    /// The index of the object; -1 before the first object, and the number of objects behind the last.
    /// </summary>
    public required int Index { get; init; }

    public required int Objects { get; init; }

    /// <summary>Whether the object lies in the slab, with no user and in no magazine.</summary>
    public required bool IsFree { get; init; }
}
