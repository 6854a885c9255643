namespace SlabGen;

/// <summary>The memory of a runtime at one moment, and what was taken back so far.</summary>
/// <remarks>
/// Totals count from the making of the runtime and never fall. What a pass brought is how much less memory was in use
/// after it, so what other threads took or freed meanwhile is in it; a pass after which more was in use brought 0.
/// </remarks>
public sealed record SlabRuntimeSnapshot
{
    /// <inheritdoc cref="SlabRuntime.MemoryLimit"/>
    public long MemoryLimit { get; internal init; }

    /// <inheritdoc cref="SlabRuntime.CommittedBytes"/>
    public long CommittedBytes { get; internal init; }

    /// <inheritdoc cref="SlabRuntime.PeakCommittedBytes"/>
    public long PeakCommittedBytes { get; internal init; }

    /// <summary>Bytes that went back to the system so far: all that <see cref="CommittedBytes"/> has fallen.</summary>
    public long ReturnedBytes { get; internal init; }

    /// <summary>How often memory was taken back because an allocation would else have failed.</summary>
    public long DirectReclaims { get; internal init; }

    /// <summary>What <see cref="DirectReclaims"/> brought, in bytes.</summary>
    public long DirectlyReclaimedBytes { get; internal init; }

    /// <summary>How often memory was taken back because a zone was under its low watermark.</summary>
    public long BackgroundReclaims { get; internal init; }

    /// <summary>What <see cref="BackgroundReclaims"/> brought, in bytes.</summary>
    public long BackgroundReclaimedBytes { get; internal init; }

    /// <summary>How often memory was taken back because the machine or the container was short of it.</summary>
    public long PressureReclaims { get; internal init; }

    /// <summary>What <see cref="PressureReclaims"/> brought, in bytes.</summary>
    public long PressureReclaimedBytes { get; internal init; }

    /// <summary>How often an interval ended (<see cref="SlabRuntimeOptions.ReapInterval"/>).</summary>
    public long IdleReclaims { get; internal init; }

    /// <summary>What <see cref="IdleReclaims"/> brought, in bytes.</summary>
    public long IdleReclaimedBytes { get; internal init; }
}
