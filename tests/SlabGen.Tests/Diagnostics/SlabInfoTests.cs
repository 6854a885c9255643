using System.Globalization;
using System.Text.RegularExpressions;
using SlabGen.Tests.Generated;

namespace SlabGen.Tests.Diagnostics;

/// <summary>The text is what <c>/proc/slabinfo</c> 2.1 readers parse, and its numbers are right.</summary>
public sealed partial class SlabInfoTests
{
    [Fact]
    public void Text_IsSlabinfoVersion21()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(1024);
        KmemCache cache = runtime.CreateCache("orders", 200, new SlabCacheOptions { Order = 0 });
        nint[] live = new nint[100];
        cache.AllocBulk(live);
        string[] lines = SlabInfo.Format(runtime).Split('\n');

        Assert.Equal("slabinfo - version: 2.1", lines[0]);
        Assert.Equal(
            "# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables <limit> <batchcount> <sharedfactor> : slabdata <active_slabs> <num_slabs> <sharedavail>",
            lines[1]);
        Match row = Row().Match(lines[2]);
        Assert.True(row.Success, lines[2]);
        Assert.Equal("orders", row.Groups["name"].Value);
        Assert.Equal(100, Number(row, "active"));
        Assert.Equal(200, Number(row, "size"));
        Assert.Equal(20, Number(row, "perslab"));
        Assert.Equal(Number(row, "slabs") * 20, Number(row, "num"));
        Assert.Equal("", lines[3]);
        cache.FreeBulk(live);
    }

    [Fact]
    public void LiveCachedAndFree_AreThreeNumbers()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(1024);
        KmemCache cache = runtime.CreateCache("o", 64);
        nint[] live = new nint[1000];
        cache.AllocBulk(live);
        cache.FreeBulk(live.AsSpan(400));
        CacheSnapshot snapshot = cache.Snapshot();
        Assert.Equal(400, snapshot.LiveObjects);
        Assert.True(snapshot.CachedObjects >= 500);
        Assert.Equal(snapshot.Slabs * snapshot.ObjectsPerSlab, snapshot.Objects);
        Assert.Equal(snapshot.Slabs * snapshot.SlabBytes, snapshot.Bytes);
        cache.FreeBulk(live.AsSpan(0, 400));
    }

    private static long Number(Match row, string group) => long.Parse(row.Groups[group].Value, CultureInfo.InvariantCulture);

    // The format of slabinfo_show: "%-17s %6lu %6lu %6u %4u %4d : tunables %4u %4u %4u : slabdata %6lu %6lu %6lu".
    [GeneratedRegex(@"^(?<name>\S+) +(?<active>\d+) +(?<num>\d+) +(?<size>\d+) +(?<perslab>\d+) +(?<pages>\d+) : tunables +\d+ +\d+ +\d+ : slabdata +(?<activeslabs>\d+) +(?<slabs>\d+) +(?<shared>\d+)$")]
    private static partial Regex Row();
}
