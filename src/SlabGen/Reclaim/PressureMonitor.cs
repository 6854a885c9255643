using SlabGen.Memory;

namespace SlabGen.Reclaim;

/// <summary>
/// Asks every source of pressure again and again, for all runtimes of the process, and wakes their background reclaim when
/// one of them says that memory is short.
/// </summary>
/// <remarks>
/// <para>The sources remember what happened since they were last asked, and so one monitor asks for all. The list of runtimes
/// is under the lock, a leaf; it keeps none of them alive.</para>
/// <para><b>When.</b> Its thread is there while a runtime holds memory. It asks once an interval while memory is short, or the runtimes take and give
/// back memory; else less and less often (<see cref="MaxDoublings"/>), and in between the kernel ends the wait when threads of the machine or
/// the container wait for memory (<see cref="PressureStall"/>). When no runtime holds memory it has each of them say when it does
/// (<see cref="ReapTimer"/> says why none is missed), and ends.</para>
/// </remarks>
internal sealed class PressureMonitor : IDisposable
{
    /// <summary>Doublings of the interval, at most: half a minute where the kernel ends the wait, else 8 seconds.</summary>
    private const int MaxDoublings = 5, MaxDoublingsAlone = 3;

    private static readonly RetriedLazy<PressureMonitor> s_ofProcess = new(() =>
        s_ended ? new PressureMonitor([], Timeout.InfiniteTimeSpan) : new PressureMonitor(PressureSource.OfThisSystem, TimeSpan.FromSeconds(1)));

    private static volatile bool s_ended; // SlabGen's own load context unloads

    private readonly UninterruptibleLock _lock = new();
    private readonly List<WeakReference<BackgroundReclaim>> _runtimes = [];
    private readonly RetriedLazy<PressureSource[]> _sources; // opened by the thread: the first object of a process does not wait for it
    private readonly OnDemandThread _thread;
    private readonly TimeSpan _interval;
    private int _asking;
    private bool _wasShort; // who ticks
    private int _doublings; // the thread
    private long _heldBytes; // the thread: by all runtimes, when last looked at

    /// <param name="sources">Who is asked. The monitor disposes them.</param>
    /// <param name="interval">How often at most; <see cref="Timeout.InfiniteTimeSpan"/> for never, as in tests, which tick by hand.</param>
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

    /// <summary>The one that runtimes share.</summary>
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

    /// <summary>A runtime holds memory: the machine is watched from now on. Where no thread can be had for it, the next allocation tries again.</summary>
    public void Start()
    {
        if (_interval != Timeout.InfiniteTimeSpan && !_thread.TryWake() && !_thread.IsStopped)
        {
            Array.ForEach(Runtimes(), runtime => runtime.HearOfMemory());
        }
    }

    /// <summary>Ends the thread of the process: SlabGen's own load context unloads, which it would keep.</summary>
    public static void EndOfProcess()
    {
        s_ended = true;
        s_ofProcess.ValueIfMade?.Dispose();
    }

    /// <summary>Ends the thread, at once: it may be in a long wait.</summary>
    public void Dispose()
    {
        PressureSource[] sources = _sources.Value; // also when there was no pass yet: one that begins now waits for one of these
        WaitingOf(sources)?.EndWait();
        _thread.Stop();
        Array.ForEach(sources, s => s.Dispose());
    }

    internal void Tick()
    {
        if (Interlocked.Exchange(ref _asking, 1) != 0)
        {
            return; // the last tick is still at it
        }

        bool isShort = false;
        try
        {
            foreach (PressureSource source in _sources.Value)
            {
                isShort |= source.IsShort(); // all of them: each forgets what it was asked
            }
        }
        finally
        {
            Volatile.Write(ref _asking, 0);
        }

        if (!isShort && !_wasShort)
        {
            return; // nobody has anything to learn
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

    /// <summary>What a source throws all runtimes are told. The thread ends, and is started again by the next that takes memory.</summary>
    private void Fail(Exception failure)
    {
        foreach (BackgroundReclaim runtime in Runtimes())
        {
            runtime.FailLater(failure);
            runtime.HearOfMemory();
        }
    }
}
