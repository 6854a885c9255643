using Microsoft.Coyote.Specifications;

namespace SlabGen.Coyote;

/// <summary>Slow paths beside one another. Each method is a scenario; it frees all that it takes, and its runtime must close without a leak.</summary>
public static class Scenarios
{
    /// <summary>A cache is destroyed while threads allocate and free in it.</summary>
    public static void Destroy()
    {
        using SlabRuntime runtime = MakeRuntime();
        KmemCache cache = runtime.CreateCache("destroyed", 64, Small);
        Thread[] users = [Start(Use), Start(Use)];
        cache.Destroy();
        Join(users);
        Check(runtime);

        void Use()
        {
            try
            {
                for (int i = 0; i < 6; i++)
                {
                    cache.Free(cache.Alloc());
                }
            }
            catch (ObjectDisposedException)
            {
                // as promised
            }
        }
    }

    /// <summary>All is taken home while threads allocate and free.</summary>
    public static void Shrink()
    {
        using SlabRuntime runtime = MakeRuntime();
        KmemCache cache = runtime.CreateCache("shrunk", 64, Small);
        Thread[] users = [Start(() => Use(cache)), Start(() => Use(cache))];
        runtime.Shrink();
        runtime.Shrink();
        Join(users);
        Specification.Assert(cache.Snapshot().LiveObjects == 0, "An object is live that was freed.");
        Check(runtime);
    }

    /// <summary>Threads come and end, and others take home what they leave.</summary>
    public static void ThreadDeath()
    {
        using SlabRuntime runtime = MakeRuntime();
        KmemCache cache = runtime.CreateCache("left", 64, Small);
        for (int round = 0; round < 2; round++)
        {
            Thread[] users = [Start(() => Use(cache)), Start(() => Use(cache))];
            runtime.Shrink();
            Join(users);
        }

        Use(cache);
        Specification.Assert(cache.Snapshot().LiveObjects == 0, "An object is live that was freed.");
        Check(runtime);
    }

    /// <summary>Two threads share one reserved object of a mempool.</summary>
    public static void Pool()
    {
        using SlabRuntime runtime = MakeRuntime();
        KmemCache cache = runtime.CreateCache("pool", 64, Small);
        using (var pool = new Mempool(cache, 1))
        {
            Thread[] users = [Start(Use), Start(Use)];
            Join(users);

            void Use()
            {
                for (int i = 0; i < 3; i++)
                {
                    pool.Free(pool.Alloc());
                }
            }
        }

        Check(runtime);
    }

    /// <summary>Objects wait for readers, and the cache for both.</summary>
    public static void Deferred()
    {
        using SlabRuntime runtime = MakeRuntime();
        KmemCache cache = runtime.CreateCache("deferred", 64, Small);
        Thread[] users = [Start(Defer), Start(Read)];
        Join(users);
        cache.Destroy();
        Check(runtime);

        void Defer()
        {
            for (int i = 0; i < 3; i++)
            {
                cache.FreeDeferred(cache.Alloc());
            }
        }

        static void Read()
        {
            for (int i = 0; i < 3; i++)
            {
                using (Rcu.Read())
                {
                    Thread.Yield();
                }
            }
        }
    }

    private static SlabCacheOptions Small => new() { MagazineRounds = 2 };

    private static SlabRuntime MakeRuntime() => new(new SlabRuntimeOptions { MemoryLimit = 16 << 20, Processors = 1, ReapInterval = Timeout.InfiniteTimeSpan });

    private static void Use(KmemCache cache)
    {
        nint one = cache.Alloc(), two = cache.Alloc();
        Specification.Assert(one != two, "One object has two owners.");
        cache.Free(one);
        one = cache.Alloc();
        Specification.Assert(one != two, "One object has two owners.");
        cache.Free(two);
        cache.Free(one);
    }

    private static void Check(SlabRuntime runtime)
    {
        ValidationReport report = runtime.Validate();
        Specification.Assert(report.IsClean, report.ToString());
    }

    private static Thread Start(Action action)
    {
        var thread = new Thread(() => action());
        thread.Start();
        return thread;
    }

    private static void Join(Thread[] threads)
    {
        foreach (Thread thread in threads)
        {
            thread.Join();
        }
    }
}
