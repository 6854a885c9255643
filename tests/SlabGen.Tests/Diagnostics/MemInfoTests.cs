using System.Globalization;
using System.Text.RegularExpressions;

namespace SlabGen.Tests.Diagnostics;

/// <summary>The text is what readers of <c>/proc/meminfo</c> parse, and its numbers are right.</summary>
public sealed partial class MemInfoTests
{
    [Fact]
    public void Lines_AreThoseOfMeminfo()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        KmemCache inodes = runtime.CreateCache("inodes", 64, new SlabCacheOptions { Reclaimable = true }), others = runtime.CreateCache("others", 2048);
        nint inode = inodes.Alloc(), other = others.Alloc();
        string text = MemInfo.Format(runtime);
        Dictionary<string, long> lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).ToDictionary(
            line => Line().Match(line).Groups["name"].Value,
            line => long.Parse(Line().Match(line).Groups["kb"].Value, CultureInfo.InvariantCulture));

        Assert.Equal(["MemTotal", "MemFree", "Slab", "SReclaimable", "SUnreclaim"], lines.Keys);
        Assert.Equal(runtime.MemoryLimit >> 10, lines["MemTotal"]);
        Assert.Equal((runtime.MemoryLimit - runtime.Pages.UsedBytes) >> 10, lines["MemFree"]);
        Assert.Equal(inodes.Snapshot().Bytes >> 10, lines["SReclaimable"]);
        Assert.Equal(others.Snapshot().Bytes >> 10, lines["SUnreclaim"]);
        Assert.Equal(lines["SReclaimable"] + lines["SUnreclaim"], lines["Slab"]);
        Assert.All(text.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Equal("MemTotal:       16384256 kB".Length, line.Length));
        inodes.Free(inode);
        others.Free(other);
    }

    [GeneratedRegex(@"^(?<name>[A-Za-z]+): +(?<kb>\d+) kB$")]
    private static partial Regex Line();
}
