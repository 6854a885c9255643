using SlabGen.Guards;
using SlabGen.Memory;

namespace SlabGen.Pages;

/// <summary>The part of <c>SlabRuntimeOptions</c> that the page layer gets. Each option is described there.</summary>
internal sealed record PageOptions
{
    /// <summary>The name of the runtime, in metrics and events.</summary>
    public string Name { get; init; } = "";

    public required long LimitPages { get; init; }

    /// <summary>
    /// Whether a limit that does not fit the address space is halved until it fits, because the user did not ask for
    /// it.
    /// </summary>
    public required bool LimitShrinks { get; init; }

    public required int Processors { get; init; }

    public required ZoneLayout Layout { get; init; }

    public required ZoneOptions Dma { get; init; }

    public required ZoneOptions Dma32 { get; init; }

    public required ZoneOptions Normal { get; init; }

    public required HighMemOptions HighMem { get; init; }

    public required long? MinFreeBytes { get; init; }

    public required int WatermarkScaleFactor { get; init; }

    public required IOsMemory Memory { get; init; }

    public required SlabFaults Faults { get; init; }

    public required NumaTopology Topology { get; init; }

    /// <summary>Says when to guard an object; null for never.</summary>
    public GuardSampler? Guards { get; init; }

    /// <summary>Whether zones lie at random addresses, but those that are low.</summary>
    public bool RandomAddresses { get; init; }

    /// <summary>
    /// Whether the addresses of slabs serve nothing else: blocks of whole pages then have a zone of their own.
    /// </summary>
    public bool KeepsAddresses { get; init; }

    /// <summary>Whether a block without a cache is cleared when it is freed.</summary>
    public bool ZeroesBlocks { get; init; }

    public required long DmaEnd { get; init; }

    public required long Dma32End { get; init; }

    public required long ClassicNormalEnd { get; init; }
}
