using SlabGen;

namespace Misuse;

/// <summary>How a runtime looks for mistakes.</summary>
/// <param name="Name">As on the command line.</param>
/// <param name="Options">What says so. A program says it by its build, or by an environment variable.</param>
internal sealed record Mode(string Name, SlabRuntimeOptions Options)
{
    private static readonly SlabRuntimeOptions s_plain = new()
    {
        MemoryLimit = 16 << 20,
        Debug = SlabDebug.None,
        GuardSampling = null,
    };

    public static readonly Mode[] All =
    [
        new("default", s_plain),
        new("checked", s_plain with { Debug = SlabDebug.Checks }),

        // As SLABGEN_DEBUG=FZPUQ: red zones, poison, stacks, and a quarantine.
        new("FZPUQ", s_plain with { Debug = SlabDebug.Full | SlabDebug.Quarantine }),

        // All objects, so that the first mistake is found. In production it is one in 100 ms, and the tenth process.
        new("guards", s_plain with { GuardSampling = new GuardSampling { Interval = TimeSpan.Zero } }),
    ];
}
