using System.Diagnostics;
using System.Text.Json.Nodes;
using SlabGen.Benchmarks.Allocators;
using SlabGen.Benchmarks.Workloads;

namespace SlabGen.Benchmarks.Ratios;

/// <summary><c>ratios</c>: every workload on every allocator, in one process, at tier 1.</summary>
internal static class RatiosCommand
{
    public static void Run(Options options)
    {
        long start = Stopwatch.GetTimestamp();
        Effort effort = options.Quick ? Effort.Quick : Effort.Full;
        Workload[] workloads =
        [
            .. AllWorkloads.Get().Where(workload => options.Only.Length > 0
                ? workload.Name.StartsWith(options.Only, StringComparison.Ordinal)
                : workload.IsQuick || !options.Quick),
        ];
        TierOne.Reach([.. workloads.SelectMany(workload => workload.WarmUps()).Distinct()], effort.RunTime, effort.LoopWarmUpRounds);

        var measurements = new List<Measurement>();
        var leftOut = new List<string>();
        foreach (Workload workload in workloads)
        {
            if (Stopwatch.GetElapsedTime(start) > effort.Total)
            {
                leftOut.Add(workload.Name);
                continue;
            }

            measurements.Add(Measurement.Take(workload, effort));
        }

        if (options.Json)
        {
            Console.WriteLine(ToJson(measurements, leftOut));
        }
        else
        {
            Console.WriteLine(RatiosReport.ToMarkdown(measurements, leftOut, effort));
        }
    }

    private static JsonObject ToJson(IReadOnlyList<Measurement> measurements, IReadOnlyList<string> leftOut) => new()
    {
        ["workloads"] = new JsonObject(measurements.Select(measurement => KeyValuePair.Create(
            measurement.Workload,
            (JsonNode?)new JsonObject(measurement.Results.Select(result => KeyValuePair.Create(result.Allocator, (JsonNode?)Math.Round(result.Nanoseconds, 3))))))),
        ["leftOut"] = new JsonArray([.. leftOut.Select(name => (JsonNode?)name)]),
        ["absent"] = new JsonObject(Peers.Absent.Select(peer => KeyValuePair.Create(peer.Name, (JsonNode?)peer.Problem))),
        ["machine"] = Machine.ToJson(),
    };
}
