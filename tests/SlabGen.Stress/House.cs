using SlabGen.Tests;

namespace SlabGen.Stress;

/// <summary>The runtime of a round: how the seed makes it, and what must be true of it at the end.</summary>
internal sealed class House
{
    private readonly SlabRuntimeOptions _options;

    private House(SlabRuntimeOptions options)
    {
        _options = options;
        Runtime = new SlabRuntime(options);
    }

    public SlabRuntime Runtime { get; }

    public static House Make(int seed)
    {
        Random random = Seeds.For(seed, "house");
        var options = new SlabRuntimeOptions
        {
            MemoryLimit = random.GetItems([32L << 20, 96L << 20, 256L << 20], 1)[0],
            ReapInterval = random.GetItems([TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(200), Timeout.InfiniteTimeSpan], 1)[0],
            HighMem = new HighMemOptions { Bytes = random.Next(2) == 0 ? 16 << 20 : 0 },
            Processors = 1 << random.Next(5),
            WatermarkScaleFactor = random.Next(2) == 0 ? 10 : 500,
            Checked = random.Next(8) == 0,
        };
        if (random.Next(4) == 0)
        {
            options = options with { RandomAddresses = true, RandomReuse = true, ZeroOnFree = random.Next(2) == 0, GuardPages = random.Next(2) == 0 };
        }

        return new House(OperatingSystem.IsLinux() && random.Next(4) == 0 ? options with { Topology = TwoNodes.Read() } : options);
    }

    /// <summary>Everything was freed, and everything that could be destroyed was.</summary>
    public void Close(Journal journal)
    {
        Runtime.Faults.Clear();
        journal.Note("shrinks");
        for (int i = 0; i < 3; i++)
        {
            Forgiving(() => Runtime.Shrink()); // tells what was thrown in the background
        }

        journal.Note("waits for what was deferred");
        Rcu.Barrier();
        journal.Note("validates");
        Expect(Runtime, Settled(() => Runtime.CommittedBytes, Runtime, AllowedAtRest(Runtime), journal));
        journal.Note("disposes");
        Forgiving(Runtime.Dispose);
    }

    /// <summary>Page frames stay, 32 bytes of a page, for sections that were in use; and a little that threads of the process's pool may hold.</summary>
    public static long AllowedAtRest(SlabRuntime runtime) => ((runtime.MemoryLimit + (64L << 20)) / 64) + (1 << 20);

    /// <summary>Gives idle threads the time to give back what they hold.</summary>
    public static long Settled(Func<long> read, SlabRuntime runtime, long enough, Journal journal)
    {
        for (int i = 0; i < 100 && read() > enough; i++)
        {
            journal.Note("waits for memory to come back");
            GC.Collect();
            GC.WaitForPendingFinalizers();
            Forgiving(() => runtime.Shrink());
            Thread.Sleep(20);
        }

        return read();
    }

    /// <exception cref="StressException">An invariant is violated, something is live, or memory did not go back.</exception>
    public static void Expect(SlabRuntime runtime, long committed)
    {
        ValidationReport report = runtime.Validate();
        if (!report.IsClean)
        {
            throw new StressException($"At the end of a round: {report}");
        }

        if (runtime.Pages.CountUserBytes() is > 0 and long bytes)
        {
            throw new StressException($"Everything was freed, and yet {bytes} bytes are in blocks of whole pages.");
        }

        foreach (KmemCache cache in runtime.Caches)
        {
            if (cache.Snapshot() is { LiveObjects: > 0 } live)
            {
                throw new StressException($"Everything was freed, and yet: {live}");
            }
        }

        if (committed > AllowedAtRest(runtime))
        {
            throw new StressException($"Nothing is live, and yet {committed} bytes are held, more than {AllowedAtRest(runtime)}.{Environment.NewLine}{MemInfo.Format(runtime)}");
        }
    }

    public override string ToString() =>
        $"{_options.MemoryLimit >> 20} MiB, reap {_options.ReapInterval.TotalMilliseconds} ms{(_options.Checked ? ", checked" : "")}{(_options.RandomReuse ? ", random reuse" : "")}{(_options.ZeroOnFree ? ", zeros" : "")}{(_options.GuardPages ? ", guard pages" : "")}{(Runtime.Pages.NodeCount > 1 ? ", two nodes" : "")}{(_options.HighMem.Bytes > 0 ? ", high memory" : "")}";

    private static void Forgiving(Action reclaim)
    {
        try
        {
            reclaim();
        }
        catch (Exception error) when (Planned.InReclaim(error))
        {
        }
    }
}
