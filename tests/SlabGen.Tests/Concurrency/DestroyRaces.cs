using SlabGen.CompilerServices;
using SlabGen.Magazines;
using SlabGen.Memory;

namespace SlabGen.Tests.Concurrency;

/// <summary>
/// Proves that a cache can be destroyed while threads use it: each call finishes or throws
/// <see cref="ObjectDisposedException"/>, the slabs know in the end exactly what is live, and what a thread had to be
/// left comes home when it comes back or dies. Catches objects lost or doubled by the closing of a thread cache, a
/// destroyed cache that still serves, and memory that is unmapped under a thread cache or a live object.
/// </summary>
public class DestroyRaces
{
    private const int Size = 64;

    // Never finalized: where the test fails, a finalizer would touch unmapped memory and take the process with it.
    private static readonly List<ThreadCache> s_kept = [];

    [Fact]
    public void Every_call_finishes_or_says_that_the_cache_is_gone()
    {
        for (int round = 0; round < 40; round++)
        {
            SlabRuntime runtime = TestRuntime.OfPages(1024, isChecked: round % 8 == 7);
            KmemCache cache = runtime.CreateCache("raced", Size, new SlabCacheOptions { MagazineRounds = 1 + (round % 5) });
            var stamps = new OwnerStamps(runtime, Size);
            long live = 0;
            LeakReport? report = null;
            TestThreads.Run(4, number =>
            {
                if (number == 0)
                {
                    Thread.SpinWait(20_000 * (round % 10));
                    report = cache.Destroy();
                    return;
                }

                nint[] mine = new nint[20];
                try
                {
                    for (int i = 0; ; i = (i + 1) % mine.Length)
                    {
                        nint address = mine[i];
                        if (address != 0)
                        {
                            stamps.Release(address, number);
                            cache.Free(address); // when this throws the object is still the thread's
                            mine[i] = 0;
                        }

                        if (i % 3 != 0)
                        {
                            mine[i] = cache.Alloc();
                            stamps.Claim(mine[i], number);
                        }
                    }
                }
                catch (ObjectDisposedException)
                {
                    Interlocked.Add(ref live, mine.Count(address => address != 0));
                }
            });

            // One free object may have been left with each thread; those are dead by now. The slabs hold what is live.
            CollectUntil(() => cache.Slabs.InUse == live);
            Assert.Equal(live, cache.Slabs.InUse);
            Assert.Equal(live, cache.Snapshot().LiveObjects);

            TestRuntime.CheckHealth(runtime);

            // Of each thread one operation may have been under way when the report was made.
            Assert.InRange(report!.LiveObjects, live - 3, live + 3);
        }
    }

    [Fact]
    public void The_report_names_what_is_live_and_nothing_that_is_cached()
    {
        SlabRuntime runtime = TestRuntime.OfPages(1024);
        KmemCache cache = runtime.CreateCache("reported", Size);
        using var destroyed = new ManualResetEventSlim();
        using var ready = new CountdownEvent(4);
        var threads = new TestThreads();
        nint[] live = new nint[4];
        Thread[] all = [.. Enumerable.Range(0, 4).Select(number => threads.Start(() =>
            {
                nint[] objects = new nint[300];
                cache.AllocBulk(objects);
                cache.FreeBulk(objects.AsSpan(1));
                live[number] = objects[0];
                ready.Signal();
                destroyed.Wait();
                Assert.Throws<ObjectDisposedException>(() => cache.Free(objects[0]));
                Assert.Throws<ObjectDisposedException>(() => cache.Alloc());
            }))];

        ready.Wait(TestContext.Current.CancellationToken);
        int polls = 0;
        threads.WaitUntil(() => (polls = all.All(thread => (thread.ThreadState & ThreadState.WaitSleepJoin) != 0) ? polls + 1 : 0) > 20, "they wait, and for good");
        LeakReport report = cache.Destroy();
        destroyed.Set();
        threads.Join();
        Assert.Equal(4, report.LiveObjects);
        Assert.Equal(live.Order(), report.Addresses.Order());
        Assert.Equal(4, cache.Slabs.InUse);
        foreach (nint address in live)
        {
            new SlabPtr<long>(address).Value = 1; // still mapped
        }
    }

    /// <summary>The object that a running thread had to be left is free: it is not what the report is about.</summary>
    [Fact]
    public void The_report_does_not_name_what_a_running_thread_was_left()
    {
        SlabRuntime runtime = TestRuntime.OfPages(1024);
        KmemCache cache = runtime.CreateCache("named", Size);
        var threads = new TestThreads();
        nint live = 0;
        bool ready = false, go = false;
        threads.Start(() =>
        {
            nint free = cache.Alloc();
            live = cache.Alloc(); // behind the other one
            cache.Free(free);
            Volatile.Write(ref ready, true);
            while (!Volatile.Read(ref go))
            {
                Thread.SpinWait(10);
            }
        });
        threads.WaitUntil(() => Volatile.Read(ref ready), "a thread with a magazine");

        LeakReport report = cache.Destroy();
        Volatile.Write(ref go, true);
        threads.Join();
        Assert.Equal(1, report.LiveObjects);
        Assert.Equal([live], report.Addresses);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void What_a_running_thread_had_to_be_left_comes_home_when_it_comes_back_or_dies(bool comesBack, bool byHand)
    {
        SlabRuntime runtime = TestRuntime.OfPages(1024);
        KmemCache cache = runtime.CreateCache("limbo", Size);
        var threads = new TestThreads();
        bool ready = false, go = false;
        threads.Start(() =>
        {
            ThreadCache? slot = null; // as generated code owns one
            if (byHand)
            {
                cache.Free(cache.Alloc());
            }
            else
            {
                cache.FreeSlow(ref slot, cache.AllocSlow(ref slot));
            }

            Volatile.Write(ref ready, true);
            while (!Volatile.Read(ref go))
            {
                Thread.SpinWait(10);
            }

            if (comesBack)
            {
                Assert.Throws<ObjectDisposedException>(() => byHand ? cache.Alloc() : cache.AllocSlow(ref slot));
            }
        });
        threads.WaitUntil(() => Volatile.Read(ref ready), "a thread with a magazine");

        LeakReport report = cache.Destroy();
        Assert.True(report.IsClean, report.ToString());
        Assert.InRange(cache.Slabs.InUse, 0, 1); // it might have been about to take it; if it was seen to sleep, it was not
        Volatile.Write(ref go, true);
        threads.Join();
        if (!comesBack)
        {
            CollectUntil(() => cache.Slabs.InUse == 0);
        }

        Assert.Equal(0, cache.Slabs.InUse);
        Assert.Equal(0, cache.Slabs.Capacity);
        runtime.Dispose();
    }

    /// <summary>A bulk allocation that is stopped half way by the destruction gives back what it had taken.</summary>
    [Fact]
    public void A_bulk_allocation_that_the_destruction_stops_keeps_nothing()
    {
        var memory = new DestroyingMemory();
        SlabRuntime runtime = TestRuntime.OfPages(8192, memory: memory);
        KmemCache cache = runtime.CreateCache("halfway", 4096);
        cache.Free(cache.Alloc()); // a magazine with objects in it

        // The bulk empties the magazine, then grows the cache until a new section is needed: that is when it is destroyed.
        nint[] objects = new nint[5000];
        memory.Target = cache;
        Assert.Throws<ObjectDisposedException>(() => cache.AllocBulk(objects));
        memory.Destroyer!.Join();
        Assert.Equal(0, cache.Slabs.InUse);
    }

    /// <summary>A cache made later may bear the same id, and thread-static slots go by id.</summary>
    [Fact]
    public void A_destroyed_cache_does_not_serve_the_objects_of_its_successor()
    {
        SlabRuntime runtime = TestRuntime.OfPages(1024);
        KmemCache destroyed = runtime.CreateCache("destroyed", Size);
        destroyed.Free(destroyed.Alloc());
        destroyed.Destroy();
        KmemCache successor = runtime.CreateCache("successor", Size);
        nint mine = successor.Alloc();
        successor.Free(successor.Alloc());

        Assert.Throws<ObjectDisposedException>(() => destroyed.Alloc());
        Assert.Throws<ObjectDisposedException>(() => destroyed.TryAlloc(out _));
        Assert.Throws<ObjectDisposedException>(() => destroyed.Free(mine));
        Assert.Equal(1, successor.Snapshot().LiveObjects);
    }

    /// <summary>
    /// A running thread keeps its loaded magazine, be it empty, and its finalizer or its next call returns that: the end
    /// of the runtime must reach it, also when its cache was destroyed before, and when it has no slab any more.
    /// </summary>
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void The_end_of_the_runtime_reaches_the_thread_caches_of_running_threads(bool destroyedBefore, bool emptyMagazine)
    {
        SlabRuntime runtime = TestRuntime.OfPages(1024);
        KmemCache cache = runtime.CreateCache("limbo", Size, new SlabCacheOptions { MagazineRounds = 1 });
        var threads = new TestThreads();
        ThreadCache? left = null;
        nint passedOn = 0;
        bool go = false;
        threads.Start(() =>
        {
            passedOn = cache.Alloc();
            if (!emptyMagazine)
            {
                cache.Free(passedOn);
                passedOn = 0;
            }

            Volatile.Write(ref left, ThreadSlots.Peek(cache.Id));
            while (!Volatile.Read(ref go))
            {
                Thread.SpinWait(10);
            }
        });
        threads.WaitUntil(() => Volatile.Read(ref left) is not null, "a thread with a magazine");
        lock (s_kept)
        {
            s_kept.Add(left!);
        }

        if (passedOn != 0)
        {
            cache.Free(passedOn);
        }

        Assert.True(!destroyedBefore || cache.Destroy().IsClean);
        runtime.Dispose();
        Volatile.Write(ref go, true);
        threads.Join();

        // Destroyed before, or as the first step of the end, the cache may be gone from the runtime before it unmaps: then its thread was seen
        // outside, and has nothing left to return.
        Assert.True(cache.Magazines.IsUnmapped || !cache.Magazines.HasLoadedMagazine(), "A finalizer would go to unmapped memory.");
    }

    /// <summary>A live object pins its memory, also when its cache is destroyed first and the runtime then.</summary>
    [Fact]
    public void The_end_of_the_runtime_does_not_unmap_what_a_destroyed_cache_reported_as_live()
    {
        SlabRuntime runtime = TestRuntime.OfPages(1024);
        KmemCache cache = runtime.CreateCache("leaky", Size);
        cache.Alloc();
        Assert.Equal(1, cache.Destroy().LiveObjects);
        Assert.Throws<InvalidOperationException>(runtime.Close);
    }

    private static void CollectUntil(Func<bool> condition)
    {
        for (int i = 0; i < 20 && !condition(); i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }

    /// <summary>Memory that, at the first section after it was told, has the cache destroyed by another thread, and is exhausted.</summary>
    private sealed class DestroyingMemory() : TestRuntime.DecoratedMemory(OsMemory.Current)
    {
        public KmemCache? Target { get; set; }

        public Thread? Destroyer { get; private set; }

        public override bool Commit(nint address, long bytes)
        {
            if (Target is { } target)
            {
                Target = null;
                Destroyer = new Thread(() => target.Destroy()) { IsBackground = true };
                Destroyer.Start();
                SpinWait.SpinUntil(() => target.Magazines.IsClosed);
            }

            return Destroyer is null && base.Commit(address, bytes);
        }
    }
}
