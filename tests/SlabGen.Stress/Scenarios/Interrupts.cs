namespace SlabGen.Stress.Scenarios;

/// <summary>Threads that are interrupted at any time: no call of the runtime throws it, nothing is lost, and the interrupt is there for a wait of their own.</summary>
internal sealed class Interrupts : Scenario
{
    public override string Name => "interrupts";

    public override void Run(Crew crew)
    {
        KmemCache[] caches =
        [
            crew.Runtime.CreateCache(crew.NameOf("few-rounds"), 64, new SlabCacheOptions { MagazineRounds = 2, DepotBytes = 4 * 64, ReuseDistanceBytes = 0 }),
            crew.Runtime.CreateCache(crew.NameOf("checked"), 64, new SlabCacheOptions { Checked = true }),
            crew.Runtime.CreateCache(crew.NameOf("large"), 3000, new SlabCacheOptions { MaxObjects = 200 }),
        ];
        var targets = new List<Thread>();
        long sent = 0, came = 0;
        for (int i = 0; i < Math.Clamp(crew.Threads, 4, 32); i++)
        {
            targets.Add(crew.Start(worker =>
            {
                while (!worker.IsOver)
                {
                    Use(worker, caches);
                    try
                    {
                        Thread.Sleep(0);
                        Thread.Sleep(worker.OneIn(20) ? 1 : 0);
                    }
                    catch (ThreadInterruptedException)
                    {
                        Interlocked.Increment(ref came);
                    }
                }
            }));
        }

        crew.Start(worker =>
        {
            while (!worker.IsOver)
            {
                worker.Journal.Note("interrupts");
                targets[worker.Random.Next(targets.Count)].Interrupt();
                sent++;
                if (worker.OneIn(20))
                {
                    Thread.Sleep(1);
                }
            }
        });
        crew.Join();
        Array.ForEach(caches, Crew.Destroy);
        if (Volatile.Read(ref came) == 0 && sent > 1000)
        {
            throw new StressException($"Of {sent} interrupts none came out of a wait of the thread's own: they are lost.");
        }
    }

    private static void Use(Worker worker, KmemCache[] caches)
    {
        KmemCache cache = caches[worker.Random.Next(caches.Length)];
        var mine = new List<(nint Address, ulong Stamp)>();
        worker.Journal.Note("allocates", cache.Name);
        for (int i = worker.Random.Next(20); i > 0; i--)
        {
            try
            {
                if (cache.TryAlloc(out nint address))
                {
                    ulong stamp = worker.NewStamp();
                    Stamp.Write(address, cache.ObjectSize, stamp);
                    mine.Add((address, stamp));
                }
            }
            catch (Exception error) when (Planned.InReclaim(error))
            {
            }
        }

        worker.Journal.Note("frees", cache.Name);
        foreach ((nint address, ulong stamp) in mine)
        {
            Stamp.Check(address, cache.ObjectSize, stamp, cache.Name);
            if (worker.OneIn(10))
            {
                cache.FreeDeferred(address); // may have to start the thread that frees it
            }
            else
            {
                cache.Free(address);
            }
        }

        if (worker.OneIn(50))
        {
            worker.Journal.Note("shrinks", cache.Name);
            try
            {
                cache.Shrink();
            }
            catch (Exception error) when (Planned.InReclaim(error))
            {
            }
        }

        if (worker.OneIn(50))
        {
            worker.Journal.Note("waits for a grace period");
            Rcu.Synchronize();
        }
    }
}
