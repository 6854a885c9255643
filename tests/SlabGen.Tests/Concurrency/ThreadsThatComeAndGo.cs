namespace SlabGen.Tests.Concurrency;

/// <summary>
/// Proves that the background survives threads that die at any moment, collections and intervals included. Catches a question to
/// a thread that is finalized, whose exception would end the process on a background thread, and so this test run.
/// </summary>
public sealed class ThreadsThatComeAndGo
{
    [Fact]
    public void The_background_reaps_while_threads_die_and_are_collected()
    {
        using var runtime = new SlabRuntime(new SlabRuntimeOptions
        {
            MemoryLimit = 64 << 20,
            ReapInterval = TimeSpan.FromMilliseconds(10),
            Pressure = TestRuntime.NoPressure,
        });
        KmemCache cache = runtime.CreateCache("c", 64);
        var threads = new TestThreads();
        long deadline = Environment.TickCount64 + ((long)TestThreads.StressTime.TotalMilliseconds / 2);
        bool Over() => Environment.TickCount64 >= deadline || threads.HasFailed;
        for (int i = 0; i < 50; i++)
        {
            threads.Start(() =>
            {
                while (!Over())
                {
                    cache.Free(cache.Alloc());
                    Thread.Sleep(20);
                }
            });
        }

        int died = 0;
        for (int i = 0; i < 2; i++)
        {
            threads.Start(() =>
            {
                while (!Over())
                {
                    var thread = new Thread(() => cache.Free(cache.Alloc()));
                    thread.Start();
                    thread.Join();
                    Interlocked.Increment(ref died);
                }
            });
        }

        while (!Over())
        {
            GC.Collect(0);
            Thread.Sleep(1);
        }

        threads.Join();
        Assert.True(died > 10, $"Only {died} threads died.");
        Assert.Equal(0, cache.Snapshot().LiveObjects);
    }
}
