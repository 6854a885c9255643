using SlabGen.Tests.Concurrency;

namespace SlabGen.Tests.Reclaim;

/// <summary>Under the low watermark memory comes back before anybody waits; before failing, whoever may wait asks everyone.</summary>
public sealed class BackgroundReclaimTests
{
    [Fact]
    public void UnderTheLowWatermark_TheThreadWakes_AndStopsAtHigh()
    {
        SlabRuntime runtime = New();
        Zone zone = runtime.Pages.Zones[0];
        KmemCache cache = runtime.CreateCache("idle", 1024);
        var threads = new TestThreads();
        using var end = new ManualResetEventSlim();
        int idle = 0;
        for (int t = 0; t < 4; t++)
        {
            threads.Start(() =>
            {
                nint[] objects = new nint[500];
                cache.AllocBulk(objects);
                cache.FreeBulk(objects);
                Interlocked.Increment(ref idle);
                end.Wait();
            });
        }

        threads.WaitUntil(() => Volatile.Read(ref idle) == 4, "all have freed");
        long cached = cache.Snapshot().CachedObjects;
        Assert.True(cached > 500, $"{cached} cached");
        var held = new List<PagePtr>();
        while (zone.FreePages >= zone.LowWatermark)
        {
            held.Add(runtime.Pages.AllocPages(GfpFlags.NoWait, 0)); // takes nothing back by itself
        }

        held.Add(runtime.Pages.AllocPages(GfpFlags.NoWait, 4));
        threads.WaitUntil(() => zone.FreePages >= zone.HighWatermark, "the zone is at its high watermark");
        Assert.True(runtime.Background.Passes > 0);
        Assert.True(cache.Snapshot().CachedObjects < cached);
        Assert.True(zone.PagesScanned > 0);
        end.Set();
        threads.Join();
        held.ForEach(runtime.Pages.FreePages);
        runtime.Dispose();
    }

    [Fact]
    public void WithNothingToHave_ItRests()
    {
        using SlabRuntime runtime = New();
        var held = new List<PagePtr>();
        while (runtime.Pages.TryAllocPages(GfpFlags.NoWait, 0, out PagePtr page))
        {
            held.Add(page);
        }

        long before = runtime.Background.Passes, began = Environment.TickCount64;
        while (Environment.TickCount64 - began < 500)
        {
            if (runtime.Pages.TryAllocPages(GfpFlags.NoWait, 0, out PagePtr late))
            {
                held.Add(late); // a page that waited in the set of another processor, which background reclaim drains
            }
        }

        long passes = runtime.Background.Passes - before, time = Environment.TickCount64 - began;
        Assert.InRange(passes, 0, 15 + (time / 100)); // 10 to a second, and some at the edges
        held.ForEach(runtime.Pages.FreePages);
    }

    [Fact]
    public void DirectReclaim_AsksShrinkers_BeforeItFails()
    {
        using SlabRuntime runtime = New();
        KmemCache cache = runtime.CreateCache("hoard", 1024);
        var hoard = new Hoard(cache);
        runtime.Shrinkers.Register(hoard);
        while (hoard.Freed == 0 && cache.TryAlloc(out nint address))
        {
            hoard.Keep(address);
        }

        Assert.True(hoard.Freed > 0, "the last allocations were served by what it gave up");
        PagePtr page = runtime.Pages.AllocPages(GfpFlags.Kernel, 3);
        runtime.Pages.FreePages(page);
        hoard.GiveUp(int.MaxValue);
    }

    [Fact]
    public void ABulk_ThatNeedsMuch_HasAllOfItAskedFor()
    {
        using SlabRuntime runtime = New();
        KmemCache cache = runtime.CreateCache("hoard", 256), wanted = runtime.CreateCache("wanted", 1024);
        var hoard = new Hoard(cache);
        runtime.Shrinkers.Register(hoard);
        nint[] hoarded = new nint[10_000], objects = new nint[3000]; // 2.4 of 4 MiB, and 2.9
        cache.AllocBulk(hoarded);
        Array.ForEach(hoarded, hoard.Keep);
        wanted.AllocBulk(objects);
        Assert.InRange(hoard.Freed, 5000, 10_000);
        wanted.FreeBulk(objects);
        hoard.GiveUp(int.MaxValue);
    }

    [Fact]
    public void AShrinkerThatThrows_IsHeardByWhoeverReclaims_AndNothingIsLost()
    {
        using SlabRuntime runtime = New();
        var held = new List<PagePtr>();
        while (runtime.Pages.TryAllocPages(GfpFlags.Kernel, 0, out PagePtr page))
        {
            held.Add(page);
        }

        var bad = new Thrower();
        runtime.Shrinkers.Register(bad);
        Assert.Throws<FormatException>(() => runtime.Pages.AllocPages(GfpFlags.Kernel, 0));
        Exception? heard = null;
        runtime.Shrinkers.ShrinkerFailed += (_, e) => heard = e;
        Assert.Throws<OutOfMemoryException>(() => runtime.Pages.AllocPages(GfpFlags.Kernel, 0));
        Assert.IsType<FormatException>(heard);
        TestRuntime.CheckHealth(runtime);
        held.ForEach(runtime.Pages.FreePages);
    }

    [Fact]
    public void WakingBesideTheEnd_IsHarmless()
    {
        for (int round = 0; round < 300; round++)
        {
            SlabRuntime runtime = New();
            var threads = new TestThreads();
            bool end = false;
            for (int t = 0; t < 2; t++)
            {
                threads.Start(() =>
                {
                    while (!Volatile.Read(ref end))
                    {
                        runtime.Background.WakeToReap(); // as the timer does
                    }
                });
            }

            Thread.SpinWait(round * 50);
            runtime.Background.Dispose();
            Volatile.Write(ref end, true);
            threads.Join();
        }
    }

    private static SlabRuntime New() => new(new SlabRuntimeOptions
    {
        MemoryLimit = 4096L * 1024,
        MinFreeBytes = 256 * 1024,
        Processors = 1,
        ReapInterval = Timeout.InfiniteTimeSpan,
        Pressure = TestRuntime.NoPressure,
    });

    private sealed class Hoard(KmemCache cache) : Shrinker("hoard")
    {
        private readonly Stack<nint> _objects = new();

        public long Freed { get; private set; }

        public void Keep(nint address)
        {
            lock (_objects)
            {
                _objects.Push(address);
            }
        }

        public void GiveUp(long count)
        {
            lock (_objects)
            {
                for (; count > 0 && _objects.TryPop(out nint address); count--, Freed++)
                {
                    cache.Free(address);
                }
            }
        }

        // Background reclaim asks as well; this one gives only to those who wait.
        protected internal override long CountObjects(in ShrinkControl control) =>
            Thread.CurrentThread.Name == "SlabGen reclaim" ? 0 : _objects.Count;

        protected internal override long ScanObjects(ref ShrinkControl control)
        {
            long before = Freed;
            GiveUp(control.ToScan);
            return Freed - before;
        }
    }

    private sealed class Thrower() : Shrinker("thrower")
    {
        protected internal override long CountObjects(in ShrinkControl control) =>
            Thread.CurrentThread.Name == "SlabGen reclaim" ? 0 : throw new FormatException("no");

        protected internal override long ScanObjects(ref ShrinkControl control) => Stop;
    }
}
