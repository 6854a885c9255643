namespace SlabGen.Stress.Scenarios;

/// <summary>
/// Threads that sleep between two objects, and threads that die after one, with an interval of 10 ms that finds them: what a thread left behind comes
/// home, also when the thread's own object is long finalized.
/// </summary>
internal sealed class ShortLives : Scenario
{
    public override string Name => "short-lives";

    public override void Run(Crew crew)
    {
        using var runtime = new SlabRuntime(new SlabRuntimeOptions { MemoryLimit = 256 << 20, ReapInterval = TimeSpan.FromMilliseconds(10) });
        KmemCache[] caches = [.. Enumerable.Range(0, 8).Select(number => runtime.CreateCache(crew.NameOf($"{number}"), 64 << (number % 4)))];
        for (int i = 0; i < Math.Clamp(crew.Threads, 10, 60); i++)
        {
            crew.Start(worker =>
            {
                while (!worker.IsOver)
                {
                    Use(worker, caches);
                    Thread.Sleep(worker.Random.Next(40));
                }
            });
        }

        for (int i = 0; i < 2; i++)
        {
            crew.Start(worker =>
            {
                while (!worker.IsOver)
                {
                    worker.Journal.Note("starts a thread that dies");
                    worker.Crew.Start(dying => Use(dying, caches)).Join();
                }
            });
        }

        crew.Start(worker =>
        {
            while (!worker.IsOver)
            {
                worker.Journal.Note("collects");
                GC.Collect(0);
                Thread.Sleep(1);
            }
        });
        crew.Join();
        Array.ForEach(caches, Crew.Destroy);
        House.Expect(runtime, House.Settled(() => runtime.CommittedBytes, runtime, House.AllowedAtRest(runtime), crew.Journal));
    }

    private static void Use(Worker worker, KmemCache[] caches)
    {
        KmemCache cache = caches[worker.Random.Next(caches.Length)];
        worker.Journal.Note("allocates and frees", cache.Name);
        nint address = cache.Alloc();
        ulong stamp = worker.NewStamp();
        Stamp.Write(address, cache.ObjectSize, stamp);
        Stamp.Check(address, cache.ObjectSize, stamp, cache.Name);
        cache.Free(address);
    }
}
