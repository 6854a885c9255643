using SlabGen.Memory;

namespace SlabGen.Reclaim;

/// <summary>
/// Asks every source of pressure again and again, for all runtimes of the process. When one of them says that memory is
/// short, it wakes the runtimes' background reclaim.
/// </summary>
/// <remarks>
/// <para>The sources remember what happened since they were last asked, so one monitor asks for all runtimes. The list
/// of runtimes is under the lock, a leaf. It keeps none of them alive.</para>
/// <para><b>When.</b> Its thread exists while a runtime holds memory. It asks once an interval while memory is short,
/// or while the runtimes take and give back memory. Otherwise it asks less and less often (<see cref="MaxDoublings"/>).
/// In between, the kernel ends the wait when threads of the machine or the container wait for memory
/// (<see cref="PressureStall"/>). When no runtime holds memory, it asks each of them to say when it does, and ends.
/// <see cref="ReapTimer"/> says why none is missed.</para>
/// </remarks>
internal sealed class PressureMonitor : IDisposable
{
    /// <summary>
    /// The most doublings of the interval: half a minute if the kernel ends the wait, else 8 seconds.
    /// </summary>
    private const int MaxDoublings = 5, MaxDoublingsAlone = 3;

    private static readonly RetriedLazy<PressureMonitor> s_ofProcess = new(() =>
        s_ended
            ? new PressureMonitor([], Timeout.InfiniteTimeSpan)
            : new PressureMonitor(PressureSource.OfThisSystem, TimeSpan.FromSeconds(1)));

    private static volatile bool s_ended; // set when SlabGen's own load context unloads

    private readonly UninterruptibleLock _lock = new();
    private readonly List<WeakReference<BackgroundReclaim>> _runtimes = [];
    // Opened by the thread: the first object of a process does not wait for it.
    private readonly RetriedLazy<PressureSource[]> _sources;
    private readonly OnDemandThread _thread;
    private readonly TimeSpan _interval;
    private int _asking;
    private bool _wasShort; // by the thread that ticks
    private int _doublings; // by the thread
    private long _heldBytes; // by the thread: bytes that all runtimes held when it last looked

    /// <param name="sources">The sources to ask. The monitor disposes them.</param>
    /// <param name="interval">The shortest time between two ticks; <see cref="Timeout.InfiniteTimeSpan"/> for never, as
    /// in tests, which tick by hand.</param>
    public PressureMonitor(PressureSource[] sources, TimeSpan interval)
        : this(() => sources, interval)
    {
    }

    /// <param name="open">Opens the sources, when they are needed. The monitor disposes them.</param>
    /// <param name="interval">How often at most.</param>
    private PressureMonitor(Func<PressureSource[]> open, TimeSpan interval)
    {
        _sources = new RetriedLazy<PressureSource[]>(open);
        _interval = interval;
        _thread = new OnDemandThread("SlabGen pressure", Pass, Fail);
    }

    /// <summary>The monitor that all runtimes share.</summary>
    public static PressureMonitor OfProcess => s_ofProcess.Value;

    /// <summary>The names of the sources.</summary>
    public IReadOnlyList<string> Sources => [.. _sources.Value.Select(s => s.Name)];

    /// <summary>The thread, for tests.</summary>
    internal OnDemandThread Worker => _thread;

    public void Add(BackgroundReclaim runtime)
    {
        using (_lock.Hold())
        {
            _runtimes.RemoveAll(r => !r.TryGetTarget(out _));
            _runtimes.Add(new WeakReference<BackgroundReclaim>(runtime));
        }
    }

    public void Remove(BackgroundReclaim runtime)
    {
        using (_lock.Hold())
        {
            _runtimes.RemoveAll(r => !r.TryGetTarget(out BackgroundReclaim? target) || target == runtime);
        }
    }

    /// <summary>
    /// Called when a runtime holds memory: watches the machine from now on. If no thread can be had for it, the next
    /// allocation tries again.
    /// </summary>
    public void Start()
    {
        if (_interval != Timeout.InfiniteTimeSpan && !_thread.TryWake() && !_thread.IsStopped)
        {
            Array.ForEach(Runtimes(), runtime => runtime.HearOfMemory());
        }
    }

    /// <summary>
    /// Ends the process's thread when SlabGen's own load context unloads, because the thread would keep it.
    /// </summary>
    public static void EndOfProcess()
    {
        s_ended = true;
        s_ofProcess.ValueIfMade?.Dispose();
    }

    /// <summary>Ends the thread at once, even in a long wait.</summary>
    public void Dispose()
    {
        // Also when there was no pass yet: one that begins now waits for one of these.
        PressureSource[] sources = _sources.Value;
        WaitingOf(sources)?.EndWait();
        _thread.Stop();
        Array.ForEach(sources, s => s.Dispose());
    }

    internal void Tick()
    {
        if (Interlocked.Exchange(ref _asking, 1) != 0)
        {
            return; // the last tick is still running
        }

        bool isShort = false;
        try
        {
            foreach (PressureSource source in _sources.Value)
            {
                isShort |= source.IsShort(); // all of them, because each forgets what it was asked
            }
        }
        finally
        {
            Volatile.Write(ref _asking, 0);
        }

        if (!isShort && !_wasShort)
        {
            return; // no runtime needs to know anything
        }

        _wasShort = isShort;
        Array.ForEach(Runtimes(), runtime => runtime.Tell(isShort));
    }

    private BackgroundReclaim[] Runtimes()
    {
        using (_lock.Hold())
        {
            var runtimes = new List<BackgroundReclaim>();
            foreach (WeakReference<BackgroundReclaim> runtime in _runtimes)
            {
                if (runtime.TryGetTarget(out BackgroundReclaim? target))
                {
                    runtimes.Add(target);
                }
            }

            return runtimes.ToArray();
        }
    }

    /// <summary>The source that can be waited for.</summary>
    private static PressureSource? WaitingOf(PressureSource[] sources) => Array.Find(sources, source => source.CanWait);

    /// <summary>Waits, so that the sources are not asked at every start, and asks them.</summary>
    private int Pass()
    {
        BackgroundReclaim[] runtimes = Runtimes();
        if (!Array.Exists(runtimes, runtime => runtime.HoldsMemory))
        {
            Array.ForEach(runtimes, runtime => runtime.HearOfMemory());
            Interlocked.MemoryBarrier();
            if (!Array.Exists(runtimes, runtime => runtime.HoldsMemory))
            {
                (_heldBytes, _doublings) = (0, 0);
                return Timeout.Infinite;
            }
        }

        int wait = (int)_interval.TotalMilliseconds << _doublings;
        PressureSource? waiting = WaitingOf(_sources.Value);
        if (waiting is null)
        {
            _thread.Rest(wait);
        }
        else
        {
            waiting.Wait(wait);
        }

        Tick();
        long held = 0;
        foreach (BackgroundReclaim runtime in Runtimes())
        {
            held += runtime.CommittedBytes;
        }

        bool isQuiet = !_wasShort && held == _heldBytes;
        _doublings = isQuiet ? Math.Min(_doublings + 1, waiting is null ? MaxDoublingsAlone : MaxDoublings) : 0;
        _heldBytes = held;
        return 0;
    }

    /// <summary>
    /// Tells all runtimes what a source threw. The thread ends, and the next allocation that takes memory starts it
    /// again.
    /// </summary>
    private void Fail(Exception failure)
    {
        foreach (BackgroundReclaim runtime in Runtimes())
        {
            runtime.FailLater(failure);
            runtime.HearOfMemory();
        }
    }
}
