using System.Globalization;
using System.Text.RegularExpressions;
using SlabGen.Tests.Zones;

namespace SlabGen.Tests.Diagnostics;

/// <summary>The text is what readers of <c>/proc/zoneinfo</c> read, and says what the zones say.</summary>
public sealed partial class ZoneInfoTests
{
    [Fact]
    public void EveryZone_IsThere_WithItsNumbers()
    {
        using var runtime = new SlabRuntime(ZoneFallbackTests.Toy with { HighMem = new HighMemOptions { MappedPages = 4 } });
        PagePtr page = runtime.Pages.AllocPages(GfpFlags.Kernel | GfpFlags.Dma, 0);
        Dictionary<string, Dictionary<string, long>> zones = Parse(ZoneInfo.Format(runtime));

        Assert.Equal(runtime.Pages.Zones.Select(z => $"{z.Node} {z.Name}"), zones.Keys);
        foreach (Zone zone in runtime.Pages.Zones)
        {
            Dictionary<string, long> numbers = zones[$"{zone.Node} {zone.Name}"];
            Assert.Equal(zone.FreePages, numbers["free"]);
            Assert.Equal(zone.FreePages, numbers["nr_free_pages"]);
            Assert.Equal((zone.MinWatermark, zone.LowWatermark, zone.HighWatermark), (numbers["min"], numbers["low"], numbers["high"]));
            Assert.Equal(numbers["high"] - numbers["low"], numbers["promo"] - numbers["high"]);
            Assert.Equal((zone.SpannedPages, zone.PresentPages, zone.ManagedPages), (numbers["spanned"], numbers["present"], numbers["managed"]));
            Assert.Equal(zone.Hits, numbers["numa_hit"]);
            Assert.Equal(zone.StartPfn, numbers["start_pfn"]);
            Assert.Equal(zone.PageSetPages[0], numbers["cpu 0 count"]);
            Assert.Equal((zone.PageSetBatch, zone.PageSetHigh), (numbers["cpu 0 batch"], numbers["cpu 0 high"]));
            Assert.Equal(zone.LowmemReserve, Enumerable.Range(0, 4).Select(i => numbers[$"protection {i}"]));
        }

        Assert.Equal(1, zones["0 DMA"]["numa_hit"]);
        runtime.Pages.FreePages(page);
    }

    [Fact]
    public void TheKernelsOwnText_IsReadByTheSameReader_AndHasTheSameShape()
    {
        Assert.SkipUnless(File.Exists("/proc/zoneinfo"), "of Linux");
        string kernels = File.ReadAllText("/proc/zoneinfo");
        Dictionary<string, Dictionary<string, long>> zones = Parse(kernels);
        Assert.Contains("0 Normal", zones.Keys);

        // Every line of ours but those that only we have stands in the kernel's, with other numbers.
        HashSet<string> shapes = [.. kernels.Split('\n').Select(Shape)];
        using SlabRuntime runtime = TestRuntime.OfPages(4096);
        string[] ours = [.. ZoneInfo.Format(runtime).Split('\n').Where(l => !l.Contains("slabgen_", StringComparison.Ordinal) && !l.Contains("scanned", StringComparison.Ordinal))];
        Assert.SkipUnless(kernels.Contains("promo", StringComparison.Ordinal), "an older kernel's shape");
        Assert.DoesNotContain(ours, line => !line.Contains("protection", StringComparison.Ordinal) && !shapes.Contains(Shape(line)));
    }

    private static string Shape(string line) => Number().Replace(line, "#");

    /// <summary>Reads as the zone reader of a well-known exporter does: line by line, on fields, in any order.</summary>
    private static Dictionary<string, Dictionary<string, long>> Parse(string text)
    {
        var zones = new Dictionary<string, Dictionary<string, long>>();
        Dictionary<string, long>? zone = null;
        string processor = "";
        foreach (string line in text.Split('\n'))
        {
            string[] parts = line.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries);
            if (Header().Match(line) is { Success: true } header)
            {
                zones[$"{header.Groups[1].Value} {header.Groups[2].Value}"] = zone = [];
            }
            else if (line.Contains("protection:", StringComparison.Ordinal))
            {
                string[] values = line.Split('(', ')')[1].Split(", ");
                for (int i = 0; i < values.Length; i++)
                {
                    zone![$"protection {i}"] = long.Parse(values[i], CultureInfo.InvariantCulture);
                }
            }
            else if (parts is ["pages", "free", var free])
            {
                zone!["free"] = long.Parse(free, CultureInfo.InvariantCulture);
            }
            else if (parts is ["cpu:", var number])
            {
                processor = $"cpu {number} ";
            }
            else if (parts is [var name, var value] && long.TryParse(value, CultureInfo.InvariantCulture, out long parsed))
            {
                bool ofSet = name is "count:" or "high:" or "batch:" or "high_min:" or "high_max:";
                zone![(ofSet ? processor : "") + name.TrimEnd(':')] = parsed;
            }
        }

        return zones;
    }

    [GeneratedRegex(@"\d+")]
    private static partial Regex Number();

    [GeneratedRegex(@"^Node (\d+), zone\s+(\w+)")]
    private static partial Regex Header();
}
