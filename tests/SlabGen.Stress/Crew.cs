namespace SlabGen.Stress;

/// <summary>The threads of one scenario in one round.</summary>
internal sealed class Crew(Round round, string scenario, int threads)
{
    private int _started, _running;

    public Round Round => round;

    public SlabRuntime Runtime => round.Runtime;

    public string Scenario => scenario;

    /// <summary>Workers that this scenario should have at a time.</summary>
    public int Threads => threads;

    public Random Random { get; } = Seeds.For(round.Seed, scenario);

    /// <summary>Of the scenario's own thread.</summary>
    public Journal Journal { get; } = round.Journals.Open($"{scenario} (lead)");

    public bool IsOver => round.IsOver;

    /// <summary>A name for a cache of this scenario.</summary>
    public string NameOf(string what) => $"{scenario}-{what}";

    /// <summary>Starts a worker; workers may start others.</summary>
    public Thread Start(Action<Worker> body)
    {
        int index = Interlocked.Increment(ref _started);
        Interlocked.Increment(ref _running);
        var thread = new Thread(() =>
        {
            using var worker = new Worker(this, index);
            try
            {
                body(worker);
            }
            catch (Exception error)
            {
                Tell(worker.Journal, error);
            }
            finally
            {
                Interlocked.Decrement(ref _running);
            }
        })
        { IsBackground = true, Name = $"stress {scenario} {index}" };
        thread.UnsafeStart();
        return thread;
    }

    /// <summary>Tells of a failure, also when an interrupt meets this thread once more meanwhile.</summary>
    private void Tell(Journal journal, Exception error)
    {
        while (true)
        {
            try
            {
                round.Fail(journal, error);
                return;
            }
            catch (ThreadInterruptedException)
            {
                // In the lock of the round: nothing was told yet.
            }
        }
    }

    /// <summary>Starts as many workers as the crew should have.</summary>
    public void StartAll(Action<Worker> body)
    {
        for (int i = 0; i < threads; i++)
        {
            Start(body);
        }
    }

    /// <summary>Waits until no worker runs.</summary>
    public void Join()
    {
        while (Volatile.Read(ref _running) > 0)
        {
            Journal.Note("waits for workers");
            Thread.Sleep(5);
        }

        Journal.Note("all workers have ended");
    }

    /// <summary>Ends a cache of which nothing is live.</summary>
    public static void Destroy(KmemCache cache)
    {
        try
        {
            cache.Destroy();
        }
        catch (Exception error) when (Planned.InDestroy(error))
        {
        }

        if (!cache.Leak!.IsClean)
        {
            throw new StressException($"Everything was freed, and yet: {cache.Leak}");
        }
    }
}
