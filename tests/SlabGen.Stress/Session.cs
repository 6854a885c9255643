using System.Globalization;
using System.Runtime;
using System.Runtime.CompilerServices;
using SlabGen.Stress.Scenarios;

namespace SlabGen.Stress;

/// <summary>
/// All rounds of a run. Each has a seed of its own, which is the first plus its number: it chooses some of the scenarios, how many threads there are,
/// and how the runtime that they share is made. A bag of scenarios is dealt out until it is empty, so that all of them come.
/// </summary>
/// <remarks>The first failure is printed and ends the process with exit code 1: who has met a second owner of memory had better not go on.</remarks>
internal sealed class Session
{
    private const int LeastSteps = 1; // of a round that a loaded machine gave a second and a half; an hour makes millions

    private readonly StressOptions _options;
    private readonly SortedDictionary<string, long> _steps = [];
    private int _ending; // 1 once a failure ends the process
    private readonly Queue<Scenario> _bag = new();
    private readonly Random _deal; // by the first seed: a repetition of one round names its scenarios
    private Round? _round; // under way; written by the main thread

    public Session(StressOptions options)
    {
        _options = options;
        _deal = Seeds.For(options.Seed, "scenarios");
    }

    public int Run()
    {
        AppDomain.CurrentDomain.UnhandledException += (_, unhandled) =>
            Console.WriteLine($"UNHANDLED, the process dies. {_round?.HowToRepeat}{Environment.NewLine}{unhandled.ExceptionObject}");
        new Thread(Watch) { IsBackground = true, Name = "stress watchdog" }.Start();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"seed {_options.Seed}: {_options.Seconds} s, {Environment.ProcessorCount} processors, {(RuntimeFeature.IsDynamicCodeCompiled ? "JIT" : "NativeAOT")}, {(GCSettings.IsServerGC ? "server" : "workstation")} GC"));
        int rounds = 0;
        for (long end = Environment.TickCount64 + (long)(_options.Seconds * 1000); rounds == 0 || Environment.TickCount64 < end; rounds++)
        {
            RunOne(rounds);
        }

        if (Volatile.Read(ref _ending) != 0)
        {
            Thread.Sleep(Timeout.Infinite); // the failure's exit code it shall be
        }

        foreach ((string scenario, long steps) in _steps)
        {
            if (steps < LeastSteps)
            {
                Console.WriteLine($"FAILURE: {scenario} did no more than {steps} steps in all rounds: the stress did not stress.");
                return 1;
            }
        }

        Console.WriteLine($"clean: {rounds} rounds; steps: {string.Join(", ", _steps.Select(done => $"{done.Key} {done.Value}"))}");
        return 0;
    }

    private void RunOne(int number)
    {
        var round = new Round(_options, _options.Seed + number, Deal(), Fail);
        Volatile.Write(ref _round, round);
        Console.WriteLine($"round {number}: {round}");
        try
        {
            round.Run();
        }
        catch (Exception error)
        {
            Fail(round, round.Journal, error);
        }

        foreach ((string scenario, long steps) in round.Journals.Steps)
        {
            _steps[scenario] = _steps.GetValueOrDefault(scenario) + steps;
        }
    }

    /// <summary>The scenarios of the next round: no two of a kind, and each as often as any other.</summary>
    private List<Scenario> Deal()
    {
        Scenario[] all = Chosen();
        List<Scenario> dealt = [];
        while (dealt.Count < Math.Min(_options.Together, all.Length))
        {
            if (_bag.Count == 0)
            {
                _deal.Shuffle(all);
                Array.ForEach(all, _bag.Enqueue);
            }

            Scenario next = _bag.Dequeue();
            if (!dealt.Exists(scenario => scenario.Name == next.Name))
            {
                dealt.Add(next);
            }
        }

        return dealt;
    }

    private Scenario[] Chosen() => AllScenarios.Make(_options.Only);

    private void Fail(Round round, Journal journal, Exception error) =>
        End(round, $"FAILURE: {journal}{Environment.NewLine}{(error is StressException ? error.Message + Environment.NewLine + error.StackTrace : error)}");

    private void Watch()
    {
        while (true)
        {
            Thread.Sleep(1000);
            if (Volatile.Read(ref _round) is { } round && round.Journals.Hanging(_options.HangSeconds) is { Count: > 0 } hanging)
            {
                End(round, $"HANG: no step in {_options.HangSeconds} s by {string.Join("; ", hanging)}");
            }
        }
    }

    /// <summary>Ends the process. One failure is told: who comes later waits for the end, and so does who has no failure.</summary>
    private void End(Round round, string what)
    {
        if (Interlocked.Exchange(ref _ending, 1) != 0)
        {
            Thread.Sleep(Timeout.Infinite);
        }

        SynchronizationContext.SetSynchronizationContext(null); // no wait from here runs users' code
        Console.WriteLine(what);
        Console.WriteLine($"At work:{Environment.NewLine}{round.Journals}");
        Console.WriteLine(round.HowToRepeat);
        Console.Out.Flush();
        new Thread(() =>
        {
            Thread.Sleep(60_000);
            Environment.FailFast("The exit after a failure hangs.");
        })
        { IsBackground = true }.Start();
        Environment.Exit(1);
    }
}
