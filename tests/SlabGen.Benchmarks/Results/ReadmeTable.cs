using SlabGen.Benchmarks.Allocators;
using SlabGen.Benchmarks.Ratios;

namespace SlabGen.Benchmarks.Results;

/// <summary>The table of the README, between two markers there: a row for each thing that a reader asks first.</summary>
internal static class ReadmeTable
{
    private const string Begin = "<!-- written by ratios --write: begin -->", End = "<!-- written by ratios --write: end -->";

    private static readonly string[] s_peers = [Peers.Native, "class", "objectpool"];

    /// <summary>The rows, in plain words. Those that SlabGen loses are among them; all workloads are in <c>results/</c>.</summary>
    private static readonly (string Workload, string Words)[] s_rows =
    [
        ("pair", "allocate, free at once"),
        ("batch1000", "allocate 1000, then free them"),
        ("xmalloc-1:1-w16", "one thread allocates, another frees"),
        ("larson", "threads replace at random, and die"),
        ("replace1m", "replace one of 1,000,000 at random"),
        ("trace-sqlite", "sqlite's recorded allocations, replayed through `Kmalloc`"),
        ("trace-jq", "jq's"),
        ("trace-git-repack", "git repack's"),
        ("mixed256k", "replace one of 262,144 blocks of mixed sizes, `Kmalloc`"),
    ];

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

    private static string ToMarkdown(IReadOnlyList<Measurement> measurements, Effort effort)
    {
        (string Words, Measurement Taken)[] rows =
            [.. s_rows.SelectMany(row => measurements.Where(m => m.Workload == row.Workload).Select(m => (row.Words, m)))];
        string[] peers = [.. s_peers.Where(peer => rows.Any(row => row.Taken[peer] is not null))];
        return $"""
            Nanoseconds per allocation and free of 64 bytes (traces: per operation), and how many times as fast as each peer that is. The best native
            one is named in each row, out of {string.Join(", ", Natives())}. Median of {effort.Runs} interleaved runs,
            {Machine.Date}, {Machine.Summary}:

            {Markdown.Header("", ["SlabGen, ns", "best native", "against it", .. peers.Select(peer => "against " + (peer == Peers.Native ? "malloc" : peer))])}
            {string.Join('\n', rows.Select(row => Markdown.Row(row.Words, [Markdown.Number(row.Taken[Peers.SlabGen]), .. Best(row.Taken), .. peers.Select(peer => Markdown.Ratio(row.Taken.Ratio(peer)))])))}
            """;
    }

    /// <summary>The allocators off the collector's heap that others wrote, called without a transition where that can be.</summary>
    private static string[] Natives() => [Peers.Native, .. Peers.Libraries.Select(library => library.Name)];

    private static string[] Best(Measurement taken)
    {
        string? best = Natives().Where(peer => taken[peer] is not null).MinBy(peer => taken[peer]);
        return best is null ? ["", ""] : [best == Peers.Native ? "malloc" : best, Markdown.Ratio(taken.Ratio(best))];
    }
}
