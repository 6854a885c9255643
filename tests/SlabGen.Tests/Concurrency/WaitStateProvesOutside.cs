namespace SlabGen.Tests.Concurrency;

/// <summary>
/// Proves the premise of <c>ThreadCache.OwnerIsOutside</c> for the runtime that the tests run on: no user code ever runs
/// in a thread whose state says WaitSleepJoin, not even what a synchronization context or an exception filter may run
/// around a wait. Catches a runtime that sets the state earlier or clears it later: there a wait would prove nothing.
/// </summary>
public class WaitStateProvesOutside
{
    [Theory]
    [InlineData("sleep")]
    [InlineData("join")]
    [InlineData("event")]
    [InlineData("lock")]
    [InlineData("monitor enter")]
    [InlineData("monitor wait")]
    [InlineData("task")]
    public void No_user_code_runs_in_the_wait_state(string wait)
    {
        using var never = new ManualResetEvent(false);
        var held = new Lock();
        object monitor = new();
        using Lock.Scope holds = held.EnterScope();
        using var hold = new MonitorHolder(monitor);
        Thread holder = Thread.CurrentThread;
        var seen = new List<ThreadState>();
        var threads = new TestThreads();
        Thread waiter = threads.Start(() =>
        {
            SynchronizationContext.SetSynchronizationContext(new WatchingContext(seen));
            try
            {
                switch (wait)
                {
                    case "sleep":
                        Thread.Sleep(Timeout.Infinite);
                        break;
                    case "join":
                        holder.Join();
                        break;
                    case "event":
                        never.WaitOne();
                        break;
                    case "lock":
                        lock (held)
                        {
                        }

                        break;
                    case "monitor enter":
                        lock (monitor)
                        {
                        }

                        break;
                    case "monitor wait":
                        object own = new();
                        lock (own)
                        {
                            Monitor.Wait(own);
                        }

                        break;
                    default:
                        new TaskCompletionSource().Task.Wait();
                        break;
                }
            }
            catch (ThreadInterruptedException) when (Watch(seen))
            {
            }
        });

        threads.WaitUntil(() => (waiter.ThreadState & ThreadState.WaitSleepJoin) != 0, "the thread waits");
        waiter.Interrupt();
        threads.Join();
        Assert.NotEmpty(seen);
        Assert.DoesNotContain(seen, state => (state & ThreadState.WaitSleepJoin) != 0);
    }

    private static bool Watch(List<ThreadState> seen)
    {
        seen.Add(Thread.CurrentThread.ThreadState);
        return true;
    }

    /// <summary>User code before and after each wait.</summary>
    private sealed class WatchingContext : SynchronizationContext
    {
        private readonly List<ThreadState> _seen;

        public WatchingContext(List<ThreadState> seen)
        {
            _seen = seen;
            SetWaitNotificationRequired();
        }

        public override int Wait(nint[] waitHandles, bool waitAll, int millisecondsTimeout)
        {
            Watch(_seen);
            try
            {
                return base.Wait(waitHandles, waitAll, millisecondsTimeout);
            }
            finally
            {
                Watch(_seen);
            }
        }
    }

    private sealed class MonitorHolder : IDisposable
    {
        private readonly object _monitor;

        public MonitorHolder(object monitor) => Monitor.Enter(_monitor = monitor);

        public void Dispose() => Monitor.Exit(_monitor);
    }
}
