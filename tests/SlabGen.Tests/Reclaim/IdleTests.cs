using SlabGen.Reclaim;

namespace SlabGen.Tests.Reclaim;

/// <summary>Nothing of the allocator wakes while nothing is held, and less and less often while nothing changes.</summary>
public sealed class IdleTests
{
    private static readonly TimeSpan s_often = TimeSpan.FromMilliseconds(10);

    [Fact]
    public void Nothing_wakes_while_no_memory_is_held()
    {
        var source = new Counting();
        using var monitor = new PressureMonitor([source], s_often);
        var clock = new ReapClock();
        using SlabRuntime runtime = New(monitor);
        using var timer = new ReapTimer(runtime.Reclaim, s_often, clock);
        timer.Start();
        monitor.Start();
        Assert.True(SpinWait.SpinUntil(() => !clock.Worker.Runs && !monitor.Worker.Runs, 60_000), "both look once, and end");
        CheckAsleep();

        KmemCache cache = runtime.CreateCache("o", 64);
        nint live = cache.Alloc(); // wakes the monitor; the timer is not the runtime's own
        timer.Start();
        long asked = source.Asked, ticks = clock.Worker.Passes;
        Assert.True(SpinWait.SpinUntil(() => source.Asked > asked + 2 && clock.Worker.Passes > ticks + 2, 60_000), "both are at work");

        cache.Free(live);
        runtime.Shrink();
        Assert.Equal(0, runtime.CommittedBytes);
        Assert.True(SpinWait.SpinUntil(() => !clock.Worker.Runs && !monitor.Worker.Runs && !runtime.Background.Worker.Runs, 60_000), "all have ended");
        CheckAsleep();

        live = cache.Alloc(); // and again
        asked = source.Asked;
        Assert.True(SpinWait.SpinUntil(() => source.Asked > asked, 60_000));
        cache.Free(live);

        void CheckAsleep()
        {
            long before = source.Asked + clock.Worker.Passes + monitor.Worker.Passes + runtime.Background.Worker.Passes;
            Thread.Sleep(500);
            Assert.Equal(before, source.Asked + clock.Worker.Passes + monitor.Worker.Passes + runtime.Background.Worker.Passes);
        }
    }

    [Fact]
    public void While_nothing_changes_the_machine_is_asked_less_and_less_often()
    {
        var source = new Counting();
        using var monitor = new PressureMonitor([source], s_often);
        using SlabRuntime runtime = New(monitor);
        KmemCache cache = runtime.CreateCache("o", 64);
        nint live = cache.Alloc();
        long start = Environment.TickCount64;
        Thread.Sleep(1000);
        Assert.True(SpinWait.SpinUntil(() => source.Asked > 0, 60_000), "it is never asked");
        Assert.InRange(source.Asked, 1, 10 + ((Environment.TickCount64 - start) / 40)); // 10, 20, 40, 80, 80, ... ms: 16; every 10 ms would be 100

        source.IsShortNow = true;
        long before = source.Asked;
        Assert.True(SpinWait.SpinUntil(() => source.Asked > before + 20, 60_000)); // at once an interval
        source.IsShortNow = false;
        cache.Free(live);
    }

    [Fact]
    public void A_source_that_throws_ends_nothing_and_whoever_reclaims_is_told()
    {
        var source = new Counting { Failure = new IOException("gone") };
        using var monitor = new PressureMonitor([source], s_often);
        using SlabRuntime runtime = New(monitor);
        KmemCache cache = runtime.CreateCache("o", 64);
        nint live = cache.Alloc();
        Assert.True(SpinWait.SpinUntil(() => source.Asked > 0 && !monitor.Worker.Runs, 60_000));
        Exception? told = null;
        Assert.True(SpinWait.SpinUntil(() => (told = Record.Exception(runtime.Reclaim.Pending.Throw)) is not null, 60_000));
        Assert.Equal("gone", Assert.IsType<IOException>(told).Message);

        source.Failure = null;
        nint[] more = new nint[10_000];
        cache.AllocBulk(more); // takes memory, and so has the machine watched again
        long asked = source.Asked;
        Assert.True(SpinWait.SpinUntil(() => source.Asked > asked, 60_000));
        cache.FreeBulk(more);
        cache.Free(live);
    }

    private static SlabRuntime New(PressureMonitor monitor) =>
        new(new SlabRuntimeOptions { MemoryLimit = 64 << 20, ReapInterval = Timeout.InfiniteTimeSpan, Pressure = monitor });

    private sealed class Counting : PressureSource
    {
        private long _asked;

        public override string Name => "counting";

        public long Asked => Volatile.Read(ref _asked);

        public bool IsShortNow { get; set; }

        public Exception? Failure { get; set; }

        public override bool IsShort()
        {
            Interlocked.Increment(ref _asked);
            return Failure is null ? IsShortNow : throw Failure;
        }
    }
}
