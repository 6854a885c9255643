namespace SlabGen.Stress.Scenarios;

/// <summary>Caches and private Kmallocs that live for moments, used by several threads, and destroyed when everything was freed: always clean.</summary>
internal sealed class Destroys : Scenario
{
    public override string Name => "destroys";

    public override void Run(Crew crew)
    {
        for (int i = 0; i < Math.Clamp(crew.Threads / 3, 1, 20); i++)
        {
            crew.Start(worker =>
            {
                while (!worker.IsOver)
                {
                    if (worker.OneIn(4))
                    {
                        UseKmalloc(worker);
                    }
                    else
                    {
                        UseCache(worker);
                    }
                }
            });
        }

        crew.Join();
    }

    private static void UseCache(Worker worker)
    {
        bool constructed = worker.OneIn(3), byRcu = worker.OneIn(8);
        worker.Journal.Note("creates");
        var options = new SlabCacheOptions { TypeSafeByRcu = byRcu, Checked = worker.OneIn(6) ? true : null, Zone = worker.OneIn(6) ? ZoneKind.Dma32 : ZoneKind.Normal };
        Kind kind;
        try
        {
            KmemCache cache = constructed
                ? worker.Crew.Runtime.CreateCache<Words8, PatternLife<Words8>>(worker.Crew.NameOf("o"), options)
                : worker.Crew.Runtime.CreateCache(worker.Crew.NameOf("o"), worker.Random.Next(8, 5000), options);
            kind = new Kind(cache, options, constructed);
        }
        catch (OutOfMemoryException)
        {
            return;
        }

        int helpers = worker.Random.Next(3);
        using var done = new CountdownEvent(helpers + 1);
        for (int i = 0; i < helpers; i++)
        {
            worker.Crew.Start(helper =>
            {
                Use(helper, kind);
                done.Signal();
            });
        }

        Use(worker, kind);
        done.Signal();
        worker.Journal.Note("waits for helpers", kind.Cache.Name);
        done.Wait();
        worker.Journal.Note("destroys", kind.Cache.Name);
        Crew.Destroy(kind.Cache);
    }

    private static void Use(Worker worker, Kind kind)
    {
        var stock = new Stock();
        for (int i = worker.Random.Next(300); i > 0; i--)
        {
            Takes.One(worker, kind, stock);
            if (stock.Count > 0 && worker.OneIn(3))
            {
                stock.FreeOne(worker);
            }
        }

        stock.FreeAll(worker);
    }

    private static void UseKmalloc(Worker worker)
    {
        worker.Journal.Note("creates a Kmalloc");
        Kmalloc kmalloc;
        try
        {
            kmalloc = worker.Crew.Runtime.CreateKmalloc(worker.Crew.NameOf("k"));
        }
        catch (OutOfMemoryException)
        {
            return;
        }

        for (int i = 0; i < 100; i++)
        {
            int size = worker.Random.Next(1, 1 << worker.Random.Next(1, 17));
            try
            {
                worker.Journal.Note($"allocates {size}", kmalloc.Name);
                nint address = kmalloc.Alloc((nuint)size);
                ulong stamp = worker.NewStamp();
                Stamp.Write(address, size, stamp);
                Stamp.Check(address, size, stamp, kmalloc.Name);
                kmalloc.Free(address);
            }
            catch (Exception error) when (Planned.InAlloc(error))
            {
            }
        }

        worker.Journal.Note("destroys", kmalloc.Name);
        LeakReport leak = kmalloc.Destroy();
        if (!leak.IsClean)
        {
            throw new StressException($"Everything was freed, and yet: {leak}");
        }
    }
}
