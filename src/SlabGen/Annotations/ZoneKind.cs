namespace SlabGen;

/// <summary>Which addresses the pages of a zone have (<c>enum zone_type</c>), lowest first.</summary>
public enum ZoneKind
{
    /// <summary>Below 16 MiB: the oldest device limit; reachable with 24 bits.</summary>
    Dma,

    /// <summary>From 16 MiB to 4 GiB: reachable with 32 bits.</summary>
    Dma32,

    /// <summary>Anywhere above.</summary>
    Normal,

    /// <summary>Pages in a file, without an address until they are mapped.</summary>
    HighMem,
}
