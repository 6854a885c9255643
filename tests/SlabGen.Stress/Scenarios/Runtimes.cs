namespace SlabGen.Stress.Scenarios;

/// <summary>Whole runtimes made, used by several threads, and disposed with nothing live.</summary>
internal sealed class Runtimes : Scenario
{
    public override string Name => "runtimes";

    public override void Run(Crew crew)
    {
        for (int i = 0; i < Math.Clamp(crew.Threads / 8, 1, 6); i++)
        {
            crew.Start(worker =>
            {
                while (!worker.IsOver)
                {
                    One(worker);
                }
            });
        }

        crew.Join();
    }

    private static void One(Worker worker)
    {
        worker.Journal.Note("makes a runtime");
        using var runtime = new SlabRuntime(new SlabRuntimeOptions
        {
            MemoryLimit = 1L << worker.Random.Next(21, 27),
            ReapInterval = worker.OneIn(2) ? TimeSpan.FromMilliseconds(10) : TimeSpan.FromSeconds(10),
            Checked = worker.OneIn(4),
        });
        int users = worker.Random.Next(1, 4);
        using var done = new CountdownEvent(users);
        KmemCache[] caches = [runtime.CreateCache("small", 64), runtime.CreateCache("large", 2000, new SlabCacheOptions { Zone = worker.OneIn(4) ? ZoneKind.Dma32 : ZoneKind.Normal })];
        for (int i = 0; i < users; i++)
        {
            worker.Crew.Start(user =>
            {
                Use(user, runtime, caches);
                done.Signal();
            });
        }

        worker.Journal.Note("waits for users");
        done.Wait();
        if (worker.OneIn(3))
        {
            Crew.Destroy(caches[0]);
        }

        ValidationReport report = runtime.Validate();
        if (!report.IsClean)
        {
            throw new StressException(report.ToString());
        }

        worker.Journal.Note("disposes");
    }

    private static void Use(Worker worker, SlabRuntime runtime, KmemCache[] caches)
    {
        worker.Journal.Note("uses a runtime of others");
        var mine = new List<(KmemCache? Of, nint Address, int Bytes, ulong Stamp)>();
        for (int i = worker.Random.Next(500); i > 0; i--)
        {
            KmemCache? cache = worker.OneIn(3) ? null : caches[worker.Random.Next(caches.Length)];
            int bytes = cache?.ObjectSize ?? worker.Random.Next(1, 20_000);
            try
            {
                nint address = cache is null ? runtime.Kmalloc.Alloc((nuint)bytes) : cache.Alloc();
                ulong stamp = worker.NewStamp();
                Stamp.Write(address, bytes, stamp);
                mine.Add((cache, address, bytes, stamp));
            }
            catch (OutOfMemoryException) // nothing in this runtime throws
            {
            }
        }

        foreach ((KmemCache? of, nint address, int bytes, ulong stamp) in mine)
        {
            Stamp.Check(address, bytes, stamp, "runtimes");
            if (of is null)
            {
                runtime.Kmalloc.Free(address);
            }
            else
            {
                of.Free(address);
            }
        }
    }
}
