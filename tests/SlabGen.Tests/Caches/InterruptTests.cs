namespace SlabGen.Tests.Caches;

/// <summary><see cref="Thread.Interrupt"/> in the middle of an allocator call breaks nothing, and reaches the user's next wait.</summary>
public sealed class InterruptTests
{
    [Fact]
    public void InterruptedThreads_LoseAndDoubleNothing()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(4096);

        // Tiny magazines and no depot: the slow path at nearly every call, and its locks contended.
        KmemCache cache = runtime.CreateCache("interrupted", 64, new SlabCacheOptions { MagazineRounds = 2, DepotBytes = 256 });
        bool stop = false;
        Exception? failure = null;
        int waits = 0;
        Thread[] threads = [.. Enumerable.Range(0, 3).Select(_ => new Thread(() =>
        {
            var live = new Queue<nint>();
            try
            {
                while (!Volatile.Read(ref stop))
                {
                    for (int i = 0; i < 20; i++)
                    {
                        live.Enqueue(cache.Alloc());
                    }

                    while (live.TryPeek(out nint address))
                    {
                        cache.Free(address);
                        live.Dequeue();
                    }

                    try
                    {
                        Thread.Sleep(0);
                    }
                    catch (ThreadInterruptedException)
                    {
                        Interlocked.Increment(ref waits); // kept for the user's own wait
                    }
                }
            }
            catch (Exception e)
            {
                Volatile.Write(ref failure, e);
            }
        }))];
        Array.ForEach(threads, t => t.Start());
        for (long end = Environment.TickCount64 + 1500; Environment.TickCount64 < end && failure is null;)
        {
            Array.ForEach(threads, t => t.Interrupt());
            Thread.Yield();
        }

        Volatile.Write(ref stop, true);
        foreach (Thread thread in threads)
        {
            Assert.True(thread.Join(TimeSpan.FromSeconds(60)));
        }

        Assert.Null(failure);
        Assert.True(waits > 0);
        Assert.Equal(0, cache.Snapshot().LiveObjects);
        Assert.False(cache.Shrink());
    }
}
