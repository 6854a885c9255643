using System.Text.Json.Nodes;
using SlabGen.Benchmarks.Allocators;
using SlabGen.Benchmarks.Gc;
using SlabGen.Benchmarks.Memory;
using SlabGen.Benchmarks.Results;
using SlabGen.Benchmarks.Traces;
using SlabGen.Benchmarks.Workloads;

namespace SlabGen.Benchmarks.Ratios;

/// <summary><c>ratios</c>: every workload on every allocator, in one process, at tier 1; then memory and the collector, in processes of their own.</summary>
internal static class RatiosCommand
{
    public static void Run(Options options)
    {
        Effort effort = options.Quick ? Effort.Quick : Effort.Full;
        var deadline = new Deadline();
        IReadOnlyList<Measurement> measurements = Measure(options, effort, deadline);

        // With --only somebody looks at one workload.
        bool all = options.Only.Length == 0;
        JsonObject? gc = all && deadline.Allows("gc", effort.Total) ? GcMeasurements.Take(options) : null;
        JsonObject? memory = all && deadline.Allows("memory", effort.Total) ? MemoryMeasurements.Take(options, size => deadline.Allows($"memory-{size}B", effort.Total)) : null;

        JsonObject json = ToJson(measurements, gc, memory, deadline);
        string[] sections = [RatiosReport.ToMarkdown(measurements, effort), .. gc is null ? [] : new[] { GcMeasurements.ToMarkdown(gc) }, .. memory is null ? [] : new[] { MemoryReport.ToMarkdown(memory) }, .. Notes(deadline, effort)];
        string markdown = string.Join("\n\n", sections);
        Console.WriteLine(options.Json ? json.ToString() : markdown);
        if (options.Write)
        {
            ResultFiles.Write("ratios", markdown, json);
            ReadmeTable.Write(measurements, effort);
        }
    }

    private static List<Measurement> Measure(Options options, Effort effort, Deadline deadline)
    {
        Workload[] workloads = options.Only.Length > 0
            ? [.. AllWorkloads.Get().Where(workload => workload.Name.StartsWith(options.Only, StringComparison.Ordinal))]
            : [.. options.Quick ? AllWorkloads.GetQuick() : AllWorkloads.Get()];
        TierOne.Reach([.. workloads.SelectMany(workload => workload.WarmUps()).Distinct()], effort.RunTime, effort.LoopWarmUpRounds);
        return [.. workloads.Where(workload => deadline.Allows(workload.Name, effort.Timed)).Select(workload => Measurement.Take(workload, effort))];
    }

    private static IEnumerable<string> Notes(Deadline deadline, Effort effort)
    {
        foreach ((string name, string problem) in Peers.Absent)
        {
            yield return $"{name} is absent: {problem}.";
        }

        if (TraceFiles.Missing is { } missing)
        {
            yield return $"Traces: {missing}.";
        }

        if (deadline.LeftOut.Count > 0)
        {
            yield return $"Left out, since the time was up ({effort.Timed.TotalSeconds} s for workloads, {effort.Total.TotalSeconds} s for all): {string.Join(", ", deadline.LeftOut)}.";
        }
    }

    private static JsonObject ToJson(IReadOnlyList<Measurement> measurements, JsonObject? gc, JsonObject? memory, Deadline deadline) => new()
    {
        ["workloads"] = new JsonObject(measurements.Select(measurement => KeyValuePair.Create(
            measurement.Workload,
            (JsonNode?)new JsonObject(measurement.Results.Select(result => KeyValuePair.Create(result.Allocator, (JsonNode?)Math.Round(result.Nanoseconds, 3))))))),
        ["gc"] = gc,
        ["memory"] = memory,
        ["leftOut"] = new JsonArray([.. deadline.LeftOut.Select(name => (JsonNode?)name)]),
        ["absent"] = new JsonObject(Peers.Absent.Select(peer => KeyValuePair.Create(peer.Name, (JsonNode?)peer.Problem))),
        ["machine"] = Machine.ToJson(),
    };
}
