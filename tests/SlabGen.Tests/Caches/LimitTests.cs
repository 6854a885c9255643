using SlabGen.Memory;
using SlabGen.Tests.Concurrency;

namespace SlabGen.Tests.Caches;

/// <summary>A cache never has more than its limits, and all of what they permit can be had.</summary>
public sealed class LimitTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void MaxObjects_CanBeHad_AndNotOneMore(bool isChecked)
    {
        using SlabRuntime runtime = TestRuntime.OfPages(1024, isChecked);
        KmemCache cache = runtime.CreateCache("o", 64, new SlabCacheOptions { MaxObjects = 300 });
        List<nint> live = GfpTests.Fill(cache);
        Assert.Equal(300, live.Distinct().Count());
        var error = Assert.Throws<OutOfMemoryException>(() => cache.Alloc());
        Assert.Contains("'o'", error.Message, StringComparison.Ordinal);
        Assert.Contains("300 of the 300 objects of SlabCacheOptions.MaxObjects", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("refused", error.Message, StringComparison.Ordinal);
        nint back = live[7];
        cache.Free(back);
        Assert.Equal(back, cache.Alloc());
        cache.FreeBulk([.. live]);

        nint[] all = new nint[300];
        cache.AllocBulk(all); // what the magazines hold included
        cache.FreeBulk(all);
        Assert.Throws<OutOfMemoryException>(() => cache.AllocBulk(new nint[301], GfpFlags.Kernel | GfpFlags.NoFail)); // can never be
        Assert.Throws<OutOfMemoryException>(() => new SlabReservation<long>(cache, 301));
        Assert.Equal(0, cache.Snapshot().LiveObjects);
    }

    [Fact]
    public void ARequestForMoreThanThereCanEverBe_IsWarnedOfToo()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        int warnings = 0;
        KmemCache cache = runtime.CreateCache("few", 64, new SlabCacheOptions { MaxObjects = 10, LimitWarningInterval = TimeSpan.Zero, LimitWarning = _ => warnings++ });
        Assert.Throws<OutOfMemoryException>(() => cache.AllocBulk(new nint[11]));
        Assert.Equal(1, warnings);
        Assert.Throws<OutOfMemoryException>(() => cache.AllocBulk(new nint[11], GfpFlags.NoWait)); // runs no code of users
        Assert.Equal(1, warnings);
    }

    [Fact]
    public void TheLastObjects_CanBeHad_AlthoughMagazinesOfOtherThreadsHoldThem()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(1024);
        KmemCache cache = runtime.CreateCache("o", 64, new SlabCacheOptions { MaxObjects = 200 });
        var threads = new TestThreads();
        using var done = new ManualResetEvent(false);
        int idle = 0;
        for (int i = 0; i < 3; i++)
        {
            Thread thread = threads.Start(() =>
            {
                nint[] some = new nint[50];
                cache.AllocBulk(some);
                cache.FreeBulk(some);
                Interlocked.Increment(ref idle);
                done.WaitOne();
            });
            threads.WaitUntil(() => Volatile.Read(ref idle) > i && (thread.ThreadState & ThreadState.WaitSleepJoin) != 0, "it is idle");
        }

        Assert.True(cache.Snapshot().CachedObjects >= 50);
        List<nint> live = GfpTests.Fill(cache);
        Assert.Equal(200, live.Distinct().Count());
        cache.FreeBulk([.. live]);
        done.Set();
        threads.Join();
    }

    [Fact]
    public void ManyThreads_NeverHaveMoreThanTheLimit_AndLoseNothing()
    {
        const int Most = 400, Threads = 6;
        using SlabRuntime runtime = TestRuntime.OfPages(1024);
        KmemCache cache = runtime.CreateCache("o", 64, new SlabCacheOptions { MaxObjects = Most });
        int liveNow = 0, highest = 0;
        long refused = 0, until = Environment.TickCount64 + (long)TestThreads.StressTime.TotalMilliseconds;
        TestThreads.Run(Threads, number =>
        {
            var random = new Random(number);
            var mine = new List<nint>();
            while (Environment.TickCount64 < until)
            {
                if (random.Next(100) < (mine.Count < 100 ? 60 : 30))
                {
                    // Counted after it was had and before it is freed: never more than there are.
                    if (cache.TryAlloc(out nint address))
                    {
                        int now = Interlocked.Increment(ref liveNow);
                        for (int seen = Volatile.Read(ref highest); now > seen; seen = Volatile.Read(ref highest))
                        {
                            Interlocked.CompareExchange(ref highest, now, seen);
                        }

                        mine.Add(address);
                    }
                    else
                    {
                        Interlocked.Increment(ref refused);
                    }
                }
                else if (mine.Count > 0)
                {
                    int index = random.Next(mine.Count);
                    Interlocked.Decrement(ref liveNow);
                    cache.Free(mine[index]);
                    mine.RemoveAt(index);
                }
            }

            Interlocked.Add(ref liveNow, -mine.Count);
            cache.FreeBulk([.. mine]);
        });

        Assert.InRange(highest, 1, Most);
        Assert.True(refused > 0, $"the limit was never met, {highest} at most");
        List<nint> all = GfpTests.Fill(cache);
        Assert.Equal(Most, all.Distinct().Count());
        cache.FreeBulk([.. all]);
    }

    [Fact]
    public void MaxBytes_IsTheMostThatSlabsTake_ConstructedOnesToo()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(1024);
        var options = new SlabCacheOptions { MaxBytes = 10L * Page.Size };
        foreach (KmemCache cache in new[] { runtime.CreateCache<long>("plain", options), runtime.CreateCache<long, Life>("constructed", options) })
        {
            List<nint> live = GfpTests.Fill(cache);
            Assert.Equal(10L * Page.Size, cache.Snapshot().Bytes);
            Assert.Equal(cache.Snapshot().Objects, live.Distinct().Count());
            string message = Assert.Throws<OutOfMemoryException>(() => cache.Alloc()).Message;
            Assert.Contains($"{10 * Page.Size} of the {10 * Page.Size} bytes of SlabCacheOptions.MaxBytes", message, StringComparison.Ordinal);
            cache.FreeBulk([.. live]);
            Assert.False(cache.Shrink());
            live = GfpTests.Fill(cache); // what was given back counts no more
            Assert.Equal(10L * Page.Size, cache.Snapshot().Bytes);
            cache.FreeBulk([.. live]);
        }
    }

    [Fact]
    public void AConstructedCache_KeepsToMaxObjects_AndMakesNoSlabBeyondIt()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(1024);
        KmemCache cache = runtime.CreateCache<long, Life>("o", new SlabCacheOptions { MaxObjects = 10 });
        List<nint> live = GfpTests.Fill(cache);
        Assert.Equal(10, live.Count);
        Assert.Equal(1, cache.Snapshot().Slabs);
        cache.FreeBulk([.. live]);
    }

    [Fact]
    public void NoFail_WaitsAtTheLimit_UntilOneIsFreed()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache("o", 64, new SlabCacheOptions { MaxObjects = 3 });
        List<nint> live = GfpTests.Fill(cache);
        var threads = new TestThreads();
        nint late = 0;
        Thread waiter = threads.Start(() => late = cache.Alloc(GfpFlags.Kernel | GfpFlags.NoFail));
        threads.WaitUntil(() => (waiter.ThreadState & ThreadState.WaitSleepJoin) != 0, "it waits");
        cache.Free(live[1]);
        threads.Join();
        Assert.Equal(live[1], late);
        cache.FreeBulk([.. live]);
    }

    [Fact]
    public void TheWarning_ComesOncePerInterval_WithoutALock_AndNotToRequestsThatMayNotWait()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        foreach ((TimeSpan interval, int expected) in new[] { (TimeSpan.Zero, 3), (Timeout.InfiniteTimeSpan, 1), (TimeSpan.FromSeconds(300), 1) })
        {
            var warnings = new List<SlabLimitWarning>();
            KmemCache? cache = null;
            cache = runtime.CreateCache("o", 64, new SlabCacheOptions
            {
                MaxObjects = 2,
                LimitWarningInterval = interval,
                LimitWarning = warning =>
                {
                    warnings.Add(warning);
                    Assert.False(cache!.TryAlloc(out _)); // meets the limit in its turn

                    // With a lock held here, this thread would wait for it in vain.
                    var other = new Thread(() => cache.Snapshot());
                    other.Start();
                    Assert.True(other.Join(TimeSpan.FromSeconds(60)));
                },
            });
            nint[] two = new nint[2];
            cache.AllocBulk(two);
            Assert.False(cache.TryAlloc(GfpFlags.NoWait, out _));
            Assert.Empty(warnings);
            for (int i = 0; i < 3; i++)
            {
                Assert.False(cache.TryAlloc(out _));
            }

            Assert.Equal(expected, warnings.Count);
            Assert.Equal(new SlabLimitWarning("o", 2, 2, cache.Snapshot().Bytes, 0), warnings[0]);
            cache.FreeBulk(two);
        }
    }

    [Fact]
    public void WhatTheWarningThrows_ComesOut_AndNothingIsLost()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache("o", 64, new SlabCacheOptions
        {
            MaxObjects = 1,
            LimitWarningInterval = TimeSpan.Zero,
            LimitWarning = _ => throw new TimeZoneNotFoundException(),
        });
        nint only = cache.Alloc();
        Assert.Throws<TimeZoneNotFoundException>(() => cache.Alloc());
        Assert.Throws<TimeZoneNotFoundException>(() => cache.TryAlloc(out _)); // and it warns on
        cache.Free(only);
        Assert.Equal(only, cache.Alloc());
        cache.Free(only);
    }

    [Fact]
    public void Options_OutOfRange()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        Refused(new SlabCacheOptions { MaxObjects = -1 }, "options.MaxObjects");
        Refused(new SlabCacheOptions { MaxBytes = -1 }, "options.MaxBytes");
        Assert.Contains($"{Page.Size} bytes", Refused(new SlabCacheOptions { MaxBytes = Page.Size - 1 }, "options.MaxBytes"), StringComparison.Ordinal);
        Refused(new SlabCacheOptions { LimitWarningInterval = TimeSpan.FromTicks(-1) }, "options.LimitWarningInterval");
        Assert.Empty(runtime.Caches);

        string Refused(SlabCacheOptions options, string option)
        {
            var error = Assert.Throws<ArgumentOutOfRangeException>(() => runtime.CreateCache("o", 64, options));
            Assert.Equal(option, error.ParamName);
            return error.Message;
        }
    }

    private sealed class Life : ISlabLife<long>
    {
        public static bool Construct(ref long value) => true;

        public static void Destruct(ref long value)
        {
        }
    }
}
