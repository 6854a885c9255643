namespace SlabGen.Stress;

/// <summary>What goes on beside the scenarios, on the runtime of the round: each a loop on a thread of its own, until the scenarios have ended.</summary>
internal sealed class Nuisances(Round round)
{
    private int _running;

    private SlabRuntime Runtime => round.Runtime;

    public void Start()
    {
        Loop("shrink", 15, _ => Runtime.Shrink());
        Loop("drop caches", 100, _ => Runtime.DropCaches());
        Loop("shrink a cache", 5, random => Any(random)?.Shrink());
        Loop("validate", 30, _ => ExpectClean(Runtime.Validate()));
        Loop("validate a cache", 10, random => ExpectClean(Any(random)?.Validate()));
        Loop("describe", 1, Describe);
        Loop("snapshot", 5, random => Any(random)?.Snapshot().ToString());
        Loop("texts", 20, random => _ = SlabInfo.Format(Runtime) + ZoneInfo.Format(Runtime) + BuddyInfo.Format(Runtime) + MemInfo.Format(Runtime));
        Loop("collect", 2, _ => GC.Collect(0));
        Loop("grace period", 10, _ => Rcu.Synchronize());
        if (round.Fails)
        {
            Loop("failing memory", 10, random => Refuse(round.IsOver ? 0 : random.GetItems([0, 0, 0.5, 10, 100], 1)[0], random.Next()));
        }
    }

    public void Join()
    {
        while (Volatile.Read(ref _running) > 0)
        {
            round.Journal.Note("waits for what goes on beside");
            Thread.Sleep(1);
        }
    }

    private void Loop(string name, int mostPause, Action<Random> action)
    {
        Journal journal = round.Journals.Open($"beside: {name}");
        Random random = Seeds.For(round.Seed, name);
        Interlocked.Increment(ref _running);
        new Thread(() =>
        {
            try
            {
                while (!round.IsCleared)
                {
                    journal.Note(name);
                    try
                    {
                        action(random);
                    }
                    catch (Exception error) when (error is ObjectDisposedException || Planned.InReclaim(error))
                    {
                        // A cache that its scenario destroyed meanwhile; or what users' code threw.
                    }

                    Thread.Sleep(random.Next(mostPause + 1));
                }
            }
            catch (Exception error)
            {
                round.Fail(journal, error);
            }

            round.Journals.Close(journal);
            Interlocked.Decrement(ref _running);
        })
        { IsBackground = true, Name = $"stress beside: {name}" }.Start();
    }

    private KmemCache? Any(Random random) => Runtime.Caches is { Count: > 0 } caches ? caches[random.Next(caches.Count)] : null;

    private void Refuse(double percent, int seed)
    {
        foreach (FaultPoint kind in Enum.GetValues<FaultPoint>())
        {
            Runtime.Faults.Inject(kind, new FaultAttributes { Probability = percent, Seed = seed });
        }
    }

    private static void ExpectClean(ValidationReport? report)
    {
        if (report is { IsClean: false })
        {
            throw new StressException(report.ToString());
        }
    }

    private unsafe void Describe(Random random)
    {
        int local = 0;
        for (int i = 0; i < 50; i++)
        {
            nint address = random.Next(8) switch
            {
                0 => (nint)random.NextInt64(long.MinValue, long.MaxValue),
                1 => Runtime.Pages.Normal.Start + (nint)random.NextInt64(Runtime.MemoryLimit),
                2 => (nint)(&local),
                3 => (nint)random.NextInt64(1L << 32),
                _ => round.Sightings.Any(random) + random.Next(3) - 1,
            };
            _ = Runtime.Describe(address).ToString();
        }
    }
}
