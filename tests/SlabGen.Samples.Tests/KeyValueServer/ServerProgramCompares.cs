using System.Text.Json;
using System.Xml.Linq;

namespace SlabGen.Samples.Tests.KeyValueServer;

/// <summary>The program compares its servers, and writes what it measured.</summary>
public sealed class ServerProgramCompares : IDisposable
{
    private const string Begin = "<!-- written by --compare --readme: begin -->";
    private const string End = "<!-- written by --compare --readme: end -->";

    private readonly string _folder = Directory.CreateTempSubdirectory("slabgen-keyvalue-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Compare_measures_draws_and_writes()
    {
        string svg = Path.Combine(_folder, "chart.svg");
        string readme = Path.Combine(_folder, "README.md");
        await File.WriteAllTextAsync(readme, $"before\n{Begin}\nold\n{End}\nafter\n", TestContext.Current.CancellationToken);

        ProgramResult result = await new SampleProgram("KeyValueServer").RunUncheckedAsync(
            "--compare", "--json", "--keys", "2000", "--seconds", "1", "--rounds", "1", "--reap-interval", "100", "--svg", svg, "--readme", readme);

        Assert.True(result.ExitCode == 0, result.Error);
        JsonElement[] reports = [.. result.Output.TrimEnd('\n').Split('\n').Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal(["slabs", "objects"], reports.Take(2).Select(report => report.GetProperty("server").GetString()));
        Assert.All(reports, report =>
        {
            Assert.All(
                ["setPipelined", "getPipelined", "set", "get", "setP99", "longestSet", "longestGet"],
                name => Assert.True(report.GetProperty(name).GetDouble() > 0, name));
            Assert.True(report.GetProperty("longestSet").GetDouble() >= report.GetProperty("setP99").GetDouble());
            Assert.InRange(report.GetProperty("residentFilled").GetInt64(), 1_000_000, 10_000_000_000);
        });

        Assert.All(reports.Take(2), report => Assert.InRange(report.GetProperty("collections").GetInt64(), 0, 1_000_000)); // how many is a matter of time

        XElement[] drawn = [.. XDocument.Load(svg).Root!.Elements()];
        Assert.Equal(5 * reports.Length, drawn.Count(element => element.Name.LocalName == "rect"));
        string[] lines = await File.ReadAllLinesAsync(readme, TestContext.Current.CancellationToken);
        Assert.Equal(["before", Begin], lines[..2]);
        Assert.Equal([End, "after"], lines[^2..]);
        Assert.Contains("![The same figures as bars](chart.svg)", lines);

        // The table and the chart show the same figures.
        string resident = lines.Single(line => line.StartsWith("| resident with all keys |", StringComparison.Ordinal)).Split('|')[2].Trim();
        Assert.Contains(drawn, element => element.Name.LocalName == "text" && element.Value == resident);
    }
}
