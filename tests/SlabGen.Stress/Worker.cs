namespace SlabGen.Stress;

/// <summary>A thread that works for a scenario: its number, its random numbers, and its journal.</summary>
internal sealed class Worker : IDisposable
{
    private static int s_numbers;
    private long _sequence;

    public Worker(Crew crew, int index)
    {
        Crew = crew;
        Number = Interlocked.Increment(ref s_numbers) & 0xffffff;
        Random = Seeds.For(crew.Round.Seed, crew.Scenario, index);
        Journal = crew.Round.Journals.Open($"{crew.Scenario} worker {Number}, thread {Environment.CurrentManagedThreadId}");
    }

    public Crew Crew { get; }

    /// <summary>Another for each worker of the process: what its stamps say.</summary>
    public int Number { get; }

    public Random Random { get; }

    public Journal Journal { get; }

    public bool IsOver => Crew.IsOver;

    public ulong NewStamp() => Stamp.New(Number, ref _sequence);

    public bool OneIn(int count) => Random.Next(count) == 0;

    /// <summary>Ends the thread's part in the round.</summary>
    public void Dispose() => Crew.Round.Journals.Close(Journal, Crew.Scenario);
}
