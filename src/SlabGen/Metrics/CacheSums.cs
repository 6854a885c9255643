namespace SlabGen.Metrics;

/// <summary>What the meter says of a cache, or of several together.</summary>
internal sealed class CacheSums(string runtime, string cache)
{
    public string Runtime => runtime;

    public string Cache => cache;

    public long Live { get; private set; }

    public long Cached { get; private set; }

    public long Deferred { get; private set; }

    public long Quarantined { get; private set; }

    public long Free { get; private set; }

    public long Full { get; private set; }

    public long Partial { get; private set; }

    public long Empty { get; private set; }

    public long Bytes { get; private set; }

    public long Taken { get; private set; }

    public long Returned { get; private set; }

    public long Refills { get; private set; }

    public long Flushes { get; private set; }

    public long Made { get; private set; }

    public long Discarded { get; private set; }

    public long Failures { get; private set; }

    public void Add(CacheSnapshot cache)
    {
        Live += cache.LiveObjects;
        Cached += cache.CachedObjects;
        Deferred += cache.DeferredObjects;
        Quarantined += cache.QuarantinedObjects;
        Free += cache.FreeObjects;
        Full += cache.FullSlabs;
        Partial += cache.PartialSlabs;
        Empty += cache.EmptySlabs;
        Bytes += cache.Bytes;
        Taken += cache.TakenObjects;
        Returned += cache.ReturnedObjects;
        Refills += cache.Refills;
        Flushes += cache.Flushes;
        Made += cache.MadeSlabs;
        Discarded += cache.DiscardedSlabs;
        Failures += cache.FailedAllocations;
    }

    public void Add(CacheSums other)
    {
        Live += other.Live;
        Cached += other.Cached;
        Deferred += other.Deferred;
        Quarantined += other.Quarantined;
        Free += other.Free;
        Full += other.Full;
        Partial += other.Partial;
        Empty += other.Empty;
        Bytes += other.Bytes;
        Taken += other.Taken;
        Returned += other.Returned;
        Refills += other.Refills;
        Flushes += other.Flushes;
        Made += other.Made;
        Discarded += other.Discarded;
        Failures += other.Failures;
    }
}
