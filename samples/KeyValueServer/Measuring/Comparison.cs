using System.Globalization;

namespace KeyValueServer.Measuring;

/// <summary>Starts the servers, loads them in turn, and shows what was measured side by side.</summary>
internal sealed class Comparison(Options options, IReadOnlyList<Report> reports)
{
    private readonly string _machine = Machine.Describe();

    private string What =>
        $"{options.Keys:N0} keys of {Load.ValueLength} bytes, {Load.Connections} connections, loaded in turn, {options.Rounds} rounds of {options.Seconds} s";

    public static int Run(Options options)
    {
        // Before minutes are spent on measuring.
        ReadmeBlock? readme = options.Readme is { } file ? ReadmeBlock.Open(file) : null;

        var comparison = new Comparison(options, Measure(options));
        Console.Out.WriteLine(options.Json ? string.Join('\n', comparison.Reports.Select(static report => report.ToJson())) : comparison.ToText());
        if (options.Svg is { } svg)
        {
            ReadmeBlock.Write(svg, comparison.Draw());
        }

        readme?.Replace(comparison.ToMarkdown(options.Svg));
        return 0;
    }

    private IReadOnlyList<Report> Reports => reports;

    private static Report[] Measure(Options options)
    {
        string reap = options.ReapInterval.TotalMilliseconds.ToString(CultureInfo.InvariantCulture);
        var subjects = new List<Subject>();
        try
        {
            subjects.Add(new Subject(ServerProcess.Start("slabs", "--reap-interval", reap), options));
            subjects.Add(new Subject(ServerProcess.Start("objects", "--gc"), options));
            if (ServerProcess.TryStartRedis() is { } redis)
            {
                subjects.Add(new Subject(redis, options));
            }
            else
            {
                Console.Error.WriteLine("redis-server is not installed: it is left out");
            }

            subjects.ForEach(static subject => subject.WarmUp());
            Console.Error.WriteLine($"{options.Keys:N0} keys go into each of {subjects.Count} servers");
            subjects.ForEach(static subject => subject.Fill());
            for (int round = 1; round <= options.Rounds; round++)
            {
                Console.Error.WriteLine($"round {round} of {options.Rounds}");
                subjects.ForEach(static subject => subject.Measure("SET, 16 a batch", Operation.Set, 16));
                subjects.ForEach(static subject => subject.Measure("GET, 16 a batch", Operation.Get, 16));
                subjects.ForEach(static subject => subject.Measure("SET", Operation.Set, 1));
                subjects.ForEach(static subject => subject.Measure("GET", Operation.Get, 1));
            }

            subjects.ForEach(static subject => subject.MeasureByBenchmark());
            subjects.ForEach(static subject => subject.Delete());
            TimeSpan wait = (options.ReapInterval * 2) + TimeSpan.FromSeconds(1);
            Console.Error.WriteLine($"all keys are deleted; what remains is measured after {wait.TotalSeconds:0} s");
            Thread.Sleep(wait);
            subjects.ForEach(static subject => subject.Finish());
            return [.. subjects.Select(static subject => subject.Report)];
        }
        finally
        {
            subjects.ForEach(static subject => subject.Dispose());
        }
    }

    /// <summary>The figures, one line each, a cell to a server.</summary>
    private IEnumerable<(string Name, string[] Cells)> Rows()
    {
        yield return Row("SET per second, 16 in a batch", static r => Figures.Rate(r.SetPipelined));
        yield return Row("GET per second, 16 in a batch", static r => Figures.Rate(r.GetPipelined));
        yield return Row("SET per second, one at a time", static r => Figures.Rate(r.Set));
        yield return Row("GET per second, one at a time", static r => Figures.Rate(r.Get));
        yield return Row("batch of SET, p99", static r => Figures.Time(r.SetP99));
        yield return Row("longest SET", static r => Figures.Time(r.LongestSet));
        yield return Row("longest GET", static r => Figures.Time(r.LongestGet));
        if (reports.All(static report => report.BenchmarkSet > 0))
        {
            yield return Row("redis-benchmark -P 16: SET per second", static r => Figures.Rate(r.BenchmarkSet));
            yield return Row("redis-benchmark -P 16: GET per second", static r => Figures.Rate(r.BenchmarkGet));
            yield return Row("redis-benchmark -P 16: longest SET", static r => Figures.Time(r.BenchmarkLongestSet));
        }

        yield return Row("all pauses of the collector", static r => r.Pauses < 0 ? "" : Figures.Time(r.Pauses));
        yield return Row("collections", static r => r.Collections < 0 ? "" : $"{r.Collections:N0}");
        yield return Row("resident with all keys", static r => Figures.Bytes(r.ResidentFilled));
        yield return Row("resident without any, before", static r => Figures.Bytes(r.ResidentEmpty));
        yield return Row("resident after all were deleted", static r => Figures.Bytes(r.ResidentDeleted));
        yield return Row("bytes per key", static r => $"{r.BytesPerKey:0}");
    }

    private (string Name, string[] Cells) Row(string name, Func<Report, string> cell) => (name, [.. reports.Select(cell)]);

    private string ToText()
    {
        IEnumerable<string> lines = Rows().Select(static row => $"  {row.Name,-40}{string.Concat(row.Cells.Select(static cell => $"{cell,12}"))}");
        return $"""
            {What}
              {"",-40}{string.Concat(reports.Select(static report => $"{report.Server,12}"))}
            {string.Join('\n', lines)}
            {_machine}
            """;
    }

    private string ToMarkdown(string? svg)
    {
        string chart = svg is null ? "" : $"\n![The same figures as bars]({Path.GetFileName(svg)})\n";
        return $"""
            {What}.
            {_machine}.

            |  | {string.Join(" | ", reports.Select(static report => report.Server))} |
            | :-- |{string.Concat(reports.Select(static _ => " --: |"))}
            {string.Join('\n', Rows().Select(static row => $"| {row.Name} | {string.Join(" | ", row.Cells)} |"))}
            {chart}
            """;
    }

    private string Draw()
    {
        var chart = new BarChart("A key-value server over slabs and over objects", What, _machine, [.. reports.Select(static report => report.Server)]);
        Panel(chart, "SET per second, 16 in a batch (more is better)", static v => Figures.Rate(v), static r => r.SetPipelined);
        Panel(chart, "GET per second, 16 in a batch (more is better)", static v => Figures.Rate(v), static r => r.GetPipelined);
        Panel(chart, "Longest SET, of all", static v => Figures.Time((long)v), static r => r.LongestSet);
        Panel(chart, "Resident memory with all keys", static v => Figures.Bytes((long)v), static r => r.ResidentFilled);
        Panel(chart, "Resident memory after all were deleted", static v => Figures.Bytes((long)v), static r => r.ResidentDeleted);
        return chart.Draw();
    }

    private void Panel(BarChart chart, string name, Func<double, string> format, Func<Report, double> value) =>
        chart.Panel(name, format, [.. reports.Select(value)]);
}
