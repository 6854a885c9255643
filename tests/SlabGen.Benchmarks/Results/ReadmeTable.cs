using SlabGen.Benchmarks.Allocators;
using SlabGen.Benchmarks.Ratios;

namespace SlabGen.Benchmarks.Results;

/// <summary>The table of the README, between two markers there.</summary>
internal static class ReadmeTable
{
    private const string Begin = "<!-- written by ratios --write: begin -->", End = "<!-- written by ratios --write: end -->";

    private static readonly string[] s_peers = [Peers.Native, Peers.Mimalloc, "tcmalloc", "class", "objectpool"];

    /// <summary>The rows: what a reader compares first. All of them are in <c>results/</c>.</summary>
    private static readonly string[] s_workloads = ["pair", "pair-local", "batch1000", "replace128k", "replace1m", "xmalloc-1:1-", "larson", "trace-"];

    /// <exception cref="InvalidOperationException">The program does not run in the repository, or the README has no markers.</exception>
    public static void Write(IReadOnlyList<Measurement> measurements, Effort effort)
    {
        string file = Path.Combine(RepositoryRoot.Require(), "README.md");
        string text = File.ReadAllText(file);
        int begin = text.IndexOf(Begin, StringComparison.Ordinal), end = text.IndexOf(End, StringComparison.Ordinal);
        if (begin < 0 || end < begin)
        {
            throw new InvalidOperationException($"{file} has no '{Begin}' with '{End}' behind it.");
        }

        File.WriteAllText(file, $"{text[..begin]}{Begin}\n{ToMarkdown(measurements, effort)}\n{text[end..]}");
    }

    // What is not SlabGen's own, and no pointer.
    private static bool IsPeer(string allocator) =>
        allocator != "pointer" && !allocator.StartsWith(Peers.Kmalloc, StringComparison.Ordinal) && !allocator.StartsWith(Peers.SlabGen, StringComparison.Ordinal);

    private static string ToMarkdown(IReadOnlyList<Measurement> measurements, Effort effort)
    {
        Measurement[] rows = [.. measurements.Where(m => s_workloads.Any(name => m.Workload == name || (name[^1] == '-' && m.Workload.StartsWith(name, StringComparison.Ordinal))))];
        string[] peers = [.. s_peers.Where(peer => rows.Any(row => row[peer] is not null))];
        string losses = string.Join(", ", measurements.SelectMany(m => m.Results
            .Where(result => IsPeer(result.Allocator) && m.Ratio(result.Allocator) < 0.995)
            .Select(result => $"{m.Workload} against {result.Allocator} ({Markdown.Ratio(m.Ratio(result.Allocator))})")));
        return $"""
            Nanoseconds per allocation and free of a 64-byte object (traces: per operation, through `Kmalloc`), and how often faster than
            each peer that is; median of {effort.Runs} interleaved runs, {Machine.Date}, {Machine.Summary}:

            {Markdown.Header("workload", ["slabgen, ns", .. peers.Select(peer => "against " + peer)])}
            {string.Join('\n', rows.Select(m => Markdown.Row(m.Workload, [Markdown.Number(m[Peers.SlabGen]), .. peers.Select(peer => Markdown.Ratio(m.Ratio(peer)))])))}

            Slower than a peer, of all that was measured: {(losses.Length > 0 ? losses : "nowhere")}.
            """;
    }
}
