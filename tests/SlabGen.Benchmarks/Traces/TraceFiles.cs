namespace SlabGen.Benchmarks.Traces;

/// <summary>The traces of real programs: the one that comes with TraceReplay, and those in <c>shared/traces</c> beside the repository.</summary>
internal static class TraceFiles
{
    private const string Extension = ".trace.gz";

    /// <summary>By name, each once.</summary>
    public static IReadOnlyList<(string Name, string File)> Find()
    {
        if (RepositoryRoot.Path is not { } root)
        {
            return [];
        }

        string[] folders = [Path.Combine(root, "..", "shared", "traces"), Path.Combine(root, "tests", "SlabGen.TraceReplay")];
        return
        [
            .. folders.Where(Directory.Exists)
                .SelectMany(folder => Directory.GetFiles(folder, "*" + Extension))
                .Select(file => (Name: Path.GetFileName(file)[..^Extension.Length], File: file))
                .DistinctBy(trace => trace.Name)
                .OrderBy(trace => trace.Name, StringComparer.Ordinal),
        ];
    }

    /// <summary>What is missing, or null.</summary>
    public static string? Missing => RepositoryRoot.Path is { } root && Directory.Exists(Path.Combine(root, "..", "shared", "traces"))
        ? null
        : "the larger traces are absent: there is no folder shared/traces beside the repository";
}
