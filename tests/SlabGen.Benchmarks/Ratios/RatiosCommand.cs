using System.Text.Json.Nodes;
using SlabGen.Benchmarks.Workloads;

namespace SlabGen.Benchmarks.Ratios;

/// <summary><c>ratios</c>: every workload on every allocator, in one process, at tier 1.</summary>
internal static class RatiosCommand
{
    public static void Run(Options options)
    {
        int runs = options.Quick ? 3 : 11;
        TimeSpan runTime = TimeSpan.FromMilliseconds(options.Quick ? 60 : 400);
        IEnumerable<Workload> workloads = Workload.All.Where(workload => workload.Name.StartsWith(options.Only, StringComparison.Ordinal));

        if (options.Json)
        {
            Console.WriteLine(ToJson([.. workloads.Select(workload => Measurement.Take(workload, runs, runTime))]));
            return;
        }

        Console.WriteLine(Machine.Summary);
        Console.WriteLine($"Object of 64 bytes; ns per allocation and free, median of {runs} interleaved runs at tier 1.");
        Console.WriteLine();
        Console.WriteLine("| workload             | slabgen | kmalloc |  native | native / slabgen | native / kmalloc |");
        Console.WriteLine("|:---------------------|--------:|--------:|--------:|-----------------:|-----------------:|");
        foreach (Workload workload in workloads)
        {
            Measurement m = Measurement.Take(workload, runs, runTime);
            Console.WriteLine(
                $"| {m.Workload,-20} | {m["slabgen"],7:f2} | {m["kmalloc"],7:f2} | {m["native"],7:f2} | {m.Ratio("slabgen"),15:f1}x | {m.Ratio("kmalloc"),15:f1}x |");
        }
    }

    private static JsonObject ToJson(IEnumerable<Measurement> measurements)
    {
        var workloads = new JsonObject();
        foreach (Measurement measurement in measurements)
        {
            workloads[measurement.Workload] = new JsonObject(
                measurement.Results.Select(result => KeyValuePair.Create(result.Allocator, (JsonNode?)Math.Round(result.Nanoseconds, 3))));
        }

        return new JsonObject { ["workloads"] = workloads, ["machine"] = Machine.ToJson() };
    }
}
