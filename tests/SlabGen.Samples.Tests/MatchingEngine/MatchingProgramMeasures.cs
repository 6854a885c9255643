using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace SlabGen.Samples.Tests.MatchingEngine;

/// <summary>The program compares its engines, and writes what it measured.</summary>
public sealed class MatchingProgramMeasures : IDisposable
{
    private const string Begin = "<!-- written by --compare --readme: begin -->";
    private const string End = "<!-- written by --compare --readme: end -->";

    private readonly SampleProgram _program = new("MatchingEngine");
    private readonly string _folder = Directory.CreateTempSubdirectory("slabgen-matching-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Check_compares_both_engines()
    {
        ProgramResult result = await _program.RunAsync("--check", "--messages", "50,000", "--seed", "7");

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Contains("50,000 messages", result.Output, StringComparison.Ordinal);
        Assert.Contains("identical, checksum ", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Compare_measures_both_and_draws_and_writes_what_it_measured()
    {
        string svg = Path.Combine(_folder, "chart.svg");
        string readme = Path.Combine(_folder, "README.md");
        await File.WriteAllTextAsync(readme, $"before\n{Begin}\nold\n{End}\nafter\n", TestContext.Current.CancellationToken);

        ProgramResult result = await _program.RunAsync("--compare", "--json", "--messages", "50000", "--resting", "10000", "--svg", svg, "--readme", readme);

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        JsonElement[] reports = [.. result.Output.TrimEnd('\n').Split('\n').Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal(["slabs", "classes"], reports.Select(report => report.GetProperty("variant").GetString()));
        Assert.Single(reports.Select(report => report.GetProperty("checksum").GetString()).Distinct());
        Assert.All(reports, report =>
        {
            Assert.Equal((50_000, 10_000), (report.GetProperty("messages").GetInt32(), report.GetProperty("built").GetInt32()));
            Assert.True(report.GetProperty("messagesPerSecond").GetDouble() > 0);
            Assert.InRange(report.GetProperty("p50").GetInt64(), 1, report.GetProperty("p99").GetInt64());
            Assert.InRange(report.GetProperty("p9999").GetInt64(), report.GetProperty("p99").GetInt64(), report.GetProperty("longest").GetInt64());
            Assert.InRange(report.GetProperty("pauseLongest").GetInt64(), 0, report.GetProperty("pauseTotal").GetInt64());
            Assert.InRange(report.GetProperty("residentBefore").GetInt64(), 10_000_000, 10_000_000_000);
            Assert.InRange(report.GetProperty("residentBytes").GetInt64(), 10_000_000, 10_000_000_000);
            Assert.Equal(0, report.GetProperty("slabObjectsLeft").GetInt64());
        });

        // Orders of slabs are no garbage; orders of classes are.
        Assert.Equal(0, reports[0].GetProperty("allocatedBytes").GetInt64());
        Assert.True(reports[1].GetProperty("allocatedBytes").GetInt64() > 10_000 * 40);

        XElement[] drawn = [.. XDocument.Load(svg).Root!.Elements()];
        Assert.Equal(8, drawn.Count(element => element.Name.LocalName == "rect"));
        string[] lines = await File.ReadAllLinesAsync(readme, TestContext.Current.CancellationToken);
        Assert.Equal(["before", Begin], lines[..2]);
        Assert.Equal([End, "after"], lines[^2..]);
        Assert.DoesNotContain("old", lines);
        Assert.Contains("![The same figures as bars](chart.svg)", lines);

        // The table and the chart show the same figures.
        string rate = lines.Single(line => line.StartsWith("| messages per second |", StringComparison.Ordinal)).Split('|')[2].Trim();
        Assert.Contains(drawn, element => element.Name.LocalName == "text" && element.Value == rate);
    }

    [Fact]
    public async Task Out_of_memory_is_said_and_nothing_is_lost()
    {
        JsonNode config = JsonNode.Parse(await File.ReadAllTextAsync(_program.RuntimeConfig, TestContext.Current.CancellationToken))!;
        JsonObject properties = config["runtimeOptions"]!["configProperties"]!.AsObject();
        properties["SlabGen.MemoryLimit"] = "12M";
        string limited = Path.Combine(_folder, "limited.runtimeconfig.json");
        await File.WriteAllTextAsync(limited, config.ToJsonString(), TestContext.Current.CancellationToken);

        ProgramResult result = await _program.RunWithConfigAsync(limited, "--messages", "300000", "--resting", "250000");

        Assert.Equal((3, ""), (result.ExitCode, result.Output));
        string error = result.SingleErrorLine();
        Assert.Contains("orders could not rest within 12,582,912 bytes", error, StringComparison.Ordinal);
        Assert.EndsWith("; 0 objects were left in slabs", error, StringComparison.Ordinal);
    }
}
