using System.Diagnostics;
using System.Globalization;

namespace MatchingEngine.Measuring;

/// <summary>Measures both engines, each in a process of its own, one after the other, and shows them side by side.</summary>
internal sealed record Comparison(Report Slabs, Report Classes, string Machine)
{
    public static int Run(Options options)
    {
        // Before minutes are spent on measuring.
        ReadmeBlock? readme = options.Readme is { } file ? ReadmeBlock.Open(file) : null;

        var comparison = new Comparison(Measure(options, "--json"), Measure(options, "--json", "--gc"), SlabGen.Samples.Machine.Describe());
        comparison.Verify();
        Console.Out.WriteLine(options.Json ? $"{comparison.Slabs.ToJson()}\n{comparison.Classes.ToJson()}" : comparison.ToText());

        if (options.Svg is { } svg)
        {
            ReadmeBlock.Write(svg, comparison.Draw());
        }

        readme?.Replace(comparison.ToMarkdown(options.Svg));
        return 0;
    }

    /// <summary>The figures, one line each.</summary>
    public IEnumerable<(string Name, string Slabs, string Classes)> Rows()
    {
        yield return ("messages per second", Figures.Rate(Slabs.MessagesPerSecond), Figures.Rate(Classes.MessagesPerSecond));
        yield return ("latency, p50", Figures.Time(Slabs.P50), Figures.Time(Classes.P50));
        yield return ("latency, p99", Figures.Time(Slabs.P99), Figures.Time(Classes.P99));
        yield return ("latency, p99.99", Figures.Time(Slabs.P9999), Figures.Time(Classes.P9999));
        yield return ("latency, longest", Figures.Time(Slabs.Longest), Figures.Time(Classes.Longest));
        yield return ("longest pause of the collector", Figures.Time(Slabs.PauseLongest), Figures.Time(Classes.PauseLongest));
        yield return ("all its pauses", Figures.Time(Slabs.PauseTotal), Figures.Time(Classes.PauseTotal));
        yield return ("collections", $"{Slabs.Collections:N0}", $"{Classes.Collections:N0}");
        yield return ("allocated on the managed heap", Figures.Bytes(Slabs.AllocatedBytes), Figures.Bytes(Classes.AllocatedBytes));
        yield return ("resident memory of the process", Figures.Bytes(Slabs.ResidentBytes), Figures.Bytes(Classes.ResidentBytes));
        yield return ("the same, before the book is made", Figures.Bytes(Slabs.ResidentBefore), Figures.Bytes(Classes.ResidentBefore));
    }

    public string What => $"{Slabs.Messages:N0} messages, {Slabs.Resting:N0} orders rest at the end";

    private string ToText()
    {
        IEnumerable<string> lines = Rows().Select(row => $"  {row.Name,-36}{row.Slabs,12}{row.Classes,12}");
        string debug = Slabs.Debug ? "\nThis is a debug build, which looks for misuse: add -c Release for figures." : "";
        return $"""
            {What}
              {"",-36}{"slabs",12}{"classes",12}
            {string.Join('\n', lines)}
            Both made the same {Slabs.Trades:N0} trades, checksum {Slabs.Checksum}.
            {Machine}{debug}
            """;
    }

    private string ToMarkdown(string? svg)
    {
        string chart = svg is null ? "" : $"\n![The same figures as bars]({Path.GetFileName(svg)})\n";
        return $"""
            {What}; both engines made the same {Slabs.Trades:N0} trades.
            {Machine}.

            |  | slabs | classes |
            | :-- | --: | --: |
            {string.Join('\n', Rows().Select(row => $"| {row.Name} | {row.Slabs} | {row.Classes} |"))}
            {chart}
            """;
    }

    private void Verify()
    {
        if ((Slabs.Checksum, Slabs.Trades, Slabs.Resting) != (Classes.Checksum, Classes.Trades, Classes.Resting))
        {
            throw new SampleException($"the engines differ: checksums {Slabs.Checksum} and {Classes.Checksum}; --check finds where", 1);
        }
    }

    private static Report Measure(Options options, params string[] variant)
    {
        // Under `dotnet MatchingEngine.dll` the process is dotnet, which must be told what to run.
        string program = Environment.ProcessPath!;
        string[] assembly = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [typeof(Comparison).Assembly.Location] : [];
        string[] numbers =
        [
            "--messages", options.Messages.ToString(CultureInfo.InvariantCulture),
            "--resting", options.Resting.ToString(CultureInfo.InvariantCulture),
            "--seed", options.Seed.ToString(CultureInfo.InvariantCulture),
        ];

        var start = new ProcessStartInfo(program, [.. assembly, .. variant, .. numbers]) { RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();

        // The child has said why, on the error stream that it shares with this process.
        return process.ExitCode == 0
            ? Report.FromJson(output)
            : throw new SampleException($"the run '{string.Join(' ', variant)}' ended with exit code {process.ExitCode}", process.ExitCode == 3 ? 3 : 1);
    }

    private string Draw()
    {
        var chart = new BarChart("A matching engine over slabs and over classes", What, Machine, "slabs", "classes");
        chart.Panel("Messages per second (more is better)", static v => Figures.Rate(v), Slabs.MessagesPerSecond, Classes.MessagesPerSecond);
        chart.Panel("Longest pause of the collector", static v => Figures.Time((long)v), Slabs.PauseLongest, Classes.PauseLongest);
        chart.Panel("Longest message, of all", static v => Figures.Time((long)v), Slabs.Longest, Classes.Longest);
        chart.Panel("Resident memory of the process", static v => Figures.Bytes((long)v), Slabs.ResidentBytes, Classes.ResidentBytes);
        return chart.Draw();
    }
}
