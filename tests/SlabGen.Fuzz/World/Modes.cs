using SlabGen.Memory;
using SlabGen.Reclaim;
using SlabGen.Tests;

namespace SlabGen.Fuzz;

/// <summary>The options of the runtime and of its caches, as the script's bytes choose them.</summary>
internal static class Modes
{
    private static readonly PressureMonitor s_noPressure = new([], Timeout.InfiniteTimeSpan);
    private static readonly NumaTopology? s_twoNodes = OperatingSystem.IsLinux() ? TwoNodes.Read() : null;

    public static SlabRuntimeOptions Runtime(ScriptReader script)
    {
        long limit = script.Any(64L, 160, 300, 4096, 16384) * Page.Size;
        var options = new SlabRuntimeOptions
        {
            MemoryLimit = limit,
            Processors = script.Any(1, 2, 16),
            MinFreeBytes = script.OneIn(3) ? null : 0,
            ReapInterval = script.OneIn(8) ? TimeSpan.FromMilliseconds(10) : Timeout.InfiniteTimeSpan,
            Pressure = s_noPressure,
            Checked = script.OneIn(4),
            GuardSampling = script.OneIn(4) ? new GuardSampling { Interval = script.Any(TimeSpan.Zero, TimeSpan.FromMilliseconds(1)), MaxObjects = script.Any(1, 20) } : null,
            WatermarkScaleFactor = script.Any(10, 10, 1000),
            HighMem = new HighMemOptions { Bytes = script.OneIn(4) ? 1 << 20 : 0, MappedPages = script.Any(512, 3) },
            Normal = new ZoneOptions
            {
                Pinning = script.OneIn(8) ? Pinning.BestEffort : Pinning.None,
                HugePages = script.OneIn(8) ? HugePages.Transparent : HugePages.None,
            },
        };
        options = script.OneIn(3) ? Harder(options, script) : options;
        int kind = script.Below(12);
        return kind == 0 && s_twoNodes is { } nodes ? options with { Topology = nodes }
            // It is for systems where no file can be mapped at an address: there is no high memory.
            : kind == 1 ? options with { Memory = new PortableMemory(), MemoryLimit = Math.Min(limit, 300L * Page.Size), HighMem = new HighMemOptions() }
            : options;
    }

    private static SlabRuntimeOptions Harder(SlabRuntimeOptions options, ScriptReader script) => options with
    {
        RandomAddresses = script.OneIn(2),
        RandomReuse = script.OneIn(2),
        ZeroOnFree = script.OneIn(2),
        TypeStable = script.OneIn(2),
        GuardPages = script.OneIn(2),
    };

    public static SlabCacheOptions Cache(ScriptReader script, SlabAccount account)
    {
        var options = new SlabCacheOptions
        {
            Alignment = script.Any(0, 0, 16, 256, 4096),
            HwCacheAlign = script.OneIn(8),
            Order = script.OneIn(8) ? script.Below(4) : null,
            MinPartial = script.OneIn(8) ? script.Below(4) : null,
            Coloring = !script.OneIn(8),
            RandomOrder = script.OneIn(4),
            Checked = script.Any<bool?>(null, null, true, false),
            MagazineRounds = script.Any(0, 1, 2, 3, 13),
            DepotBytes = script.Any(8L << 20, 0, 500, 5000),
            ReuseDistanceBytes = script.Any(4L << 20, 0, 2000),
            NoMagazines = script.OneIn(8),
            Reclaimable = script.OneIn(4),
        };
        return script.Below(12) switch
        {
            0 => options with { TypeSafeByRcu = true },
            1 => options with { Zeroing = SlabZeroing.OnAlloc },
            2 => options with { Zeroing = SlabZeroing.OnFree },
            3 => options with { MaxObjects = 1 + script.Below(50) },
            4 => options with { MaxBytes = 64 << 10 },
            5 => options with { Account = account },
            6 => options with { Zone = ZoneKind.HighMem },
            7 => options with { LimitWarning = _ => { }, MaxObjects = 20, LimitWarningInterval = TimeSpan.Zero },
            _ => options,
        };
    }
}
