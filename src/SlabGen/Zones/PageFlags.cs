namespace SlabGen;

/// <summary>What a page is used for.</summary>
[Flags]
public enum PageFlags : byte
{
    /// <summary>Never used, or inside a block whose first frame says more.</summary>
    None = 0,

    /// <summary>The first page of a free block (<c>PG_buddy</c>).</summary>
    Buddy = 1,

    /// <summary>
    /// With <see cref="Buddy"/>: the block has no memory. The system took it back, or never gave it. With
    /// <see cref="Head"/>: the same, of a block whose addresses a cache keeps
    /// (<see cref="SlabRuntimeOptions.TypeStable"/>).
    /// </summary>
    Cold = 2,

    /// <summary>The first page of an allocated block (<c>PG_head</c>).</summary>
    Head = 4,

    /// <summary>A page of a slab (<c>PG_slab</c>).</summary>
    Slab = 8,

    /// <summary>A page of SlabGen's own metadata, which no user ever holds (<c>PG_reserved</c>).</summary>
    Reserved = 16,

    /// <summary>The first page of a free block that waits in a page set.</summary>
    InSet = 32,

    /// <summary>A page of high memory that is mapped now.</summary>
    Mapped = 64,

    /// <summary>With <see cref="Mapped"/>: mapped for as long as its block lives.</summary>
    KeptMapped = 128,
}
