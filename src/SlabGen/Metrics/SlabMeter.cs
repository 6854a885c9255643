using System.Diagnostics.Metrics;
using SlabGen.Events;
using SlabGen.Reclaim;

namespace SlabGen.Metrics;

/// <summary>
/// The meter <c>SlabGen</c>: observable instruments alone, so that nothing is counted or read while nobody listens.
/// </summary>
/// <remarks>
/// It is made, with the event source, by the background, at most a second after a runtime of the process first holds
/// memory; where there is no background, at once. No lock is held: a listener that is told of an instrument is users'
/// code. What such a listener throws is kept, as errors of the
/// background are, and the other instruments are made all the same. Names and units follow OpenTelemetry's conventions;
/// tools read them, so they stay as they are.
/// </remarks>
internal static class SlabMeter
{
    /// <summary>The name of the meter and of the event source.</summary>
    public const string Name = "SlabGen";

    private static readonly string[] s_kinds = ["direct", "background", "pressure", "idle"]; // by ReclaimKind
    private static int s_made; // by exchange

    private delegate IEnumerable<Measurement<long>> Reader(MetricsReading reading);

    /// <summary>Whether the meter and the event source are still to be made.</summary>
    public static bool IsWanted =>
        DiagnosticsSwitch.IsSupported && Volatile.Read(ref s_made) == 0 && DiagnosticsSwitch.MayStart;

    /// <summary>Makes the meter and the event source, if nobody has. It does not throw.</summary>
    /// <remarks>It is called again and again, also where memory is short: later calls make no garbage.</remarks>
    /// <param name="reclaim">Keeps what listeners throw.</param>
    public static void EnsureMade(DirectReclaim reclaim)
    {
        if (IsWanted && Interlocked.Exchange(ref s_made, 1) == 0)
        {
            Make(reclaim.FailLater);
        }
    }

    private static void Make(Action<Exception> fail)
    {
        try
        {
            _ = SlabEventSource.Log;
            Make(new Meter(Name, typeof(SlabMeter).Assembly.GetName().Version?.ToString(3)), fail);
        }
        catch (Exception failure)
        {
            fail(failure);
        }
    }

    private static void Make(Meter meter, Action<Exception> fail)
    {
        int index = 0;
        State("slabgen.cache.objects", "{object}", "Objects of a cache, by state.", r => Each(r.Caches, c =>
            [Of(c.Live, c, "object", "live"), Of(c.Cached, c, "object", "cached"),
                Of(c.Deferred, c, "object", "deferred"),
                Of(c.Quarantined, c, "object", "quarantined"), Of(c.Free, c, "object", "free")]));
        State("slabgen.cache.slabs", "{slab}", "Slabs of a cache, by state.", r => Each(r.Caches, c =>
            [Of(c.Full, c, "slab", "full"), Of(c.Partial, c, "slab", "partial"), Of(c.Empty, c, "slab", "empty")]));
        State("slabgen.cache.memory", "By", "Bytes of the slabs of a cache.", r => Each(r.Caches, c =>
            [Of(c.Bytes, c)]));
        Total("slabgen.cache.transfers", "{object}", "Objects that came out of slabs and went back.",
            r => Each(r.Caches, c =>
                [Of(c.Taken, c, "transfer", "out"), Of(c.Returned, c, "transfer", "in")]));
        Total("slabgen.cache.refills", "{refill}", "Times that objects came out of slabs, many at once.",
            r => Each(r.Caches, c => [Of(c.Refills, c)]));
        Total("slabgen.cache.flushes", "{flush}", "Times that objects went back into slabs, many at once.",
            r => Each(r.Caches, c => [Of(c.Flushes, c)]));
        Total("slabgen.cache.slab_changes", "{slab}", "Slabs that were made, and given up.", r => Each(r.Caches, c =>
            [Of(c.Made, c, "change", "made"), Of(c.Discarded, c, "change", "discarded")]));
        Total("slabgen.cache.failures", "{allocation}", "Allocations that failed at a limit or for want of memory.",
            r => Each(r.Caches, c => [Of(c.Failures, c)]));
        State("slabgen.zone.pages", "{page}", "Pages of a zone, by state.", r => Each(r.Runtimes, OfZones));
        State("slabgen.runtime.committed", "By", "Bytes that the runtime holds from the system.",
            r => Each(r.Runtimes, s => [Of(s.Committed, s)]));
        State("slabgen.runtime.limit", "By", "The memory limit of the runtime.",
            r => Each(r.Runtimes, s => [Of(s.Limit, s)]));
        Total("slabgen.runtime.returned", "By", "Bytes that went back to the system.",
            r => Each(r.Runtimes, s => [Of(s.Returned, s)]));
        Total("slabgen.runtime.reclaims", "{pass}", "Times that memory was taken back, by reason.",
            r => Each(r.Runtimes, s => OfKinds(s, s.Passes)));
        Total("slabgen.runtime.reclaimed", "By", "Bytes that were taken back, by reason.",
            r => Each(r.Runtimes, s => OfKinds(s, s.Reclaimed)));

        void State(string name, string unit, string description, Reader read) =>
            Try(values => meter.CreateObservableUpDownCounter(name, values, unit, description), read);

        void Total(string name, string unit, string description, Reader read) =>
            Try(values => meter.CreateObservableCounter(name, values, unit, description), read);

        void Try(Func<Func<IEnumerable<Measurement<long>>>, Instrument> make, Reader read)
        {
            int instrument = index++;
            try
            {
                make(() => read(MetricsReading.For(instrument)));
            }
            catch (Exception failure)
            {
                fail(failure);
            }
        }
    }

    // A list, made before a listener sees any of it: nothing of ours runs between its calls.
    private static List<Measurement<long>> Each<T>(IReadOnlyCollection<T> all, Func<T, Measurement<long>[]> values)
    {
        var list = new List<Measurement<long>>(all.Count);
        foreach (T one in all)
        {
            list.AddRange(values(one));
        }

        return list;
    }

    private static Measurement<long> Of(long value, CacheSums cache, string? what = null, string? state = null)
    {
        KeyValuePair<string, object?> runtime = new("slabgen.runtime", cache.Runtime),
            name = new("slabgen.cache", cache.Cache);
        return what is null
            ? new Measurement<long>(value, runtime, name)
            : new Measurement<long>(value, runtime, name,
                new KeyValuePair<string, object?>($"slabgen.{what}.state", state));
    }

    private static Measurement<long> Of(long value, RuntimeSums runtime) =>
        new(value, new KeyValuePair<string, object?>("slabgen.runtime", runtime.Runtime));

    private static Measurement<long>[] OfKinds(RuntimeSums runtime, long[] values) =>
        [.. values.Select((value, kind) => new Measurement<long>(value, new("slabgen.runtime", runtime.Runtime),
            new KeyValuePair<string, object?>("slabgen.reclaim.reason", s_kinds[kind])))];

    private static Measurement<long>[] OfZones(RuntimeSums runtime) =>
        [.. runtime.Zones.SelectMany(zone => new[] { ("used", zone.Value.Used), ("free", zone.Value.Free) },
            (zone, pages) => new Measurement<long>(pages.Item2, new("slabgen.runtime", runtime.Runtime),
                new("slabgen.zone", zone.Key.Zone), new("slabgen.node", zone.Key.Node),
                new KeyValuePair<string, object?>("slabgen.page.state", pages.Item1)))];
}
