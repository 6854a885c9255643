namespace SlabGen;

/// <summary>Which zones a runtime has, and where.</summary>
public enum ZoneLayout
{
    /// <summary>
    /// <see cref="ZoneKind.Dma"/> below 16 MiB, <see cref="ZoneKind.Dma32"/> below 4 GiB, both reserved at the first
    /// request that names them; <see cref="ZoneKind.Normal"/>, as large as the memory limit; and <see cref="ZoneKind.HighMem"/> if asked for.
    /// </summary>
    SixtyFourBit,

    /// <summary>
    /// The layout of a PC with 32 bits: the memory limit is divided into <see cref="ZoneKind.Dma"/>, its first 16 MiB,
    /// <see cref="ZoneKind.Normal"/>, from there to 896 MiB, and <see cref="ZoneKind.HighMem"/>, the rest. The bounds are
    /// page frame numbers: addresses are wherever the system has room.
    /// </summary>
    Classic,
}
