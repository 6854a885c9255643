using SlabGen.Memory;
using SlabGen.Tests.Concurrency;

namespace SlabGen.Tests.Memory;

/// <summary>The lock of the allocator: one thread inside, nobody's code run by a wait, nobody left asleep or starved.</summary>
public sealed class UninterruptibleLockTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(16)]
    public void One_thread_is_inside_at_a_time(int threads)
    {
        const int Turns = 20_000;
        var held = new UninterruptibleLock();
        long count = 0, contentions = 0;
        int inside = 0;
        TestThreads.Run(threads, _ =>
        {
            for (int i = 0; i < Turns; i++)
            {
                using (held.Hold(ref contentions))
                {
                    Assert.Equal(1, ++inside);
                    count++;
                    if (i % 1000 == 0)
                    {
                        Thread.Sleep(1); // others come meanwhile, and some of them sleep
                    }

                    inside--;
                }
            }
        });
        Assert.Equal((long)threads * Turns, count);
        Assert.InRange(contentions, 1, count);
        Assert.False(held.IsHeld);
    }

    [Fact]
    public void Contentions_are_counted_once_for_each_that_found_it_held()
    {
        var held = new UninterruptibleLock();
        long contentions = 0;
        using (held.Hold(ref contentions))
        {
        }

        Assert.Equal(0, contentions);
        var threads = new TestThreads();
        held.Enter();
        int coming = 0;
        for (int i = 0; i < 3; i++)
        {
            threads.Start(() =>
            {
                Interlocked.Increment(ref coming);
                using (held.Hold(ref contentions))
                {
                }
            });
        }

        threads.WaitUntil(() => Volatile.Read(ref coming) == 3, "the threads");
        Thread.Sleep(200); // all of them find it held
        held.Exit();
        threads.Join();
        Assert.Equal(3, contentions);
    }

    [Fact]
    public void An_entry_by_the_thread_that_is_inside_throws_and_changes_nothing()
    {
        var held = new UninterruptibleLock();
        using (held.Hold())
        {
            Assert.Throws<LockRecursionException>(() => held.Hold().Dispose());
            Assert.True(held.IsHeld);
        }

        held.Hold().Dispose();
        Assert.False(held.IsHeld);
    }

    [Fact]
    public void A_wait_calls_no_synchronization_context_and_keeps_the_interrupt()
    {
        var held = new UninterruptibleLock();
        var context = new CountingContext();
        var threads = new TestThreads();
        bool got = false, interrupted = false, waits = false;
        held.Enter();
        Thread waiter = threads.Start(() =>
        {
            SynchronizationContext.SetSynchronizationContext(context);
            Volatile.Write(ref waits, true);
            using (held.Hold())
            {
                got = true;
            }

            SynchronizationContext.SetSynchronizationContext(null);
            try
            {
                Thread.Sleep(0);
            }
            catch (ThreadInterruptedException)
            {
                interrupted = true;
            }
        });
        threads.WaitUntil(() => Volatile.Read(ref waits), "the thread");
        for (int i = 0; i < 100; i++)
        {
            waiter.Interrupt();
            Thread.Sleep(1);
        }

        Assert.False(got);
        held.Exit();
        threads.Join();
        Assert.True(got);
        Assert.True(interrupted);
        Assert.Equal(0, context.Waits);
    }

    [Fact]
    public void A_pause_keeps_the_interrupt_too()
    {
        bool interrupted = false;
        var threads = new TestThreads();
        threads.Start(() =>
        {
            Thread.CurrentThread.Interrupt();
            UninterruptibleLock.Pause();
            try
            {
                Thread.Sleep(0);
            }
            catch (ThreadInterruptedException)
            {
                interrupted = true;
            }
        });
        threads.Join();
        Assert.True(interrupted);
    }

    [Fact]
    public void Nobody_is_left_asleep()
    {
        // Each round all threads come while the lock is held; then they pass through it one after the other.
        const int Threads = 32, Rounds = 100;
        var held = new UninterruptibleLock();
        int passed = 0;
        var threads = new TestThreads();
        using var round = new Barrier(Threads + 1);
        for (int i = 0; i < Threads; i++)
        {
            threads.Start(() =>
            {
                for (int r = 0; r < Rounds; r++)
                {
                    round.SignalAndWait();
                    using (held.Hold())
                    {
                        passed++;
                    }
                }
            });
        }

        for (int r = 0; r < Rounds; r++)
        {
            held.Enter();
            round.SignalAndWait(TestContext.Current.CancellationToken);
            Thread.Sleep(r % 4); // none, some or all of them are asleep by now
            held.Exit();
            threads.WaitUntil(() => Volatile.Read(ref passed) == Threads * (r + 1), $"round {r}: {passed} have passed");
        }

        threads.Join();
    }

    [Fact]
    public void A_thread_that_takes_it_again_at_once_starves_nobody()
    {
        var held = new UninterruptibleLock();
        bool stop = false;
        var threads = new TestThreads();
        for (int i = 0; i < 2; i++)
        {
            threads.Start(() =>
            {
                while (!Volatile.Read(ref stop))
                {
                    using (held.Hold())
                    {
                        for (long end = Environment.TickCount64 + 5; Environment.TickCount64 < end;)
                        {
                            Thread.SpinWait(100); // it is free for nanoseconds only
                        }
                    }
                }
            });
        }

        int turns = 0;
        threads.Start(() =>
        {
            for (; turns < 5; turns++)
            {
                held.Hold().Dispose();
            }
        });
        threads.WaitUntil(() => Volatile.Read(ref turns) == 5, "five turns of a thread that sleeps each time");
        Volatile.Write(ref stop, true);
        threads.Join();
    }

    /// <summary>A context that asks to be called for every wait of its thread.</summary>
    private sealed class CountingContext : SynchronizationContext
    {
        private int _waits;

        public CountingContext() => SetWaitNotificationRequired();

        public int Waits => _waits;

        public override int Wait(IntPtr[] waitHandles, bool waitAll, int millisecondsTimeout)
        {
            Interlocked.Increment(ref _waits);
            return WaitHelper(waitHandles, waitAll, millisecondsTimeout);
        }
    }
}
