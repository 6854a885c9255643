using SlabGen.Memory;
using SlabGen.Tests.Concurrency;

namespace SlabGen.Tests.Memory;

/// <summary>A background thread that cannot be had, or meets what it did not expect, loses nothing and ends nothing.</summary>
public sealed class OnDemandThreadTests
{
    [Fact]
    public void Every_wake_is_followed_by_a_pass_and_an_idle_thread_ends()
    {
        int passes = 0;
        var thread = new OnDemandThread("test", () => { Interlocked.Increment(ref passes); return Timeout.Infinite; }, e => Assert.Fail(e.ToString()));
        Assert.False(thread.Runs);
        for (int wakes = 1; wakes <= 100; wakes++)
        {
            int before = Volatile.Read(ref passes);
            Assert.True(thread.TryWake());
            Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref passes) > before, 60_000));
        }

        Assert.True(SpinWait.SpinUntil(() => !thread.Runs, 60_000), "it has nothing to do");
        int ended = Volatile.Read(ref passes);
        Assert.True(thread.TryWake());
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref passes) > ended, 60_000));
        thread.Stop();
        Assert.False(thread.TryWake());
    }

    [Fact]
    public void A_pass_comes_by_itself_when_the_last_one_asked_for_it()
    {
        int passes = 0;
        var thread = new OnDemandThread("test", () => Interlocked.Increment(ref passes) < 5 ? 1 : Timeout.Infinite, e => Assert.Fail(e.ToString()));
        thread.TryWake();
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref passes) == 5, 60_000));
        thread.Stop();
        Assert.Equal(5, passes);
    }

    [Theory]
    [InlineData(typeof(OutOfMemoryException))]
    [InlineData(typeof(ThreadStateException))]
    [InlineData(typeof(ThreadInterruptedException))]
    [InlineData(typeof(InvalidOperationException))]
    public void What_a_pass_throws_is_handed_on_and_the_next_wake_works(Type type)
    {
        var met = new List<Exception>();
        int passes = 0;
        var thread = new OnDemandThread(
            "test",
            () => Interlocked.Increment(ref passes) == 1 ? throw (Exception)Activator.CreateInstance(type)! : Timeout.Infinite,
            e => { lock (met) { met.Add(e); } });
        thread.TryWake();
        Assert.True(SpinWait.SpinUntil(() => { lock (met) { return met.Count == 1; } }, 60_000));
        Assert.IsType(type, met[0]);
        Assert.True(thread.TryWake());
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref passes) == 2, 60_000));
        thread.Stop();
        Assert.Single(met);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_thread_that_cannot_be_had_is_tried_again_and_an_interrupt_is_kept(bool interrupt)
    {
        int passes = 0;
        var thread = new OnDemandThread("test", () => { Interlocked.Increment(ref passes); return Timeout.Infinite; }, e => Assert.Fail(e.ToString()));
        bool kept = false;
        var threads = new TestThreads();
        threads.Start(() =>
        {
            OnDemandThread.Starting = _ => throw (interrupt ? new ThreadInterruptedException() : new OutOfMemoryException());
            Assert.False(thread.TryWake());
            Assert.False(thread.Runs);
            Assert.False(thread.TryWake());
            Assert.Equal(2, thread.FailedStarts);
            try
            {
                Thread.Sleep(0);
            }
            catch (ThreadInterruptedException)
            {
                kept = true;
            }

            OnDemandThread.Starting = null;
            Assert.True(thread.TryWake());
        });
        threads.Join();
        Assert.Equal(interrupt, kept);
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref passes) == 1, 60_000));
        thread.Stop();
    }

    [Fact]
    public void A_thread_that_never_started_is_not_waited_for()
    {
        var thread = new OnDemandThread("test", () => Timeout.Infinite, e => Assert.Fail(e.ToString()));
        WithoutThreads(() => Assert.False(thread.TryWake()));
        thread.Stop();
        Assert.False(thread.TryWake());
    }

    [Fact]
    public void A_pass_may_stop_its_own_thread()
    {
        OnDemandThread? thread = null;
        bool stopped = false;
        thread = new OnDemandThread("test", () => { thread!.Stop(); Volatile.Write(ref stopped, true); return Timeout.Infinite; }, e => Assert.Fail(e.ToString()));
        thread.TryWake();
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref stopped), 60_000));
        thread.Stop();
    }

    [Fact]
    public void Without_threads_an_allocation_loses_nothing_and_the_end_unmaps_everything()
    {
        SlabRuntime runtime = TestRuntime.OfPages(1024);
        KmemCache cache = runtime.CreateCache("o", 1024);
        var live = new List<nint>();
        WithoutThreads(() =>
        {
            while (cache.TryAlloc(out nint address)) // under the low watermark each slow call wakes
            {
                live.Add(address);
            }

            runtime.Background.WakeToReap();
        });
        Assert.True(runtime.Background.Worker.FailedStarts > 0);
        Assert.Equal(live.Count, cache.Snapshot().LiveObjects);

        runtime.Background.Wake(); // there are threads again: also what was wanted before is done
        Assert.True(SpinWait.SpinUntil(() => runtime.Background.Worker.Passes > 0, 60_000));
        live.ForEach(cache.Free);
        WithoutThreads(() => runtime.Background.Wake());
        runtime.Dispose();
        Assert.True(runtime.Pages.IsUnmapped);
    }

    [Fact]
    public void Without_threads_who_waits_for_RCU_does_its_work()
    {
        var rcu = new RcuThread(GracePeriods.OfProcess);
        var owner = new Deferring { Waits = true };
        WithoutThreads(() =>
        {
            rcu.Attend(owner, hurry: false);
            Assert.False(owner.IsAttended); // so that the next who defers tries again
            Assert.False(rcu.Runs);
            rcu.Barrier();
            Assert.False(owner.Waits);
            owner.Waits = true;
            rcu.Attend(owner, hurry: true);
        });
        rcu.Attend(owner, hurry: false);
        Assert.True(SpinWait.SpinUntil(() => !owner.Waits, 60_000));
        rcu.Barrier();
        rcu.Worker.Stop();
    }

    [Fact]
    public void An_owner_that_throws_holds_up_no_other_and_who_waits_is_told()
    {
        var rcu = new RcuThread(GracePeriods.OfProcess);
        var bad = new Deferring { Waits = true, Failure = new ThreadStateException("bad") };
        var good = new Deferring { Waits = true };
        rcu.Attend(bad, hurry: false);
        rcu.Attend(good, hurry: true);
        Assert.True(SpinWait.SpinUntil(() => !good.Waits, 60_000));
        Assert.True(rcu.Runs);
        Assert.Equal("bad", Assert.Throws<ThreadStateException>(rcu.Barrier).Message);
        rcu.Worker.Stop();
    }

    /// <summary>Runs what asks for threads while the process may have no more.</summary>
    private static void WithoutThreads(Action body)
    {
        OnDemandThread.Starting = _ => throw new OutOfMemoryException("no thread");
        try
        {
            body();
        }
        finally
        {
            OnDemandThread.Starting = null;
        }
    }

    private sealed class Deferring : IDeferred
    {
        private bool _waits, _isAttended;

        public Exception? Failure { get; set; }

        public bool IsAttended
        {
            get => Volatile.Read(ref _isAttended);
            set => Volatile.Write(ref _isAttended, value);
        }

        public bool Waits
        {
            get => Volatile.Read(ref _waits);
            set => Volatile.Write(ref _waits, value);
        }

        public void Advance()
        {
            Waits = false;
            if (Failure is not null)
            {
                throw Failure;
            }
        }
    }
}
