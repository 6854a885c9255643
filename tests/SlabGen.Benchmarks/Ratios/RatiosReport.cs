using System.Text;
using SlabGen.Benchmarks.Allocators;
using SlabGen.Benchmarks.Results;

namespace SlabGen.Benchmarks.Ratios;

/// <summary>The measurements of time as text.</summary>
internal static class RatiosReport
{
    public static string ToMarkdown(IReadOnlyList<Measurement> measurements, Effort effort)
    {
        string[] allocators = [.. measurements.SelectMany(measurement => measurement.Results).Select(result => result.Allocator).Distinct()];
        string[] others = [.. allocators.Where(allocator => allocator != Peers.SlabGen)];
        StringBuilder text = new StringBuilder()
            .AppendLine($"{Machine.Summary}, {Machine.Date}.").AppendLine()
            .AppendLine($"Nanoseconds per allocation and free (colour and handles: per read; traces: per operation), of 64 bytes where the name says no size; median of {effort.Runs} interleaved runs at tier 1.").AppendLine()
            .AppendLine(Markdown.Header("workload", allocators));
        foreach (Measurement measurement in measurements)
        {
            text.AppendLine(Markdown.Row(measurement.Workload, allocators.Select(allocator => Markdown.Number(measurement[allocator]))));
        }

        text.AppendLine().AppendLine("How many times as fast as each of the others slabgen is; below 1, it is slower.").AppendLine()
            .AppendLine(Markdown.Header("workload", others));
        foreach (Measurement measurement in measurements)
        {
            text.AppendLine(Markdown.Row(measurement.Workload, others.Select(other => Markdown.Ratio(measurement.Ratio(other)))));
        }

        string losses = string.Join(", ", measurements.SelectMany(measurement => measurement.Results
            .Where(result => IsPeer(result.Allocator) && measurement.Ratio(result.Allocator) < 0.995)
            .Select(result => $"{measurement.Workload} against {result.Allocator} ({Markdown.Ratio(measurement.Ratio(result.Allocator))})")));
        text.AppendLine().AppendLine($"Slower than a peer, of all that was measured: {(losses.Length > 0 ? losses : "nowhere")}.");
        return text.ToString().TrimEnd();
    }

    // What is not SlabGen's own, and no pointer.
    private static bool IsPeer(string allocator) =>
        allocator != "pointer" && !allocator.StartsWith(Peers.Kmalloc, StringComparison.Ordinal) && !allocator.StartsWith(Peers.SlabGen, StringComparison.Ordinal);
}
