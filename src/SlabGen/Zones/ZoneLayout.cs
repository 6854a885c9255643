namespace SlabGen;

/// <summary>Which zones a runtime has, and where.</summary>
public enum ZoneLayout
{
    /// <summary>
    /// Up to four zones: <see cref="ZoneKind.Dma"/> below 16 MiB and <see cref="ZoneKind.Dma32"/> below 4 GiB, each
    /// reserved at the first request that names it; <see cref="ZoneKind.Normal"/>, as large as the memory limit; and
    /// <see cref="ZoneKind.HighMem"/> if asked for.
    /// </summary>
    SixtyFourBit,

    /// <summary>
    /// The layout of a 32-bit PC. The memory limit is divided into <see cref="ZoneKind.Dma"/>, the first 16 MiB;
    /// <see cref="ZoneKind.Normal"/>, from there to 896 MiB; and <see cref="ZoneKind.HighMem"/>, the rest. The bounds
    /// are page frame numbers. The addresses lie wherever the system has room.
    /// </summary>
    Classic,
}
