using System.Diagnostics;
using SlabGen.Magazines;
using SlabGen.Tests.Concurrency;

namespace SlabGen.Tests.Caches;

/// <summary>A cache at its limit refuses at once and without garbage when nothing of it lies free, and finds whatever does.</summary>
public sealed class BoundedCacheTests
{
    private const int Calls = 20_000;

    public static TheoryData<string> Limits => ["objects", "bytes", "objects, checked"];

    [Theory]
    [MemberData(nameof(Limits))]
    public void A_request_at_the_limit_fails_without_garbage_and_without_a_barrier(string limit)
    {
        using SlabRuntime runtime = TestRuntime.OfPages(1024);
        KmemCache cache = runtime.CreateCache("bounded", 64, new SlabCacheOptions
        {
            MaxObjects = limit == "bytes" ? 0 : 1000,
            MaxBytes = limit == "bytes" ? 64 << 10 : 0,
            Checked = limit.EndsWith("checked", StringComparison.Ordinal),
        });
        using var atWork = new AtWork(cache); // holds one object that no revocation can take before it has computed for long
        List<nint> live = GfpTests.Fill(cache);
        live.EnsureCapacity(live.Count + 1);
        (double ns, long bytes) = Measure(() =>
        {
            bool late = cache.TryAlloc(out nint address);
            if (late)
            {
                live.Add(address); // it had computed for long
            }

            return late;
        });
        TestContext.Current.TestOutputHelper?.WriteLine($"{limit}: {ns:F0} ns, {bytes} bytes for a TryAlloc that fails");
        Assert.InRange(bytes, 0, 256 * (1 + (long)(ns * Calls / 15e6))); // every 15 ms the kernel is asked whether the owner sleeps by now
        Assert.True(cache.Snapshot().FailedAllocations >= Calls - 1);
        atWork.Rest();
        live.AddRange(GfpTests.Fill(cache));
        Assert.False(cache.TryAlloc(out _));
        Assert.False(cache.TryAlloc(GfpFlags.Kernel, out _));

        // Whatever comes back can be had: here, on another thread, and past the magazines.
        cache.Free(live[^1]);
        Assert.Equal(live[^1], cache.Alloc());
        var other = new Thread(() => cache.Free(live[0]));
        other.Start();
        other.Join();
        Assert.Equal(live[0], cache.Alloc());
        cache.FreeBulk([.. live[10..20]]);
        nint[] again = new nint[10];
        cache.AllocBulk(again);
        Assert.Equal(live[10..20].Order(), again.Order());
        Assert.False(cache.TryAlloc(out _));
        cache.FreeBulk([.. live]);
    }

    [Fact]
    public void What_an_owner_atWork_had_to_be_left_is_taken_once_it_waits()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(1024);
        KmemCache cache = runtime.CreateCache("bounded", 64, new SlabCacheOptions { MaxObjects = 100 });
        using var owner = new AtWork(cache);
        List<nint> live = GfpTests.Fill(cache);
        Assert.InRange(live.Count, 99, 100);
        owner.Rest();
        live.AddRange(GfpTests.Fill(cache));
        Assert.Equal(100, live.Count);
        cache.FreeBulk([.. live]);
    }

    /// <summary>Threads that refill their magazines must not take from others what the limit has for all.</summary>
    [Theory]
    [InlineData(8, 3, 40)] // 24 live, and one free object with each of 7 other threads: 31
    [InlineData(16, 2, 100)]
    public void Threads_that_stay_below_the_limit_are_never_refused(int count, int each, int limit)
    {
        using SlabRuntime runtime = TestRuntime.OfPages(1024);
        KmemCache cache = runtime.CreateCache("bounded", 64, new SlabCacheOptions { MaxObjects = limit });
        var threads = new TestThreads();
        int refused = 0;
        for (int i = 0; i < count; i++)
        {
            threads.Start(() =>
            {
                nint[] live = new nint[each];
                for (int round = 0; round < 300; round++)
                {
                    int taken = 0;
                    while (taken < each && cache.TryAlloc(out live[taken]))
                    {
                        taken++;
                    }

                    Interlocked.Add(ref refused, each - taken);
                    cache.FreeBulk(live.AsSpan(0, taken));
                    Thread.Sleep(1);
                }
            });
        }

        threads.Join();
        Assert.Equal(0, refused);
    }

    /// <summary>Free objects go from magazine to depot to magazine all the time, and are looked for without a lock.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Nobody_is_refused_because_free_objects_change_places(int rounds)
    {
        const int Threads = 4, Each = 7;
        using SlabRuntime runtime = TestRuntime.OfPages(1024);
        KmemCache cache = runtime.CreateCache("bounded", 64, new SlabCacheOptions
        {
            MaxObjects = (Threads * Each) + Threads, // and one that a thread at work keeps
            MagazineRounds = rounds,
        });
        var threads = new TestThreads();
        int refused = 0;
        long until = Environment.TickCount64 + ((long)TestThreads.StressTime.TotalMilliseconds / 2);
        for (int i = 0; i < Threads; i++)
        {
            int seed = i;
            threads.Start(() =>
            {
                var random = new Random(seed);
                var live = new List<nint>();
                while (Environment.TickCount64 < until)
                {
                    for (int wanted = random.Next(Each + 1); live.Count < wanted;)
                    {
                        if (cache.TryAlloc(out nint address))
                        {
                            live.Add(address);
                        }
                        else
                        {
                            Interlocked.Increment(ref refused);
                        }
                    }

                    for (int kept = random.Next(live.Count + 1); live.Count > kept; live.RemoveAt(live.Count - 1))
                    {
                        cache.Free(live[^1]);
                    }
                }

                live.ForEach(cache.Free);
            });
        }

        threads.Start(() =>
        {
            while (Environment.TickCount64 < until)
            {
                cache.Shrink(); // magazines on their way into the slabs
            }
        });
        threads.Join();
        Assert.Equal(0, refused);
        TestRuntime.CheckHealth(runtime);
    }

    [Fact]
    public unsafe void A_magazine_on_its_way_into_the_slabs_and_a_gate_that_is_held_may_have_free_objects()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(1024);
        KmemCache cache = runtime.CreateCache("bounded", 64, new SlabCacheOptions { MaxObjects = 8, MagazineRounds = 1 });
        nint[] live = [.. GfpTests.Fill(cache)];
        Assert.False(cache.Magazines.MayHaveFree(orRoom: true));
        cache.FreeBulk(live.AsSpan(0, 3));
        Depot depot = cache.Magazines.Depots[0];
        Assert.Equal(1, depot.FullCount);
        Magazine* full = depot.TakeAnyFull();
        nint[] again = [cache.Alloc(), cache.Alloc()]; // the thread's own
        cache.Magazines.Drain(close: false, out _); // and its empty magazines
        Assert.True(cache.Magazines.MayHaveFree(orRoom: true));
        cache.Slabs.Give(Magazine.Objects(full));
        depot.ReturnEmpty(full);
        Assert.False(cache.Magazines.MayHaveFree());
        Assert.True(cache.Magazines.MayHaveFree(orRoom: true));
        again = [.. again, cache.Alloc()];
        cache.Magazines.Drain(close: false, out _);
        Assert.False(cache.Magazines.MayHaveFree(orRoom: true));
        using (ThreadSlots.Peek(cache.Id)!.Gate.Hold())
        {
            Assert.True(cache.Magazines.MayHaveFree(orRoom: true));
        }

        Assert.False(cache.TryAlloc(out _));
        cache.FreeBulk(again);
        cache.FreeBulk(live.AsSpan(3));
    }

    [Fact]
    public void A_full_cache_still_warns_throws_what_waits_and_says_that_it_was_destroyed()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(1024);
        int warnings = 0;
        KmemCache cache = runtime.CreateCache("bounded", 64, new SlabCacheOptions { MaxObjects = 10, LimitWarningInterval = TimeSpan.Zero, LimitWarning = _ => warnings++ });
        List<nint> live = GfpTests.Fill(cache);
        warnings = 0;
        Assert.False(cache.TryAlloc(out _));
        Assert.Equal(1, warnings);
        Assert.False(cache.TryAlloc(GfpFlags.NoWait, out _)); // runs no code of users
        Assert.Equal(1, warnings);
        cache.Magazines.ThrowLater(new FormatException("kept"));
        Assert.Throws<FormatException>(() => cache.TryAlloc(out _));
        Assert.Throws<OutOfMemoryException>(() => cache.Alloc());
        cache.FreeBulk([.. live]);
        cache.Destroy();
        Assert.Throws<ObjectDisposedException>(() => cache.TryAlloc(out _));
    }

    internal static (double Nanoseconds, long Bytes) Measure(Func<bool> call)
    {
        for (int i = 0; i < 1000; i++)
        {
            call();
        }

        long bytes = GC.GetAllocatedBytesForCurrentThread(), start = Stopwatch.GetTimestamp();
        for (int i = 0; i < Calls; i++)
        {
            call();
        }

        return (Stopwatch.GetElapsedTime(start).TotalNanoseconds / Calls, GC.GetAllocatedBytesForCurrentThread() - bytes);
    }
}
