namespace KeyValueServer.Measuring;

/// <summary>One server that is measured, its load, and what was found.</summary>
internal sealed class Subject : IDisposable
{
    private readonly ServerProcess _server;
    private readonly Options _options;
    private readonly Load _load;
    private readonly Dictionary<string, List<LoadResult>> _results = [];
    private Dictionary<string, long> _collector = [];

    public Subject(ServerProcess server, Options options)
    {
        _server = server;
        _options = options;
        _load = new Load(server.Port, options.Keys);
        Report = new Report { Server = server.Name, Keys = options.Keys };
    }

    public Report Report { get; }

    /// <summary>Until the JIT has optimised what runs; then nothing is left of it.</summary>
    public void WarmUp()
    {
        using (var load = new Load(_server.Port, 1000))
        {
            for (int i = 0; i < 4; i++)
            {
                load.All(Operation.Set);
                load.Random(Operation.Set, 16, TimeSpan.FromMilliseconds(200));
                load.Random(Operation.Get, 16, TimeSpan.FromMilliseconds(200));
                load.All(Operation.Del);
            }
        }

        Report.ResidentEmpty = Resident();
    }

    public void Fill()
    {
        _collector = Info("gc");
        _load.All(Operation.Set);
        Expect(_options.Keys);
        Report.ResidentFilled = Resident();
    }

    public void Measure(string name, Operation operation, int pipelined)
    {
        LoadResult result = _load.Random(operation, pipelined, TimeSpan.FromSeconds(_options.Seconds));
        if (!_results.TryGetValue(name, out List<LoadResult>? results))
        {
            _results[name] = results = [];
        }

        results.Add(result);
        Console.Error.WriteLine($"  {Report.Server,-8}{name,-14}{Figures.Rate(result.PerSecond),10}/s, longest {Figures.Time(result.Longest)}");
    }

    public void MeasureByBenchmark()
    {
        int requests = (int)Math.Min(1_000_000L * _options.Seconds, int.MaxValue);
        if (RedisBenchmark.TryRun(_server.Port, _options.Keys, requests) is var (set, get))
        {
            (Report.BenchmarkSet, Report.BenchmarkGet, Report.BenchmarkLongestSet) = (set.PerSecond, get.PerSecond, set.Longest);
            Console.Error.WriteLine(
                $"  {Report.Server,-8}by redis-benchmark: SET {Figures.Rate(set.PerSecond)}/s, longest {Figures.Time(set.Longest)}; GET {Figures.Rate(get.PerSecond)}/s");
        }
    }

    public void Delete()
    {
        Dictionary<string, long> now = Info("gc");
        if (now.TryGetValue("gc_collections", out long collections))
        {
            Report.Collections = collections - _collector["gc_collections"];
            Report.Pauses = 1000 * (now["gc_pause_total_us"] - _collector["gc_pause_total_us"]);
        }

        // What was written since may have enlarged it.
        Report.ResidentFilled = Math.Max(Report.ResidentFilled, Resident());
        _load.All(Operation.Del);
        Expect(0);
    }

    public void Finish()
    {
        Report.ResidentDeleted = Resident();
        Report.SetPipelined = Median("SET, 16 a batch");
        Report.GetPipelined = Median("GET, 16 a batch");
        Report.Set = Median("SET");
        Report.Get = Median("GET");
        Report.SetP99 = _results["SET, 16 a batch"].Max(static result => result.P99);
        Report.LongestSet = Longest("SET");
        Report.LongestGet = Longest("GET");
        _server.Stop();
    }

    public void Dispose()
    {
        _load.Dispose();
        _server.Dispose();
    }

    private double Median(string name) => _results[name].Select(static result => result.PerSecond).Order().ElementAt(_results[name].Count / 2);

    private long Longest(string prefix) =>
        _results.Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal)).SelectMany(static pair => pair.Value).Max(static result => result.Longest);

    private long Resident() => Info("memory")["used_memory_rss"];

    private Dictionary<string, long> Info(string section)
    {
        using var client = new RedisClient(_server.Port);
        return client.Info(section);
    }

    private void Expect(int keys)
    {
        using var client = new RedisClient(_server.Port);
        string found = client.Ask("DBSIZE");
        if (found != $"{keys}")
        {
            throw new SampleException($"the server of {Report.Server} has {found} keys, and should have {keys}", 1);
        }
    }
}
