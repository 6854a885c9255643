using System.Globalization;

namespace SlabGen.Benchmarks.Memory;

/// <summary>The resident memory of this process, in bytes.</summary>
/// <remarks>
/// From <c>/proc/self/smaps_rollup</c>, for which the kernel walks the page tables; the figures of the same names in
/// <c>/proc/self/status</c> may lag by some pages per processor.
/// </remarks>
internal readonly record struct ResidentMemory(long Total, long Anonymous)
{
    public static ResidentMemory Read()
    {
        // What was read a moment ago must not count as growth.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        string[] lines = File.ReadAllLines("/proc/self/smaps_rollup");
        return new ResidentMemory(Field(lines, "Rss:"), Field(lines, "Anonymous:"));
    }

    private static long Field(string[] lines, string name)
    {
        string line = lines.First(line => line.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) * 1024;
    }
}
