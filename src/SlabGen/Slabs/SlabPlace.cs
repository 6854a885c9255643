namespace SlabGen.Slabs;

/// <summary>Where in a slab an address lies.</summary>
internal readonly record struct SlabPlace
{
    /// <summary>The first byte of the slab's pages.</summary>
    public required nint Start { get; init; }

    /// <summary>The first byte of the first object.</summary>
    public required nint Memory { get; init; }

    /// <summary>The slab is on no list: it is being made, or on its way out.</summary>
    public required bool IsDetached { get; init; }

    /// <summary>The index of the object; -1 before the first, and the number of objects behind the last.</summary>
    public required int Index { get; init; }

    public required int Objects { get; init; }

    /// <summary>Whether the slab has the object, and no user and no magazine.</summary>
    public required bool IsFree { get; init; }
}
