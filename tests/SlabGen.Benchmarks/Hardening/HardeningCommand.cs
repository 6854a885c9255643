using System.Globalization;

namespace SlabGen.Benchmarks.Hardening;

/// <summary>
/// <c>hardening</c>: what each option that makes mistakes harder to use costs, next to a default runtime; the prices of
/// the table in <c>tests/README.md</c>.
/// </summary>
internal static class HardeningCommand
{
    private const int Runs = 15;

    private static readonly (string Name, Func<SlabRuntimeOptions, SlabRuntimeOptions> Change)[] s_modes =
    [
        ("default", options => options),
        ("`GuardSampling`", options => options with { GuardSampling = new GuardSampling() }),
        ("`Checked`", options => options with { Checked = true }),
        ("`RandomAddresses`", options => options with { RandomAddresses = true }),
        ("`TypeStable`", options => options with { TypeStable = true }),
        ("`GuardPages`", options => options with { GuardPages = true }),
        ("`RandomReuse`", options => options with { RandomReuse = true }),
        ("`ZeroOnFree`", options => options with { ZeroOnFree = true }),
        ("`Checked`, `RandomReuse`", options => options with { Checked = true, RandomReuse = true }),
        ("`Checked`, `ZeroOnFree`", options => options with { Checked = true, ZeroOnFree = true }),
        ("`Hardened`", options => SlabRuntimeOptions.Hardened with { MemoryLimit = options.MemoryLimit }),
    ];

    public static void Run()
    {
        Console.WriteLine(Machine.Summary);
        Console.WriteLine($"""
            One thread, objects of 64 bytes, a cache made by hand; nanoseconds per allocation and free, the median of {Runs} runs, all modes in turns
            in one process; in brackets the ratio to default. pair: allocate and free at once. batch1000: 1000, then free them. grow: {HardeningRun.Many} from
            nothing, then free them and give the memory back. Memory: what is held while these live, and when all was given back, per object.

            """);
        var runs = new List<HardeningRun>();
        foreach ((string name, Func<SlabRuntimeOptions, SlabRuntimeOptions> change) in s_modes)
        {
            var plain = new SlabRuntimeOptions { MemoryLimit = 1L << 30, Checked = false, GuardSampling = null };
            runs.Add(new HardeningRun(name, change(plain)));
        }

        TierOne.Reach([.. runs.Select(run => (Action)run.WarmUp)]);
        for (int i = 0; i < Runs; i++) // in turns, so that a noisy moment hits all
        {
            runs.ForEach(static run => run.Measure());
        }

        Console.WriteLine("| mode | pair | batch1000 | grow | live, bytes | at rest, bytes |");
        Console.WriteLine("|:--|--:|--:|--:|--:|--:|");
        foreach (HardeningRun run in runs)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {run.Name} | {Cell(run.Pair, runs[0].Pair)} | {Cell(run.Batch, runs[0].Batch)} | {Cell(run.Grow, runs[0].Grow)} | {run.LiveBytes:f1} | {run.RestBytes:f1} |"));
            run.Dispose();
        }
    }

    private static string Cell(double value, double of) => string.Create(CultureInfo.InvariantCulture, $"{value:f1} ({value / of:f1})");
}
