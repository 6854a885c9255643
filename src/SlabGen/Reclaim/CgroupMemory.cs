using System.Globalization;
using SlabGen.Memory;

namespace SlabGen.Reclaim;

/// <summary>
/// The container's own limits: cgroup v2 <c>memory.high</c> and <c>memory.max</c>. Memory is short in two cases: the
/// kernel counted one of them as reached (<c>memory.events</c>), or nine tenths of the lower one are in use, without
/// the page cache that the kernel can drop.
/// </summary>
internal sealed class CgroupMemory(string directory) : PressureSource
{
    private long _events = Events(SystemFile.Read(Path.Combine(directory, "memory.events")));

    public override string Name => $"cgroup {directory}";

    public override bool IsShort()
    {
        long events = Events(Text("memory.events"));
        bool reached = events > _events;
        _events = events;

        long limit = Math.Min(Number("memory.high"), Number("memory.max"));
        long used = Number("memory.current") - Field(Text("memory.stat"), "inactive_file");
        return reached || (limit != long.MaxValue && used != long.MaxValue && used >= limit / 10 * 9);
    }

    /// <summary>The directory of the process's group, if the system has a group with a memory controller.</summary>
    /// <param name="groups">The text of <c>/proc/self/cgroup</c>.</param>
    /// <param name="root">The mount point of the file system.</param>
    internal static string? DirectoryOf(string? groups, string root)
    {
        string? directory = SystemFile.Line(groups, "0::") is { } path ? Path.Join(root, path) : null;
        return directory is not null && File.Exists(Path.Combine(directory, "memory.current")) ? directory : null;
    }

    private static long Events(string? text) => Field(text, "high") + Field(text, "max") + Field(text, "oom");

    private static long Field(string? text, string name) =>
        long.TryParse(SystemFile.Line(text, name + " "), NumberStyles.None, CultureInfo.InvariantCulture,
            out long value) ? value : 0;

    /// <summary>A file's number; <see cref="long.MaxValue"/> for <c>max</c>, and for a missing file.</summary>
    private long Number(string file) =>
        long.TryParse(Text(file), NumberStyles.None, CultureInfo.InvariantCulture, out long value)
            ? value : long.MaxValue;

    private string? Text(string file) => SystemFile.Read(Path.Combine(directory, file));
}
