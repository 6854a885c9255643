namespace SlabGen.Tests.Reclaim;

/// <summary>
/// Rounds against numbers computed by hand from <c>do_shrink_slab</c> of Linux 6: how many objects each scan is asked for,
/// and what is left to the next round.
/// </summary>
public sealed class ShrinkArithmeticTests
{
    private readonly ShrinkerRegistry _registry = new();

    [Fact]
    public void LeastPressure_ScansWholeBatches_AndDefersTheRest()
    {
        TestShrinker shrinker = Register(new TestShrinker { Freeable = 1_000_000 });

        // 1,000,000 >> 12 = 244; * 4 / 2 = 488 = 3 * 128 + 104.
        Assert.Equal(384, _registry.Shrink(GfpFlags.Kernel, 0, 12));
        Assert.Equal([128, 128, 128], shrinker.TakeScanSizes());
        Assert.Equal(104, shrinker.Deferred());

        // 104 >> 12 = 0: the deferred work waits for a higher pressure, and grows.
        Assert.Equal(384, _registry.Shrink(GfpFlags.Kernel, 0, 12));
        Assert.Equal(208, shrinker.Deferred());

        // (208 >> 6) + (1,000,000 >> 6) * 4 / 2 = 3 + 31,250 = 244 * 128 + 21; 208 + 31,250 - 31,232 = 226.
        Assert.Equal(31_232, _registry.Shrink(GfpFlags.Kernel, 0, 6));
        Assert.Equal(226, shrinker.Deferred());
    }

    [Theory]
    [InlineData(1, 976, 7, 80)] // 244 * 4 / 1 = 976 = 7 * 128 + 80
    [InlineData(2, 488, 3, 104)]
    [InlineData(3, 325, 2, 69)] // 976 / 3 = 325.33
    [InlineData(8, 122, 0, 122)]
    [InlineData(1000, 0, 0, 0)]
    [InlineData(int.MaxValue, 0, 0, 0)]
    public void MoreSeeks_MeanFewerObjects(int seeks, long delta, int batches, long deferred)
    {
        Assert.Equal(delta, (batches * 128) + deferred);
        TestShrinker shrinker = Register(new TestShrinker(seeks: seeks) { Freeable = 1_000_000 });
        Assert.Equal(batches * 128, _registry.Shrink(GfpFlags.Kernel, 0, 12));
        Assert.Equal(deferred, shrinker.Deferred());
    }

    [Theory]
    [InlineData(12)]
    [InlineData(0)]
    public void NoSeeks_MeansHalf_AtAnyPressure(int priority)
    {
        TestShrinker shrinker = Register(new TestShrinker(seeks: 0) { Freeable = 1001 });
        Assert.Equal(384, _registry.Shrink(GfpFlags.Kernel, 0, priority)); // 500 = 3 * 128 + 116
        Assert.Equal(116, shrinker.Deferred());
    }

    [Fact]
    public void FewerObjectsThanABatch_AreScannedOnlyUnderGreatPressure()
    {
        TestShrinker shrinker = Register(new TestShrinker { Freeable = 100 });

        // delta = (100 >> p) * 2: 0 down to p = 7, then 2, 6, 12, 24, 50; all below 100.
        for (int priority = 12; priority >= 2; priority--)
        {
            Assert.Equal(0, _registry.Shrink(GfpFlags.Kernel, 0, priority));
        }

        Assert.Empty(shrinker.Scans);
        Assert.Equal(94, shrinker.Deferred());

        // (94 >> 1) + (100 >> 1) * 2 = 147, below the cap of 200: one batch of 128, and 19 are below both bounds. 94 + 100 - 128 = 66.
        Assert.Equal(128, _registry.Shrink(GfpFlags.Kernel, 0, 1));
        Assert.Equal([128], shrinker.TakeScanSizes());
        Assert.Equal(66, shrinker.Deferred());
    }

    [Fact]
    public void WhatEqualsAllObjects_IsScannedThoughItIsLessThanABatch()
    {
        TestShrinker shrinker = Register(new TestShrinker { Freeable = 100 });
        Assert.Equal(100, _registry.Shrink(GfpFlags.Kernel, 0, 1)); // (100 >> 1) * 2 = 100 >= 100
        Assert.Equal([100], shrinker.TakeScanSizes());
        Assert.Equal(0, shrinker.Deferred());
    }

    [Fact]
    public void AtMostTwiceTheObjects_AreWantedAndDeferred()
    {
        TestShrinker shrinker = Register(new TestShrinker { Freeable = 1000, OnScan = StopAtOnce });
        for (int i = 0; i < 3; i++)
        {
            _registry.Shrink(GfpFlags.Kernel, 0, 0); // 2000 each
        }

        Assert.Equal(2000, shrinker.Deferred());
        shrinker.TakeScanSizes();
        shrinker.OnScan = null;

        // min(2000 + 2000, 2 * 1000) = 2000 = 15 * 128 + 80; next min(2000 + 2000 - 1920, 2000) = 2000.
        Assert.Equal(1920, _registry.Shrink(GfpFlags.Kernel, 0, 0));
        Assert.Equal(2000, shrinker.Deferred());

        // The cap follows the objects: min(2000 + 20, 20) = 20, two scans' worth of 10 asked for at once.
        shrinker.TakeScanSizes();
        shrinker.Freeable = 10;
        _registry.Shrink(GfpFlags.Kernel, 0, 0);
        Assert.Equal([20], shrinker.TakeScanSizes());
        Assert.Equal(20, shrinker.Deferred());
    }

    [Fact]
    public void Stop_DefersWhatTheScanWasAskedFor()
    {
        int calls = 0;
        TestShrinker shrinker = Register(new TestShrinker
        {
            Freeable = 1_000_000,
            OnScan = (ref ShrinkControl control) => ++calls == 2 ? Shrinker.Stop : 5,
        });
        Assert.Equal(5, _registry.Shrink(GfpFlags.Kernel, 0, 12));
        Assert.Equal([128, 128], shrinker.TakeScanSizes());
        Assert.Equal(360, shrinker.Deferred()); // 488 - 128
    }

    [Fact]
    public void Scanned_CountsInsteadOfToScan()
    {
        TestShrinker shrinker = Register(new TestShrinker { Freeable = 1_000_000, OnScan = Scanning(100) });
        Assert.Equal(4, _registry.Shrink(GfpFlags.Kernel, 0, 12)); // 488, 388, 288, 188, and 88 is less than a batch
        Assert.Equal(88, shrinker.Deferred());

        shrinker.OnScan = Scanning(500); // 488 - 500 < 0; 88 + 488 - 500 = 76
        Assert.Equal(1, _registry.Shrink(GfpFlags.Kernel, 0, 12));
        Assert.Equal(76, shrinker.Deferred());

        shrinker.OnScan = Scanning(long.MaxValue);
        Assert.Equal(1, _registry.Shrink(GfpFlags.Kernel, 0, 12));
        Assert.Equal(0, shrinker.Deferred());

        // The kernel would ask for ever.
        shrinker.OnScan = Scanning(0);
        Assert.Equal(1, _registry.Shrink(GfpFlags.Kernel, 0, 12));
        Assert.Equal(488, shrinker.Deferred());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(Shrinker.Empty)]
    public void NoObjects_NoScan_AndDeferredWorkStays(long count)
    {
        TestShrinker shrinker = Register(new TestShrinker { Freeable = count });
        shrinker.Defer(0, 300);
        Assert.Equal(0, _registry.Shrink(GfpFlags.Kernel, 0, 0));
        Assert.Empty(shrinker.Scans);
        Assert.Equal(300, shrinker.Deferred());
    }

    [Fact]
    public void EveryNode_HasDeferredWorkOfItsOwn()
    {
        TestShrinker shrinker = Register(new TestShrinker { Freeable = 1_000_000 });
        _registry.Shrink(GfpFlags.Atomic, 3, 12);
        Assert.All(shrinker.Scans, s => Assert.Equal((GfpFlags.Atomic, 3, 128L, 128L), (s.Gfp, s.Node, s.ToScan, s.Scanned)));
        Assert.Equal(104, shrinker.Deferred(3));
        Assert.Equal(0, shrinker.Deferred(0));
    }

    [Fact]
    public void TheLargestNumbers_DoNotOverflow()
    {
        TestShrinker shrinker = Register(new TestShrinker(seeks: 1, batch: long.MaxValue) { Freeable = long.MaxValue });

        // delta = 4 * MaxValue, cap 2 * MaxValue: two scans; the rest, 2 * MaxValue, and their sum do not fit.
        Assert.Equal(long.MaxValue, _registry.Shrink(GfpFlags.Kernel, 0, 0));
        Assert.Equal([long.MaxValue, long.MaxValue], shrinker.TakeScanSizes());
        Assert.Equal(long.MaxValue, shrinker.Deferred());

        shrinker.OnScan = StopAtOnce;
        Assert.Equal(0, _registry.Shrink(GfpFlags.Kernel, 0, 0));
        shrinker.Defer(0, long.MaxValue);
        Assert.Equal(long.MaxValue, shrinker.Deferred());
    }

    private static long StopAtOnce(ref ShrinkControl control) => Shrinker.Stop;

    /// <summary>Scans that look at so many objects and free one.</summary>
    private static TestShrinker.ScanBody Scanning(long objects) => (ref ShrinkControl control) =>
    {
        control.Scanned = objects;
        return 1;
    };

    private TestShrinker Register(TestShrinker shrinker)
    {
        _registry.Register(shrinker);
        return shrinker;
    }
}
