using System.Collections.Concurrent;
using SlabGen.Tests.Concurrency;

namespace SlabGen.Tests.Zones;

/// <summary>
/// Proves that low zones give what the limit allows, leave addresses to others, and are seen whole or not at all. Catches marks
/// that come from a span of addresses, and zones that are published in two steps.
/// </summary>
[Collection(LowAddresses.Collection)]
public sealed class LowZoneTests
{
    private static readonly SlabCacheOptions s_strict = new() { Zone = ZoneKind.Dma32, Fallback = ZoneFallback.Strict };

    public LowZoneTests() => Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.Is64BitProcess, "needs addresses below 4 GiB");

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(16)]
    public void A_small_runtime_has_nearly_all_of_its_limit_in_Dma32(int mebibytes)
    {
        using SlabRuntime runtime = New(mebibytes << 20);
        long limit = runtime.MemoryLimit / PageAllocator.PageSize;
        var held = new List<PagePtr>();
        while (runtime.Pages.TryAllocPages(GfpFlags.Kernel | GfpFlags.Dma32, 0, out PagePtr page))
        {
            held.Add(page);
        }

        Zone dma32 = runtime.Pages.Zones.Single(z => z.Kind == ZoneKind.Dma32), normal = runtime.Pages.Zones.Single(z => z.Kind == ZoneKind.Normal);
        Assert.Equal(limit, dma32.ManagedPages);
        Assert.Equal(normal.MinWatermark, dma32.MinWatermark);
        Assert.InRange(held.Count, limit - dma32.MinWatermark - 1, limit);
        Assert.True(held.Count >= limit * 15 / 16, $"{held.Count} of {limit} pages");
        held.ForEach(runtime.Pages.FreePages);

        long before = normal.MinWatermark;
        using SlabRuntime plain = New(mebibytes << 20);
        Assert.Equal(plain.Pages.Zones[0].MinWatermark, before); // that there is a low zone takes nothing from the others
    }

    [Fact]
    public void A_strict_cache_of_a_small_runtime_evicts_nothing_while_memory_is_free()
    {
        using SlabRuntime runtime = New(16 << 20);
        KmemCache cache = runtime.CreateCache("low", 1024, s_strict);
        var user = new CountingShrinker();
        runtime.Shrinkers.Register(user);
        nint[] objects = new nint[5 << 10];
        cache.AllocBulk(objects); // 5 MiB
        runtime.Background.WakeToReap(); // whatever else there is to do, the zones are looked at as well
        Assert.False(SpinWait.SpinUntil(() => user.Calls > 0, 300));
        Assert.True(runtime.Pages.IsBalanced);
        cache.FreeBulk(objects);
    }

    [Fact]
    public void A_low_zone_that_is_full_evicts_nothing_while_memory_is_free()
    {
        using var runtime = new SlabRuntime(Options(64 << 20) with { DmaEnd = 4 << 20 });
        var user = new CountingShrinker();
        runtime.Shrinkers.Register(user);
        var held = new List<PagePtr>();
        while (runtime.Pages.TryAllocPages(GfpFlags.NoWait | GfpFlags.Dma, 0, out PagePtr page))
        {
            held.Add(page);
        }

        Assert.NotEmpty(held);
        Assert.True(SpinWait.SpinUntil(() => runtime.Background.Passes > 0, 60_000), "it was woken");
        runtime.Background.WakeToReap();
        Assert.False(SpinWait.SpinUntil(() => user.Calls > 0, 300));
        held.ForEach(runtime.Pages.FreePages);
        runtime.Pages.DrainPageSets();
        Assert.True(runtime.Pages.IsBalanced);
    }

    [Fact]
    public void Each_runtime_leaves_low_addresses_to_the_next()
    {
        var runtimes = new List<SlabRuntime>();
        for (int i = 0; i < 5; i++)
        {
            runtimes.Add(new SlabRuntime(Options(SlabRuntimeOptionsLimit()) with { MinFreeBytes = 0 }));
            PagePtr page = runtimes[i].Pages.AllocPages(GfpFlags.Kernel | GfpFlags.Dma32, 0);
            Assert.Equal(ZoneKind.Dma32, page.Zone.Kind);
            Assert.InRange((long)page.Zone.PresentPages, 1, (1L << 32) / PageAllocator.PageSize / 2);
            runtimes[i].Pages.FreePages(page);
        }

        // One whose limit is small takes no more than that, in whole sections.
        runtimes.Add(New(6 << 20));
        PagePtr small = runtimes[^1].Pages.AllocPages(GfpFlags.Kernel | GfpFlags.Dma32, 0);
        Assert.InRange((long)small.Zone.PresentPages * PageAllocator.PageSize, 6 << 20, 12 << 20);
        runtimes[^1].Pages.FreePages(small);
        Assert.All(runtimes, TestRuntime.CheckHealth);
        runtimes.ForEach(r => r.Dispose());

        static long SlabRuntimeOptionsLimit() => new SlabRuntimeOptions().MemoryLimit;
    }

    [Fact]
    public void A_zone_that_comes_while_others_ask_is_seen_whole()
    {
        const int Threads = 4, Rounds = 300;
        SlabRuntimeOptions options = Options(4 << 20) with { DmaEnd = 4 << 20, Dma32End = 16 << 20 }; // few addresses are soon looked through
        var runtime = new SlabRuntime(options);
        long end = Environment.TickCount64 + 3000;
        bool isOver = false; // written between the rounds
        var errors = new ConcurrentQueue<Exception>();
        using var barrier = new Barrier(Threads, _ =>
        {
            TestRuntime.CheckHealth(runtime);
            runtime.Dispose();
            runtime = new SlabRuntime(options);
            isOver = Environment.TickCount64 > end;
        });
        var threads = new TestThreads();
        for (int t = 0; t < Threads; t++)
        {
            bool makesCache = t % 2 == 0;
            threads.Start(() =>
            {
                for (int round = 0; round < Rounds && !isOver; round++)
                {
                    try
                    {
                        Use(runtime, makesCache);
                    }
                    catch (Exception error)
                    {
                        errors.Enqueue(error); // and on to the barrier, where the others wait
                    }

                    barrier.SignalAndWait(CancellationToken.None);
                }
            });
        }

        threads.Join();
        Assert.Empty(errors);
        runtime.Dispose();

        static unsafe void Use(SlabRuntime runtime, bool makesCache)
        {
            if (makesCache)
            {
                KmemCache cache = runtime.CreateCache("low", 64, s_strict with { Checked = true });
                for (int i = 0; i < 10; i++)
                {
                    nint address = cache.Alloc();
                    *(long*)address = address;
                    cache.Free(address);
                }
            }

            PagePtr page = runtime.Pages.AllocPages(GfpFlags.Kernel | GfpFlags.Dma32, 0);
            Assert.Equal(page, runtime.Pages.PageOf(page.Address));
            *(long*)page.Address = page.Address;
            runtime.Pages.FreePages(page.Address);
        }
    }

    private static SlabRuntime New(long limit) => new(Options(limit));

    private static SlabRuntimeOptions Options(long limit) => new()
    {
        MemoryLimit = limit,
        Processors = 1,
        ReapInterval = Timeout.InfiniteTimeSpan,
        Pressure = TestRuntime.NoPressure,
    };

    private sealed class CountingShrinker() : Shrinker("user")
    {
        private int _calls;

        public int Calls => Volatile.Read(ref _calls);

        protected internal override long CountObjects(in ShrinkControl control) => 1_000_000;

        protected internal override long ScanObjects(ref ShrinkControl control)
        {
            Interlocked.Increment(ref _calls);
            return control.ToScan;
        }
    }
}
