using SlabGen.Tests.Concurrency;

namespace SlabGen.Tests.Reclaim;

/// <summary>Passes of several threads, and shrinkers that come and go meanwhile.</summary>
public sealed class ShrinkersUnderThreads
{
    private readonly ShrinkerRegistry _registry = new();

    [Fact]
    public void Unregister_WaitsForTheRoundUnderWay_AndSoDoesASecondCall()
    {
        using var inside = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        bool ended = false;
        var shrinker = new TestShrinker { Freeable = 64 };
        shrinker.OnScan = (ref ShrinkControl control) =>
        {
            Assert.True(_registry.Unregister(shrinker)); // does not wait for itself
            inside.Set();
            goOn.Wait();
            Volatile.Write(ref ended, true);
            return Shrinker.Stop;
        };
        _registry.Register(shrinker);

        var threads = new TestThreads();
        threads.Start(() => _registry.Shrink(GfpFlags.Kernel, 0, 0));
        threads.WaitUntil(() => inside.IsSet, "the scan");
        Thread waiting = threads.Start(() =>
        {
            Assert.False(_registry.Unregister(shrinker));
            Assert.True(Volatile.Read(ref ended));
        });
        Assert.False(waiting.Join(50));
        goOn.Set();
        threads.Join();
    }

    [Fact]
    public void TwoShrinkers_ThatUnregisterEachOther_DoNotDeadlock()
    {
        var other = new ShrinkerRegistry();
        using var both = new Barrier(2);
        var a = new TestShrinker("a");
        var b = new TestShrinker("b");
        a.OnCount = () => Meet(other, b);
        b.OnCount = () => Meet(_registry, a);
        _registry.Register(a);
        other.Register(b);
        TestThreads.Run(2, i => (i == 0 ? _registry : other).Shrink(GfpFlags.Kernel, 0, 0));
        Assert.Empty(_registry.All);
        Assert.Empty(other.All);

        void Meet(ShrinkerRegistry registry, Shrinker shrinker)
        {
            both.SignalAndWait();
            Assert.True(registry.Unregister(shrinker));
            both.SignalAndWait();
        }
    }

    [Fact]
    public void DeferredWork_IsDoneOnce_ByWhicheverThreadTakesIt()
    {
        using var both = new Barrier(2);
        var shrinker = new TestShrinker { Freeable = 100_000, OnScan = (ref ShrinkControl control) => Shrinker.Stop };
        _registry.Register(shrinker);
        shrinker.Defer(0, 1000);
        shrinker.OnCount = both.SignalAndWait;
        TestThreads.Run(2, _ => _registry.Shrink(GfpFlags.Kernel, 0, 12));
        shrinker.OnCount = null;
        Assert.Equal(1000 + 48 + 48, shrinker.Deferred()); // delta = (100,000 >> 12) * 2 = 48: too few to scan, added by both
    }

    [Fact]
    public void NoCall_ComesAfterUnregister_WhileOthersShrink()
    {
        var threads = new TestThreads();
        bool stop = false;
        for (int i = 0; i < 3; i++)
        {
            threads.Start(() =>
            {
                while (!Volatile.Read(ref stop))
                {
                    _registry.Shrink(GfpFlags.Kernel, 0, Environment.CurrentManagedThreadId % 13);
                }
            });
        }

        for (int i = 0; i < 2; i++)
        {
            threads.Start(() =>
            {
                try
                {
                    while (!Volatile.Read(ref stop))
                    {
                        ComeAndGo();
                    }
                }
                finally
                {
                    Volatile.Write(ref stop, true);
                }
            });
        }

        Thread.Sleep(TestThreads.StressTime / 4);
        Volatile.Write(ref stop, true);
        threads.Join();
        Assert.Empty(_registry.All);
    }

    private void ComeAndGo()
    {
        bool gone = false;
        int calls = 0, callsAfter = 0;
        var shrinker = new CallbackShrinker(() =>
        {
            if (Volatile.Read(ref gone))
            {
                Interlocked.Increment(ref callsAfter);
            }

            Interlocked.Increment(ref calls);
            Thread.Yield();
        });
        _registry.Register(shrinker);
        SpinWait.SpinUntil(() => Volatile.Read(ref calls) > 3, 20);
        Assert.True(_registry.Unregister(shrinker));
        Volatile.Write(ref gone, true);
        int before = Volatile.Read(ref calls);
        Thread.Yield();
        Assert.Equal(before, Volatile.Read(ref calls));
        Assert.Equal(0, Volatile.Read(ref callsAfter));
    }

    /// <summary>A shrinker that any number of threads may be in.</summary>
    private sealed class CallbackShrinker(Action called) : Shrinker("callback")
    {
        protected internal override long CountObjects(in ShrinkControl control)
        {
            called();
            return 200;
        }

        protected internal override long ScanObjects(ref ShrinkControl control)
        {
            called();
            return control.ToScan;
        }
    }
}
