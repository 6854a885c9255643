using SlabGen.Caches;

namespace SlabGen.Metrics;

/// <summary>
/// One look at all runtimes and caches of the process, for all instruments: so what they say belongs together, and a
/// collection costs one look.
/// </summary>
/// <remarks>
/// A reading serves each instrument once, and for <see cref="MaxAge"/>: an instrument that asks again begins a new
/// collection. It is complete, and changes no more, when it is handed out. Caches and runtimes that have one name are
/// summed, since a tool could not tell them apart.
/// </remarks>
internal sealed class MetricsReading
{
    /// <summary>
    /// Caches of a runtime, and runtimes, that are named; the others are summed under <see cref="Other"/>.
    /// </summary>
    public const int MaxCaches = 100, MaxRuntimes = 20;

    /// <summary>The tag of what is summed because there is too much of it.</summary>
    public const string Other = "other";

    /// <summary>Milliseconds.</summary>
    private const long MaxAge = 500;

    private static MetricsReading? s_last; // by anyone, whole

    private readonly long _takenAt = Environment.TickCount64;
    private readonly Dictionary<string, RuntimeSums> _runtimes = []; // while it is made
    private readonly Dictionary<(string Runtime, string Cache), CacheSums> _caches = []; // while it is made
    private int _servedTo; // interlocked: bits, by instrument

    /// <summary>The runtimes, those with the most memory by their names.</summary>
    public IReadOnlyCollection<RuntimeSums> Runtimes { get; private set; } = [];

    /// <summary>The caches that ever had a slab, the largest by their names.</summary>
    public IReadOnlyCollection<CacheSums> Caches { get; private set; } = [];

    /// <summary>A reading that this instrument has not had.</summary>
    public static MetricsReading For(int instrument)
    {
        if (Volatile.Read(ref s_last) is { } last && Environment.TickCount64 - last._takenAt < MaxAge
            && last.TryServe(instrument))
        {
            return last;
        }

        MetricsReading made = Take();
        made.TryServe(instrument);
        Volatile.Write(ref s_last, made);
        return made;
    }

    /// <summary>Looks at everything.</summary>
    public static MetricsReading Take()
    {
        var reading = new MetricsReading();
        foreach (ObservedRuntime runtime in ObservedRuntime.All)
        {
            runtime.ReadInto(reading);
        }

        reading.Finish();
        return reading;
    }

    /// <summary>Adds a runtime that has held memory.</summary>
    public void Add(PageAllocator pages, CacheTable caches)
    {
        if (pages.PeakCommittedBytes == 0)
        {
            return;
        }

        string runtime = pages.RuntimeName;
        if (!_runtimes.TryGetValue(runtime, out RuntimeSums? sums))
        {
            _runtimes.Add(runtime, sums = new RuntimeSums(runtime));
        }

        sums.Add(pages);
        foreach (KmemCache cache in caches.AllAndRemains())
        {
            CacheSnapshot now = cache.Snapshot();
            if (now.TakenObjects + now.FailedAllocations > 0)
            {
                SumsOf(_caches, runtime, now.Name).Add(now);
            }
        }
    }

    /// <summary>Sums what is beyond the bounds.</summary>
    private void Finish()
    {
        var runtimes = new Dictionary<string, RuntimeSums>();
        foreach (RuntimeSums sums in _runtimes.Values.OrderByDescending(sums => sums.Peak)
            .ThenBy(sums => sums.Runtime, StringComparer.Ordinal))
        {
            string name = runtimes.Count < MaxRuntimes ? sums.Runtime : Other;
            if (!runtimes.TryGetValue(name, out RuntimeSums? kept))
            {
                runtimes.Add(name, kept = new RuntimeSums(name));
            }

            kept.Add(sums);
        }

        var caches = new Dictionary<(string, string), CacheSums>();
        var named = new Dictionary<string, int>();
        foreach (CacheSums sums in _caches.Values.OrderByDescending(sums => sums.Bytes)
            .ThenBy(sums => sums.Cache, StringComparer.Ordinal).ThenBy(sums => sums.Runtime, StringComparer.Ordinal))
        {
            bool hasRuntime = runtimes.ContainsKey(sums.Runtime);
            int before = named.GetValueOrDefault(sums.Runtime);
            named[sums.Runtime] = before + 1;
            SumsOf(caches, hasRuntime ? sums.Runtime : Other, hasRuntime && before < MaxCaches ? sums.Cache : Other)
                .Add(sums);
        }

        (Runtimes, Caches) = (runtimes.Values, caches.Values);
    }

    private static CacheSums SumsOf(Dictionary<(string, string), CacheSums> all, string runtime, string cache)
    {
        if (!all.TryGetValue((runtime, cache), out CacheSums? sums))
        {
            all.Add((runtime, cache), sums = new CacheSums(runtime, cache));
        }

        return sums;
    }

    private bool TryServe(int instrument) => (Interlocked.Or(ref _servedTo, 1 << instrument) & (1 << instrument)) == 0;
}
