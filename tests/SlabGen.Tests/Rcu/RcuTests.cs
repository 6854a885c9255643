using System.Diagnostics;
using SlabGen.Tests.Concurrency;

namespace SlabGen.Tests;

/// <summary>Read-side sections and those who wait for them. There is one RCU for the process, and so these run one after the other.</summary>
[Collection("Rcu")]
[CollectionDefinition("Rcu", DisableParallelization = true)] // the periods and the callbacks are those of the process
public sealed class RcuTests
{
    private static GracePeriods Periods => GracePeriods.OfProcess;

    [Fact]
    public void Sections_Nest_AndEndWithTheOutermost()
    {
        Assert.False(Rcu.IsReading);
        using (Rcu.Read())
        {
            using (Rcu.Read())
            {
                Assert.True(Rcu.IsReading);
            }

            Assert.True(Rcu.IsReading);
        }

        Assert.False(Rcu.IsReading);
        Rcu.Synchronize();
    }

    [Fact]
    public void APeriod_WaitsForASectionOpenBefore_AndNotForALaterOne()
    {
        using var before = new RcuReaderThread();
        long number = GracePeriods.Snapshot();
        Assert.False(Periods.Poll(number)); // begun, and the reader was there
        using var later = new RcuReaderThread();
        Assert.False(Periods.Poll(number));
        before.Leave();
        Assert.True(Periods.Poll(number));
        Assert.True(Periods.HasPassed(number));
        Assert.False(Periods.Poll(GracePeriods.Snapshot()));
        later.Leave();
    }

    [Fact]
    public void ANestedSection_KeepsTheNumberOfTheOutermost()
    {
        using var reader = new RcuReaderThread();
        long number = GracePeriods.Snapshot();
        Assert.False(Periods.Poll(number));
        reader.Run(() => Rcu.Read().Dispose()); // one inside, after the period began
        Assert.False(Periods.Poll(number));
        reader.Leave();
        Assert.True(Periods.Poll(number));
    }

    /// <summary>A period that is under way may have looked at a reader before the unlinking.</summary>
    [Fact]
    public void ASnapshot_IsNotServedByThePeriodUnderWay()
    {
        for (long until = Environment.TickCount64 + 60_000; ;)
        {
            using var reader = new RcuReaderThread();
            long first = GracePeriods.Snapshot();
            bool begun = SpinWait.SpinUntil(
                () =>
                {
                    Assert.False(Periods.Poll(first)); // begins the period, unless the background is at it this moment
                    return GracePeriods.Snapshot() == first + RcuReader.Step;
                },
                200);
            reader.Leave();
            if (begun)
            {
                Assert.True(Periods.Poll(first));
                return;
            }

            // The background began one between the reader and the snapshot: it waits for the reader, as the next does for it.
            Assert.True(Environment.TickCount64 < until, "no period begins");
        }
    }

    [Fact]
    public void Synchronize_WaitsForTheReader()
    {
        using var reader = new RcuReaderThread();
        var threads = new TestThreads();
        bool left = false;
        Thread updater = threads.Start(() =>
        {
            Rcu.Synchronize();
            Assert.True(Volatile.Read(ref left));
        });
        threads.WaitUntil(() => (updater.ThreadState & System.Threading.ThreadState.WaitSleepJoin) != 0, "the updater to wait");
        Volatile.Write(ref left, true);
        reader.Leave();
        threads.Join();
    }

    [Fact]
    public void ASectionThatADeadThreadLeftOpen_HoldsNothingUp_AndItsRecordGoes()
    {
        int before = Periods.Readers;
        for (int i = 0; i < 50; i++)
        {
            var thread = new Thread(() => Rcu.Read());
            thread.Start();
            thread.Join();
        }

        Rcu.Synchronize();
        Assert.True(Periods.Readers <= before + 5, $"{Periods.Readers} records, {before} before");
    }

    [Fact]
    public void RecordsOfDeadThreads_DoNotPileUp()
    {
        int before = Periods.Readers;
        for (int i = 0; i < 500; i++)
        {
            var thread = new Thread(() => Rcu.Read().Dispose());
            thread.Start();
            thread.Join();
        }

        Assert.True(Periods.Readers <= before + 5, $"{Periods.Readers} records, {before} before");
    }

    [Fact]
    public void Waiting_InsideASection_IsRefused()
    {
        using (Rcu.Read())
        {
            Assert.Contains("Rcu.Synchronize", Assert.Throws<InvalidOperationException>(Rcu.Synchronize).Message, StringComparison.Ordinal);
            Assert.Contains("Rcu.Barrier", Assert.Throws<InvalidOperationException>(Rcu.Barrier).Message, StringComparison.Ordinal);
        }

        Rcu.Synchronize();
        Rcu.Barrier();
    }

    [Fact]
    public void ACopyOfAScope_EndsNothingTwice()
    {
        RcuReadScope outer = Rcu.Read();
        RcuReadScope inner = Rcu.Read(), copy = inner;
        Assert.True(Throws(outer)); // an inner one is open
        Assert.True(Rcu.IsReading);
        inner.Dispose();
        Assert.True(Throws(copy));
        Assert.True(Rcu.IsReading);
        outer.Dispose();
        Assert.True(Throws(outer));
        Assert.True(Throws(default));
        Assert.False(Rcu.IsReading);

        static bool Throws(RcuReadScope scope)
        {
            try
            {
                scope.Dispose();
                return false;
            }
            catch (InvalidOperationException)
            {
                return true;
            }
        }
    }

    [Fact]
    public void Sections_NestToALimit_WhichIsNamed()
    {
        var threads = new TestThreads();
        threads.Start(() =>
        {
            for (int i = 0; i < RcuReader.Step - 1; i++)
            {
                Rcu.Read();
            }

            Assert.Contains("65535", Assert.Throws<InvalidOperationException>(() => Rcu.Read()).Message, StringComparison.Ordinal);
            Assert.True(Rcu.IsReading);
        });
        threads.Join();
        Rcu.Synchronize(); // it died in a section
    }

    [Fact]
    public void Callbacks_AreCalledInOrder_AfterTheReader_WithoutACall()
    {
        using var reader = new RcuReaderThread();
        var called = new List<int>();
        using var last = new ManualResetEventSlim();
        bool left = false, early = false;
        for (int i = 0; i < 100; i++)
        {
            Rcu.Call(
                state =>
                {
                    early |= !Volatile.Read(ref left);
                    called.Add((int)state!);
                },
                i);
        }

        Rcu.Call(last.Set);
        Periods.Poll(GracePeriods.Snapshot());
        Assert.Empty(called);
        Volatile.Write(ref left, true);
        reader.Leave();
        Assert.True(last.Wait(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
        Assert.False(early);
        Assert.Equal(Enumerable.Range(0, 100), called);
    }

    [Fact]
    public void Barrier_WaitsForWhatWasCalledBefore()
    {
        for (int round = 0; round < 20; round++)
        {
            int called = 0;
            TestThreads.Run(2, _ => Rcu.Call(() => Interlocked.Increment(ref called)));
            Rcu.Barrier();
            Assert.Equal(2, called);
        }
    }

    [Fact]
    public void ACallback_MayDeferAndWait_ButNotForItself()
    {
        Exception? refused = null;
        int called = 0;
        Rcu.Call(() =>
        {
            refused = Record.Exception(Rcu.Barrier);
            Rcu.Synchronize();
            Rcu.Call(() => called++);
        });
        Rcu.Barrier();
        Rcu.Barrier();
        Assert.IsType<InvalidOperationException>(refused);
        Assert.Equal(1, called);
    }

    [Fact]
    public void WhatACallbackThrows_ComesOutOfTheNextBarrier_AndTheOthersAreCalled()
    {
        int called = 0;
        Rcu.Call(() => throw new FormatException("one"));
        Rcu.Call(() => called++);
        Assert.Equal("one", Assert.Throws<FormatException>(Rcu.Barrier).Message);
        Assert.Equal(1, called);

        for (int i = 0; i < 20; i++)
        {
            Rcu.Call(() => throw new FormatException("many"));
        }

        var many = Assert.Throws<AggregateException>(Rcu.Barrier);
        Assert.StartsWith("20 errors", many.Message, StringComparison.Ordinal);
        Assert.Equal(16, many.InnerExceptions.Count);
        Rcu.Barrier(); // told once
    }

    [Fact]
    public void AHandler_TakesWhatACallbackThrows()
    {
        var taken = new List<string>();
        Action<Exception> handler = failure =>
        {
            taken.Add(failure.Message);
            if (failure.Message == "bad")
            {
                throw new FormatException("handler");
            }
        };
        Rcu.CallbackFailed += handler;
        try
        {
            Rcu.Call(() => throw new FormatException("good"));
            Rcu.Barrier();
            Rcu.Call(() => throw new FormatException("bad"));
            Assert.Equal(["bad", "handler"], Assert.Throws<AggregateException>(Rcu.Barrier).InnerExceptions.Select(error => error.Message));
        }
        finally
        {
            Rcu.CallbackFailed -= handler;
        }

        Assert.Equal(["good", "bad"], taken);
    }

    [Fact]
    public void ManyCallbacks_AreNotLeftToWait()
    {
        int called = 0;
        for (int i = 0; i < 50_000; i++)
        {
            Rcu.Call(() => called++);
        }

        Rcu.Barrier();
        Assert.Equal(50_000, called);
    }

    [Fact]
    public void BadArguments_AreRefused()
    {
        Assert.Throws<ArgumentNullException>(() => Rcu.Call(null!));
        Assert.Throws<ArgumentNullException>(() => Rcu.Call(null!, null));
    }

    [Fact]
    public void Interrupt_DoesNotEndAWait_AndIsKept()
    {
        using var reader = new RcuReaderThread();
        var threads = new TestThreads();
        using var done = new ManualResetEventSlim();
        Thread updater = threads.Start(() =>
        {
            Rcu.Synchronize();
            done.Set();
            Assert.Throws<ThreadInterruptedException>(() => Thread.Sleep(Timeout.Infinite));
        });
        threads.WaitUntil(() => (updater.ThreadState & System.Threading.ThreadState.WaitSleepJoin) != 0, "the updater to wait");
        updater.Interrupt();
        long number = GracePeriods.Snapshot();
        for (int i = 0; i < 20; i++)
        {
            Assert.False(Periods.Poll(number));
            Thread.Yield();
        }

        Assert.False(done.IsSet);
        reader.Leave();
        threads.Join();
    }

    /// <summary>Readers follow a pointer to memory that is overwritten once a grace period has passed.</summary>
    [Fact]
    public unsafe void UnderThreads_NoReaderSeesWhatWasFreed()
    {
        const int Readers = 3, Objects = 64;
        const long Live = 0x11111111, Dead = 0x22222222;
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        KmemCache cache = runtime.CreateCache("o", 64);
        nint[] objects = new nint[Objects];
        cache.AllocBulk(objects);
        foreach (nint o in objects)
        {
            *(long*)o = Dead;
        }

        *(long*)objects[0] = Live;
        nint shared = objects[0];
        bool stop = false;
        long sections = 0, updates = 0;
        var threads = new TestThreads();
        for (int r = 0; r < Readers; r++)
        {
            int depth = r;
            threads.Start(() =>
            {
                long mine = 0;
                for (; !Volatile.Read(ref stop); mine++)
                {
                    using (Rcu.Read())
                    {
                        nint found = Volatile.Read(ref shared);
                        for (int i = 0; i < 8; i++)
                        {
                            if (depth > 0)
                            {
                                Rcu.Read().Dispose();
                            }

                            Assert.Equal(Live, Volatile.Read(ref *(long*)found));
                        }
                    }
                }

                Interlocked.Add(ref sections, mine);
            });
        }

        threads.Start(() =>
        {
            for (int at = 1; !Volatile.Read(ref stop); at = (at + 1) % Objects, updates++)
            {
                nint old = shared;
                Volatile.Write(ref *(long*)objects[at], Live);
                Volatile.Write(ref shared, objects[at]);
                Rcu.Synchronize();
                Volatile.Write(ref *(long*)old, Dead);
            }
        });
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < TestThreads.StressTime && !threads.HasFailed)
        {
            Thread.Sleep(20);
        }

        Volatile.Write(ref stop, true);
        threads.Join();
        Assert.True(sections > 1000 && updates > 10, $"{sections} sections, {updates} updates");
        cache.FreeBulk(objects);
    }
}
