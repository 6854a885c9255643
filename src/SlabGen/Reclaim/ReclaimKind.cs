namespace SlabGen.Reclaim;

/// <summary>Why memory is taken back.</summary>
internal enum ReclaimKind
{
    /// <summary>An allocation would fail.</summary>
    Direct,

    /// <summary>A zone is under its low watermark.</summary>
    Background,

    /// <summary>The machine or the container is short of memory.</summary>
    Pressure,

    /// <summary>An interval is over, and something was idle.</summary>
    Idle,
}
