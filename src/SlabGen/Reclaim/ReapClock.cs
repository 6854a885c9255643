using SlabGen.Memory;

namespace SlabGen.Reclaim;

/// <summary>
/// The thread that ends the intervals of all runtimes of the process. It exists while one of them holds memory.
/// </summary>
/// <remarks>
/// It is not a <see cref="Timer"/> for each runtime. That would wake a thread of the pool, which spins before it sleeps
/// and has another thread watch it. The list of running timers, and the fields of each, are under the lock, a leaf.
/// </remarks>
internal sealed class ReapClock
{
    private readonly UninterruptibleLock _lock = new();
    private readonly List<ReapTimer> _running = [];
    private readonly OnDemandThread _thread;

    public ReapClock() => _thread = new OnDemandThread("SlabGen clock", Pass, Fail);

    public static ReapClock OfProcess { get; } = new();

    /// <summary>The thread, for tests.</summary>
    internal OnDemandThread Worker => _thread;

    /// <summary>
    /// Ends the process's thread, which may wait for an hour, when SlabGen's own load context unloads. The thread would
    /// keep the context.
    /// </summary>
    public static void EndOfProcess() => OfProcess._thread.Stop();

    /// <summary>Starts a timer that does not run yet.</summary>
    public void Add(ReapTimer timer)
    {
        using (_lock.Hold())
        {
            if (timer.IsClosed || _running.Contains(timer))
            {
                return;
            }

            timer.Begin();
            _running.Add(timer);
        }

        if (!_thread.TryWake())
        {
            // Other timers too, because they may count on the thread that could not be had.
            Array.ForEach(TakeAll(), off => off.StartLater());
        }
    }

    /// <summary>Removes a timer for good.</summary>
    public void Close(ReapTimer timer)
    {
        using (_lock.Hold())
        {
            timer.IsClosed = true;
            _running.Remove(timer);
        }
    }

    private bool Remove(ReapTimer timer)
    {
        using (_lock.Hold())
        {
            return _running.Remove(timer);
        }
    }

    private int Pass()
    {
        long now = Environment.TickCount64;
        ReapTimer[] running;
        using (_lock.Hold())
        {
            running = [.. _running];
        }

        foreach (ReapTimer timer in running)
        {
            if (timer.Due <= now && !Tick(timer) && Remove(timer))
            {
                timer.Listen();
            }
        }

        using (_lock.Hold())
        {
            long next = long.MaxValue;
            foreach (ReapTimer timer in _running)
            {
                next = Math.Min(next, timer.Due);
            }

            return _running.Count == 0 ? Timeout.Infinite : (int)Math.Max(0, next - now);
        }
    }

    private bool Tick(ReapTimer timer)
    {
        using (_lock.Hold())
        {
            timer.Begin();
        }

        return timer.Tick();
    }

    private ReapTimer[] TakeAll()
    {
        using (_lock.Hold())
        {
            ReapTimer[] all = [.. _running];
            _running.Clear();
            return all;
        }
    }

    /// <summary>
    /// Tells an error to all runtimes that it could concern. The thread ends, and the next of them that takes memory
    /// starts another.
    /// </summary>
    private void Fail(Exception failure)
    {
        foreach (ReapTimer timer in TakeAll())
        {
            timer.FailLater(failure);
            timer.StartLater();
        }
    }
}
