namespace SlabGen.Reclaim;

/// <summary>
/// Asks every source of pressure once a second, for all runtimes of the process, and wakes their background reclaim when
/// one of them says that memory is short.
/// </summary>
/// <remarks>
/// The sources remember what happened since they were last asked, and so one monitor asks for all. The list of runtimes
/// is under the lock, a leaf; it keeps none of them alive. The clock runs from the first runtime on.
/// </remarks>
internal sealed class PressureMonitor : IDisposable
{
    private static readonly Lazy<PressureMonitor> s_ofProcess = new(() =>
        s_ended ? new PressureMonitor([], Timeout.InfiniteTimeSpan) : new PressureMonitor(PressureSource.OfThisSystem(), TimeSpan.FromSeconds(1)));

    private static volatile bool s_ended; // SlabGen's own load context unloads

    private readonly Lock _lock = new();
    private readonly List<WeakReference<BackgroundReclaim>> _runtimes = [];
    private readonly PressureSource[] _sources;
    private readonly Timer _timer;
    private int _asking;
    private bool _wasShort; // who ticks

    public PressureMonitor(PressureSource[] sources, TimeSpan interval)
    {
        _sources = sources;
        _timer = new Timer(static state => ((PressureMonitor)state!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(interval, interval); // not before the field is set
    }

    public static PressureMonitor OfProcess => s_ofProcess.Value;

    /// <summary>The names of the sources.</summary>
    public IReadOnlyList<string> Sources => [.. _sources.Select(s => s.Name)];

    public void Add(BackgroundReclaim runtime)
    {
        lock (_lock)
        {
            _runtimes.Add(new WeakReference<BackgroundReclaim>(runtime));
        }
    }

    public void Remove(BackgroundReclaim runtime)
    {
        lock (_lock)
        {
            _runtimes.RemoveAll(r => !r.TryGetTarget(out BackgroundReclaim? target) || target == runtime);
        }
    }

    /// <summary>Ends the clock of the process: SlabGen's own load context unloads, which it would keep.</summary>
    public static void EndOfProcess()
    {
        s_ended = true;
        if (s_ofProcess.IsValueCreated)
        {
            s_ofProcess.Value.Dispose();
        }
    }

    public void Dispose()
    {
        _timer.Dispose();
        Array.ForEach(_sources, s => s.Dispose());
    }

    internal void Tick()
    {
        if (Interlocked.Exchange(ref _asking, 1) != 0)
        {
            return; // the last tick is still at it
        }

        bool isShort = false;
        foreach (PressureSource source in _sources)
        {
            isShort |= source.IsShort(); // all of them: each forgets what it was asked
        }

        Volatile.Write(ref _asking, 0);
        if (!isShort && !_wasShort)
        {
            return; // nobody has anything to learn
        }

        _wasShort = isShort;
        WeakReference<BackgroundReclaim>[] runtimes;
        lock (_lock)
        {
            runtimes = [.. _runtimes];
        }

        foreach (WeakReference<BackgroundReclaim> runtime in runtimes)
        {
            if (runtime.TryGetTarget(out BackgroundReclaim? target))
            {
                target.Tell(isShort);
            }
        }
    }
}
