using System.Diagnostics;

namespace SlabGen.Tests.Reclaim;

/// <summary>Proves that an allocation does not wait for a shrinker that counts much and frees next to nothing. Catches rounds without a bound.</summary>
public sealed class FruitlessShrinkerTests
{
    private const int Slow = 100; // iterations, some 10 µs of a scan

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_shrinker_that_frees_next_to_nothing_holds_no_allocation(int freed)
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        var user = new Fruitless(freed);
        runtime.Shrinkers.Register(user);
        var held = new List<PagePtr>();
        while (runtime.Pages.TryAllocPages(GfpFlags.NoWait, 0, out PagePtr page))
        {
            held.Add(page);
        }

        long began = Stopwatch.GetTimestamp();
        Assert.Throws<OutOfMemoryException>(() => runtime.Pages.AllocPages(GfpFlags.Kernel, 0));
        TimeSpan took = Stopwatch.GetElapsedTime(began);
        Assert.True(took < TimeSpan.FromSeconds(10), $"{took}"); // 0.26 s of its own; before, minutes
        Assert.InRange(user.Scans, ShrinkerRegistry.DefaultPriority, int.MaxValue); // it was asked at each priority
        held.ForEach(runtime.Pages.FreePages);
    }

    [Fact]
    public void What_it_had_left_to_do_is_deferred()
    {
        var registry = new ShrinkerRegistry();
        var user = new Fruitless(freed: 0);
        registry.Register(user);
        registry.Shrink(GfpFlags.Kernel, node: 0, priority: 0, TimeSpan.Zero);
        Assert.Equal(1, user.Scans);
        Assert.Equal((2 * Fruitless.Objects) - Shrinker.DefaultBatch, user.TakeDeferred(0));
    }

    [Fact]
    public void One_that_frees_is_let_go_on()
    {
        var registry = new ShrinkerRegistry();
        var user = new Fruitless(freed: 3); // of 128: more than one in 64
        registry.Register(user);
        Assert.Equal(3 * 3814, registry.Shrink(GfpFlags.Kernel, node: 0, priority: 12, TimeSpan.Zero)); // (1e9 >> 12) * 2 / 128
    }

    private sealed class Fruitless(int freed) : Shrinker("fruitless")
    {
        public const long Objects = 1_000_000_000;

        private int _scans;

        public int Scans => Volatile.Read(ref _scans);

        protected internal override long CountObjects(in ShrinkControl control) => Objects;

        protected internal override long ScanObjects(ref ShrinkControl control)
        {
            Interlocked.Increment(ref _scans);
            Thread.SpinWait(Slow);
            return freed;
        }
    }
}
