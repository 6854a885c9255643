namespace SlabGen.Reclaim;

/// <summary>
/// Ends an interval of the working sets again and again (libumem's update thread). The runtime needs a clock of its
/// own, because an application that allocates nothing managed has no collections to tie it to.
/// </summary>
/// <remarks>
/// <para>It runs while the runtime holds memory. When it finds none, it stops, and asks the next allocation that takes
/// memory to start it. It first asks, and then looks again. A thread that takes memory does it the other way round. So
/// one of the two sees the other.</para>
/// <para>It holds only a weak reference to its runtime, and ends when the runtime is gone.</para>
/// </remarks>
internal sealed class ReapTimer(DirectReclaim reclaim, TimeSpan interval, ReapClock clock) : IDisposable
{
    private readonly WeakReference<DirectReclaim> _reclaim = new(reclaim);
    private readonly long _interval = (long)interval.TotalMilliseconds;

    /// <summary>When the interval ends, in milliseconds. Under the clock's lock.</summary>
    public long Due { get; private set; }

    /// <summary>Whether it may never run again. Under the clock's lock.</summary>
    public bool IsClosed { get; set; }

    /// <summary>
    /// Starts it, if it does not run. If no thread can be had for it, the next allocation tries again.
    /// </summary>
    public void Start() => clock.Add(this);

    /// <summary>Stops it for good. A tick that is under way may still end.</summary>
    public void Dispose() => clock.Close(this);

    /// <summary>Under the clock's lock: begins an interval.</summary>
    public void Begin() => Due = Environment.TickCount64 + _interval;

    /// <summary>Called by the clock, without its lock, when an interval has ended.</summary>
    /// <returns>
    /// <see langword="false"/> when the runtime holds nothing. The clock then removes the timer, and calls
    /// <see cref="Listen"/>.
    /// </returns>
    public bool Tick()
    {
        if (!_reclaim.TryGetTarget(out DirectReclaim? target) || !target.HoldsMemory)
        {
            return false;
        }

        target.Background.WakeToReap();
        return true;
    }

    /// <summary>
    /// Called when it was removed from the clock because there is no thread: asks to be started again.
    /// </summary>
    public void StartLater()
    {
        if (_reclaim.TryGetTarget(out DirectReclaim? target))
        {
            target.Background.HearOfMemory();
        }
    }

    /// <summary>
    /// Called when it was removed from the clock because the runtime held no memory: asks to be started again, and
    /// checks whether it must be already.
    /// </summary>
    public void Listen()
    {
        StartLater();
        Interlocked.MemoryBarrier();
        if (_reclaim.TryGetTarget(out DirectReclaim? target) && target.HoldsMemory)
        {
            Start();
        }
    }

    /// <summary>Keeps an error of the clock's thread for the runtime's next caller.</summary>
    public void FailLater(Exception failure)
    {
        if (_reclaim.TryGetTarget(out DirectReclaim? target))
        {
            target.FailLater(failure);
        }
    }
}
