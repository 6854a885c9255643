using System.Globalization;
using System.Text;
using SlabGen.Benchmarks.Allocators;

namespace SlabGen.Benchmarks.Ratios;

/// <summary>The measurements as text.</summary>
internal static class RatiosReport
{
    public static string ToMarkdown(IReadOnlyList<Measurement> measurements, IReadOnlyList<string> leftOut, Effort effort)
    {
        string[] allocators = [.. measurements.SelectMany(measurement => measurement.Results).Select(result => result.Allocator).Distinct()];
        var text = new StringBuilder()
            .AppendLine(Machine.Summary)
            .AppendLine(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:yyyy-MM-dd}; ns per allocation and free, of 64 bytes where the name says no size; median of {effort.Runs} interleaved runs at tier 1.")
            .AppendLine()
            .AppendLine(Row("workload", allocators))
            .AppendLine(Row(":--", allocators.Select(_ => "--:")));
        foreach (Measurement measurement in measurements)
        {
            text.AppendLine(Row(measurement.Workload, allocators.Select(allocator => measurement[allocator] is { } ns ? Number(ns) : "")));
        }

        text.AppendLine().AppendLine("How often faster than the others slabgen is; below 1, it is slower.").AppendLine();
        string[] others = [.. allocators.Where(allocator => allocator != Peers.SlabGen)];
        text.AppendLine(Row("workload", others)).AppendLine(Row(":--", others.Select(_ => "--:")));
        foreach (Measurement measurement in measurements)
        {
            text.AppendLine(Row(measurement.Workload, others.Select(other => measurement[other] / measurement[Peers.SlabGen] is { } ratio ? $"{Number(ratio)}x" : "")));
        }

        text.AppendLine();
        foreach ((string name, string problem) in Peers.Absent)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{name} is absent: {problem}.");
        }

        if (leftOut.Count > 0)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"Left out, since the time of {effort.Total.TotalSeconds} s was up: {string.Join(", ", leftOut)}.");
        }

        return text.ToString().TrimEnd();
    }

    private static string Number(double value) => value.ToString(value < 10 ? "f2" : value < 1000 ? "f1" : "f0", CultureInfo.InvariantCulture);

    private static string Row(string first, IEnumerable<string> cells) => $"| {first} | {string.Join(" | ", cells)} |";
}
