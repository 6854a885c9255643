using System.Globalization;

namespace SlabGen.Stress;

/// <summary>Some scenarios at once, for some seconds, in a runtime of their own; with what disturbs them beside; and the reckoning behind.</summary>
internal sealed class Round
{
    private readonly StressOptions _options;
    private readonly List<Scenario> _scenarios;
    private readonly Action<Round, Journal, Exception> _fail;
    private readonly House _house;
    private int _over, _leads;

    public Round(StressOptions options, int seed, List<Scenario> scenarios, Action<Round, Journal, Exception> fail)
    {
        Seed = seed;
        _options = options;
        _scenarios = scenarios;
        _fail = fail;
        Journal = Journals.Open("round");
        Random random = Seeds.For(seed, "round");
        Threads = random.Next(4) == 0 ? options.MostThreads : random.Next(options.LeastThreads, Math.Min(options.MostThreads, options.LeastThreads + 24) + 1);
        Throws = random.Next(2) == 0;
        Fails = random.Next(2) == 0;
        _house = House.Make(seed);
    }

    public int Seed { get; }

    /// <summary>Workers of all scenarios together, about.</summary>
    public int Threads { get; }

    /// <summary>Whether users' code throws.</summary>
    public bool Throws { get; }

    /// <summary>Whether pages and commits fail.</summary>
    public bool Fails { get; }

    /// <summary>The runtime that the scenarios share.</summary>
    public SlabRuntime Runtime => _house.Runtime;

    public Sightings Sightings { get; } = new();

    public Journals Journals { get; } = new();

    /// <summary>Of the main thread.</summary>
    public Journal Journal { get; }

    public bool IsOver => Volatile.Read(ref _over) > 0;

    /// <summary>Whether also the scenarios have ended.</summary>
    public bool IsCleared => Volatile.Read(ref _over) > 1;

    public string HowToRepeat => string.Create(CultureInfo.InvariantCulture,
        $"Repeat this round with: --seed {Seed} --seconds {_options.RoundSeconds} --round-seconds {_options.RoundSeconds} --threads {_options.LeastThreads}..{_options.MostThreads} --together {_scenarios.Count} --only {string.Join(',', _scenarios.Select(s => s.Name))}");

    /// <summary>Bytes that each worker may hold, so that all together hold between a fifth and more than all there is.</summary>
    public long BytesOfWorker => Math.Max(64 << 10, (long)(Runtime.MemoryLimit * (0.2 + ((uint)Seed % 7 * 0.2)) / Threads));

    public void Run()
    {
        Throwing.PerMille = Throws ? 20 : 0;
        var nuisances = new Nuisances(this);
        nuisances.Start();
        int each = Math.Max(1, Threads / _scenarios.Count);
        Volatile.Write(ref _leads, _scenarios.Count);
        foreach (Scenario scenario in _scenarios)
        {
            Lead(scenario, each);
        }

        for (long end = Environment.TickCount64 + (long)(_options.RoundSeconds * 1000); Environment.TickCount64 < end;)
        {
            Journal.Note("lets them work");
            Thread.Sleep(10);
        }

        Volatile.Write(ref _over, 1);
        while (Volatile.Read(ref _leads) > 0)
        {
            Journal.Note("waits for scenarios to end");
            Thread.Sleep(2);
        }

        Volatile.Write(ref _over, 2);
        nuisances.Join();
        Throwing.PerMille = 0;
        _house.Close(Journal);
    }

    public void Fail(Journal journal, Exception error) => _fail(this, journal, error);

    public override string ToString() =>
        $"seed {Seed}, {Threads} threads, {_house}{(Throws ? ", users' code throws" : "")}{(Fails ? ", pages fail" : "")}: {string.Join(' ', _scenarios.Select(s => s.Name))}";

    private void Lead(Scenario scenario, int threads)
    {
        var crew = new Crew(this, scenario.Name, threads);
        new Thread(() =>
        {
            try
            {
                scenario.Run(crew);
                Journals.Close(crew.Journal);
                Interlocked.Decrement(ref _leads);
            }
            catch (Exception error)
            {
                Fail(crew.Journal, error);
            }
        })
        { IsBackground = true, Name = $"stress {scenario.Name}" }.Start();
    }
}
