namespace SlabGen.Reclaim;

/// <summary>
/// Ends an interval of the working sets again and again: the runtime's own clock, since an application that allocates
/// nothing managed has no collections to hang it on (libumem's update thread).
/// </summary>
/// <remarks>
/// <para>It runs while the runtime holds memory. When it finds none it stops, and asks to be started by the next allocation that takes some: it says
/// so first, and then looks again. Who takes memory does it the other way round. So one of the two sees the other.</para>
/// <para>It keeps its runtime no more alive than anyone else does: when that is gone, it ends.</para>
/// </remarks>
internal sealed class ReapTimer(DirectReclaim reclaim, TimeSpan interval, ReapClock clock) : IDisposable
{
    private readonly WeakReference<DirectReclaim> _reclaim = new(reclaim);
    private readonly long _interval = (long)interval.TotalMilliseconds;

    /// <summary>When the interval ends, in milliseconds; under the clock's lock.</summary>
    public long Due { get; private set; }

    /// <summary>Whether it may never run again; under the clock's lock.</summary>
    public bool IsClosed { get; set; }

    /// <summary>Starts it, if it does not run. Where no thread can be had for it, the next allocation tries again.</summary>
    public void Start() => clock.Add(this);

    /// <summary>From now on it does not run; a tick that is under way may still end.</summary>
    public void Dispose() => clock.Close(this);

    /// <summary>Under the clock's lock: begins an interval.</summary>
    public void Begin() => Due = Environment.TickCount64 + _interval;

    /// <summary>By the clock, without its lock: an interval has ended.</summary>
    /// <returns><see langword="false"/> when the runtime holds nothing: the clock takes the timer off, and then calls <see cref="Listen"/>.</returns>
    public bool Tick()
    {
        if (!_reclaim.TryGetTarget(out DirectReclaim? target) || !target.HoldsMemory)
        {
            return false;
        }

        target.Background.WakeToReap();
        return true;
    }

    /// <summary>Off the clock, and there is no thread for it: asks to be started again.</summary>
    public void StartLater()
    {
        if (_reclaim.TryGetTarget(out DirectReclaim? target))
        {
            target.Background.HearOfMemory();
        }
    }

    /// <summary>Off the clock, for there was no memory: asks to be started again, and looks whether it has to be already.</summary>
    public void Listen()
    {
        StartLater();
        Interlocked.MemoryBarrier();
        if (_reclaim.TryGetTarget(out DirectReclaim? target) && target.HoldsMemory)
        {
            Start();
        }
    }

    /// <summary>What went wrong on the clock's thread, the runtime's next caller is told.</summary>
    public void FailLater(Exception failure)
    {
        if (_reclaim.TryGetTarget(out DirectReclaim? target))
        {
            target.FailLater(failure);
        }
    }
}
