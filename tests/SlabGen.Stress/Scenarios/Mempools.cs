namespace SlabGen.Stress.Scenarios;

/// <summary>Many takers of few elements: blocking, asynchronous, timed, cancelled, resized; nobody waits in vain, and in the end every element is there.</summary>
internal sealed class Mempools : Scenario
{
    private const int Elements = 6;

    public override string Name => "mempools";

    public override void Run(Crew crew)
    {
        KmemCache cache = crew.Runtime.CreateCache(crew.NameOf("o"), 128, new SlabCacheOptions { MaxObjects = 3 * Elements });
        Mempool? pool = null;
        while (pool is null && !crew.IsOver)
        {
            try
            {
                pool = new Mempool(cache, Elements) { RetryInterval = TimeSpan.FromMilliseconds(50) };
            }
            catch (Exception error) when (Planned.InAlloc(error))
            {
                Thread.Sleep(1);
            }
        }

        if (pool is not null)
        {
            for (int i = 0; i < Math.Clamp(crew.Threads, 1, 40); i++)
            {
                crew.Start(worker => Work(worker, pool));
            }

            crew.Join();
            if ((pool.Waiters, pool.Outstanding) is not (0, 0) and var left)
            {
                throw new StressException($"Mempool: everything was given back, and yet {left.Waiters} wait and {left.Outstanding} are out.");
            }

            pool.Dispose();
        }

        Crew.Destroy(cache);
    }

    private static void Work(Worker worker, Mempool pool)
    {
        var onTheWay = new List<Task>(); // frees by pool threads
        while (!worker.IsOver)
        {
            if (worker.OneIn(50))
            {
                Resize(worker, pool);
                continue;
            }

            nint element;
            worker.Journal.Note("takes");
            try
            {
                element = Take(worker, pool);
            }
            catch (Exception end) when (end is TimeoutException or OperationCanceledException or PlannedException)
            {
                continue;
            }

            if (element == 0)
            {
                continue;
            }

            ulong stamp = worker.NewStamp();
            Stamp.Write(element, 128, stamp);
            if (worker.OneIn(8))
            {
                Thread.Yield();
            }

            Stamp.Check(element, 128, stamp, "mempool");
            worker.Journal.Note("gives back", "", element);
            if (worker.OneIn(10))
            {
                onTheWay.RemoveAll(free => free.IsCompletedSuccessfully);
                onTheWay.Add(Task.Run(() => pool.Free(element)));
                while (pool.Outstanding > 0 && worker.OneIn(2))
                {
                    Thread.Yield();
                }
            }
            else
            {
                pool.Free(element);
            }
        }

        // Not until nothing is outstanding: a pool thread may still be at the cache, which is destroyed next.
        worker.Journal.Note("waits for the last ones");
        Task.WaitAll([.. onTheWay]);
    }

    private static nint Take(Worker worker, Mempool pool)
    {
        switch (worker.Random.Next(5))
        {
            case 0:
                return pool.TryAlloc(out nint address) ? address : 0;
            case 1:
                return pool.Alloc(TimeSpan.FromMilliseconds(worker.Random.Next(3)));
            case 2:
                return pool.Alloc(CancellationToken.None);
            case 3:
                using (var soon = new CancellationTokenSource(worker.Random.Next(3)))
                {
                    return pool.AllocAsync(soon.Token).AsTask().GetAwaiter().GetResult();
                }

            default:
                return pool.AllocAsync().AsTask().GetAwaiter().GetResult();
        }
    }

    private static void Resize(Worker worker, Mempool pool)
    {
        worker.Journal.Note("resizes");
        try
        {
            pool.Resize(worker.Random.Next(1, Elements * 2));
        }
        catch (Exception error) when (Planned.InAlloc(error))
        {
        }
    }
}
