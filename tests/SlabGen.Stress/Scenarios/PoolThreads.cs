namespace SlabGen.Stress.Scenarios;

/// <summary>
/// Caches that threads of the pool use, which then rest in native waits: a destroyed cache leaves nothing behind, however many were made, and of the
/// living ones less than a megabyte stays in all after a Shrink.
/// </summary>
internal sealed class PoolThreads : Scenario
{
    public override string Name => "pool-threads";

    public override void Run(Crew crew)
    {
        using var runtime = new SlabRuntime(new SlabRuntimeOptions { MemoryLimit = 1 << 30, ReapInterval = TimeSpan.FromMilliseconds(20) });
        KmemCache[] living = [.. Enumerable.Range(0, 20).Select(number => runtime.CreateCache(crew.NameOf($"living-{number}"), 1000))];
        crew.Start(worker =>
        {
            while (!worker.IsOver)
            {
                worker.Journal.Note("creates a cache");
                KmemCache cache = runtime.CreateCache(crew.NameOf("o"), 1000);
                Task[] tasks = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(() => Use(cache, 30)))];
                Task.WaitAll(tasks);
                worker.Journal.Note("destroys it");
                Crew.Destroy(cache);
                Task.WaitAll([.. living.Select(other => Task.Run(() => Use(other, 30)))]);
            }
        });
        crew.Join();
        long allowed = (1 << 20) + (runtime.MemoryLimit / 128);
        long committed = House.Settled(() => runtime.CommittedBytes, runtime, allowed, crew.Journal);
        if (committed > allowed)
        {
            throw new StressException($"Nothing is live, every thread rests, and yet {committed} bytes are held after Shrink, more than {allowed}.");
        }

        Array.ForEach(living, Crew.Destroy);
        House.Expect(runtime, committed);
    }

    private static unsafe void Use(KmemCache cache, int count)
    {
        nint[] mine = new nint[count];
        for (int i = 0; i < count; i++)
        {
            mine[i] = cache.Alloc();
            Stamp.Write(mine[i], 1000, (ulong)mine[i]);
        }

        foreach (nint address in mine)
        {
            Stamp.Check(address, 1000, (ulong)address, cache.Name);
            cache.Free(address);
        }
    }
}
