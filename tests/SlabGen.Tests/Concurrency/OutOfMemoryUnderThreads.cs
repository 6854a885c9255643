using SlabGen.Pages;

namespace SlabGen.Tests.Concurrency;

/// <summary>
/// Proves that threads which drive a small runtime out of memory neither block one another nor break it, and that
/// nothing fails while another thread or another cache merely keeps memory for later. Catches a lock held across
/// reclaim (deadlock), a failed allocation that keeps part of what it took, and reclaim that forgets idle threads.
/// </summary>
public class OutOfMemoryUnderThreads
{
    [Theory]
    [InlineData(1)]
    [InlineData(0)]
    public void Running_out_again_and_again_breaks_nothing(int magazineRounds)
    {
        const int Size = 256;
        SlabRuntime runtime = TestRuntime.OfPages(48);
        var options = new SlabCacheOptions { MagazineRounds = magazineRounds };
        KmemCache[] caches = [runtime.CreateCache("first", Size, options), runtime.CreateCache("second", Size, options)];
        var stamps = new OwnerStamps(runtime, Size);
        int failures = 0;
        TestThreads.Run(4, number =>
        {
            var random = new Random(number);
            var mine = new List<(KmemCache Cache, nint Address)>();
            nint[] bulk = new nint[40];
            for (int round = 0; round < 60; round++)
            {
                while (true)
                {
                    KmemCache cache = caches[random.Next(2)];
                    if (random.Next(4) == 0)
                    {
                        try
                        {
                            cache.AllocBulk(bulk);
                            mine.AddRange(bulk.Select(address => (cache, address)));
                            Array.ForEach(bulk, address => stamps.Claim(address, number + 1));
                        }
                        catch (OutOfMemoryException)
                        {
                            Interlocked.Increment(ref failures);
                        }
                    }

                    if (!cache.TryAlloc(out nint one))
                    {
                        Interlocked.Increment(ref failures);
                        break;
                    }

                    mine.Add((cache, one));
                    stamps.Claim(one, number + 1);
                }

                int keep = random.Next(mine.Count + 1) / 4;
                while (mine.Count > keep)
                {
                    int index = random.Next(mine.Count);
                    (KmemCache cache, nint address) = mine[index];
                    mine[index] = mine[^1];
                    mine.RemoveAt(mine.Count - 1);
                    stamps.Release(address, number + 1);
                    cache.Free(address);
                }
            }

            foreach ((KmemCache cache, nint address) in mine)
            {
                stamps.Release(address, number + 1);
                cache.Free(address);
            }
        });

        Assert.True(failures > 100, "Memory never ran out.");
        foreach (KmemCache cache in caches)
        {
            Assert.Equal(0, cache.Snapshot().LiveObjects);
            Assert.False(cache.Shrink());
        }

        TestRuntime.CheckHealth(runtime);
        runtime.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_an_idle_thread_keeps_serves_one_that_would_fail(bool sameCache)
    {
        SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache idle = runtime.CreateCache("idle", 512), other = runtime.CreateCache("other", 512);
        using var filled = new ManualResetEventSlim();
        using var done = new ManualResetEventSlim();
        var threads = new TestThreads();
        threads.Start(() =>
        {
            // Room to the last page, all of it free again, some of it in the magazines of a thread that will not come back.
            var objects = new List<nint>();
            while (idle.TryAlloc(out nint address))
            {
                objects.Add(address);
            }

            Thread.Sleep(150); // for some moments after a refusal nothing goes into magazines
            objects.ForEach(idle.Free);
            filled.Set();
            done.Wait();
        });
        filled.Wait(TestContext.Current.CancellationToken);

        CacheSnapshot before = idle.Snapshot();
        Assert.True(before.CachedObjects > 0 && before.LiveObjects == 0, before.ToString());

        KmemCache cache = sameCache ? idle : other;
        var mine = new List<nint>();
        while (cache.TryAlloc(out nint address))
        {
            mine.Add(address);
        }

        Assert.True(mine.Count * 512 >= 64 * Environment.SystemPageSize * 3 / 4, $"Only {mine.Count} objects of 512 bytes in 64 pages.");
        mine.ForEach(cache.Free);
        done.Set();
        threads.Join();
        Assert.False(idle.Shrink());
        Assert.False(other.Shrink());
        TestRuntime.CheckHealth(runtime);
        runtime.Dispose();
    }

    /// <summary>
    /// The same with threads at work. Were every live object alone in its slab, and every object that a running thread may
    /// keep, they would fill 200 * 3 + 40 * 3 of 768 pages; but what the magazines keep after a while would fill more.
    /// </summary>
    [Fact]
    public void Threads_that_need_less_than_there_is_never_fail()
    {
        const int Size = 512, Pages = 768, Caches = 40, Threads = 3, Most = 200;
        SlabRuntime runtime = TestRuntime.OfPages(Pages);
        KmemCache[] caches = [.. Enumerable.Range(0, Caches).Select(i => runtime.CreateCache($"cache-{i}", Size, new SlabCacheOptions { MagazineRounds = 3 }))];
        TestThreads.Run(Threads, number =>
        {
            var random = new Random(number);
            var mine = new Stack<nint>();
            for (int round = 0; round < 2000; round++)
            {
                KmemCache cache = caches[random.Next(Caches)];
                for (int i = random.Next(Most); i > 0; i--)
                {
                    mine.Push(cache.Alloc());
                }

                while (mine.TryPop(out nint address))
                {
                    cache.Free(address);
                }
            }
        });
        TestRuntime.CheckHealth(runtime);
        runtime.Dispose();
    }

    /// <summary>
    /// Two threads fail at once; the first one's reclaim frees everything, so that the second one's finds nothing more to
    /// free. There is memory all the same, and no allocation may fail.
    /// </summary>
    [Fact]
    public void An_allocation_does_not_fail_because_another_thread_reclaimed_first()
    {
        SlabRuntime runtime = TestRuntime.OfPages(16);
        KmemCache full = runtime.CreateCache("full", 512), other = runtime.CreateCache("other", 512);
        var objects = new List<nint>();
        while (full.TryAlloc(out nint address))
        {
            objects.Add(address);
        }

        objects.ForEach(full.Free);
        runtime.Pages.Reclaimer = new OvertakenReclaimer(runtime.Pages.Reclaimer!);
        Assert.True(other.TryAlloc(out nint one), $"Out of memory with nothing live: {full.Snapshot()}");
        other.Free(one);
        TestRuntime.CheckHealth(runtime);
        runtime.Dispose();
    }

    /// <summary>Another thread's reclaim runs just before each one asked for.</summary>
    private sealed class OvertakenReclaimer(IReclaimer inner) : IReclaimer
    {
        public bool Reclaim(GfpFlags gfp, long pages)
        {
            inner.Reclaim(gfp, pages);
            return inner.Reclaim(gfp, pages);
        }

        public void Wake() => inner.Wake();
    }
}
