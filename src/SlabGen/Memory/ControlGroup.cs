namespace SlabGen.Memory;

/// <summary>
/// The memory limits of the control groups that the process is in, of both versions: the limits of a group itself, and
/// those of the groups above it as far as they can be seen.
/// </summary>
internal static class ControlGroup
{
    /// <summary>The lowest limit in bytes; <see cref="long.MaxValue"/> when there is none.</summary>
    /// <param name="groups">The text of <c>/proc/self/cgroup</c>.</param>
    /// <param name="mounts">The text of <c>/proc/self/mountinfo</c>.</param>
    public static long Limit(string? groups, string? mounts)
    {
        long limit = long.MaxValue;
        foreach (string mount in mounts?.Split('\n') ?? [])
        {
            if (TryParse(mount, out string root, out string point, out bool isSecond)
                && PathOf(groups, isSecond) is { } path)
            {
                limit = Math.Min(limit, LimitUpTo(point, Below(path, root), isSecond));
            }
        }

        return limit;
    }

    /// <summary>
    /// Parses a mount of the memory controller: which directory of the hierarchy is mounted, and where.
    /// </summary>
    private static bool TryParse(string mount, out string root, out string point, out bool isSecond)
    {
        // 35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
        string[] halves = mount.Split(" - ", 2), left = halves[0].Split(' '), right = halves[^1].Split(' ');
        isSecond = right[0] == "cgroup2";
        (root, point) = left.Length > 4 ? (Unescape(left[3]), Unescape(left[4])) : ("", "");
        return halves.Length == 2 && left.Length > 4
            && (isSecond || (right[0] == "cgroup" && Array.IndexOf(right[^1].Split(','), "memory") >= 0));
    }

    /// <summary>The path of the process's group in the hierarchy of a version.</summary>
    private static string? PathOf(string? groups, bool isSecond)
    {
        foreach (string line in groups?.Split('\n') ?? [])
        {
            string[] parts = line.Trim().Split(':', 3); // 4:memory:/a, or 0::/a
            if (parts.Length == 3
                && (isSecond
                    ? parts[0] == "0" && parts[1].Length == 0 : Array.IndexOf(parts[1].Split(','), "memory") >= 0))
            {
                return parts[2];
            }
        }

        return null;
    }

    /// <summary>
    /// The part of a path below the mounted directory. There is none when the path is not below it, as in a container
    /// that sees only its own group.
    /// </summary>
    private static string Below(string path, string root) =>
        path.Contains("/..", StringComparison.Ordinal) ? ""
        : root == "/" ? path
        : path == root || path.StartsWith(root + "/", StringComparison.Ordinal) ? path[root.Length..]
        : "";

    private static long LimitUpTo(string point, string path, bool isSecond)
    {
        long limit = long.MaxValue;
        for (string rest = path.TrimEnd('/'); ; rest = rest[..rest.LastIndexOf('/')])
        {
            limit = Math.Min(limit, isSecond
                ? Math.Min(Number(Text("memory.max")), Number(Text("memory.high")))
                // Which groups above permit, seen or not.
                : Math.Min(Number(Text("memory.limit_in_bytes")),
                    Number(SystemFile.Line(Text("memory.stat"), "hierarchical_memory_limit "))));
            if (!rest.Contains('/', StringComparison.Ordinal))
            {
                return limit;
            }

            string? Text(string file) => SystemFile.Read(string.Concat(point, rest, "/", file));
        }
    }

    /// <summary>A number of bytes; <see cref="long.MaxValue"/> for <c>max</c>, and for a missing file.</summary>
    private static long Number(string? text) =>
        SystemFile.TryParse(text, out long bytes) ? bytes : long.MaxValue;

    /// <summary>White space in a path is written as <c>\040</c> there.</summary>
    private static string Unescape(string path) =>
        path.Replace(@"\040", " ", StringComparison.Ordinal).Replace(@"\011", "\t", StringComparison.Ordinal)
            .Replace(@"\134", @"\", StringComparison.Ordinal);
}
