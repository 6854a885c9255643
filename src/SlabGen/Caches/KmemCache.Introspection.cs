using SlabGen.Events;
using SlabGen.Magazines;
using SlabGen.Memory;
using SlabGen.Slabs;

namespace SlabGen;

// What can be seen of a cache while it is in use.
public sealed partial class KmemCache
{
    private string DebuggerDisplay
    {
        get
        {
            CacheSnapshot now = Snapshot();
            return $"{Name}: {now.LiveObjects} live of {ObjectSize} bytes, {now.Bytes} bytes of slabs{(_magazines.IsClosed ? ", destroyed" : "")}";
        }
    }

    /// <summary>
    /// The state of the cache now. Running threads are not stopped, so the numbers may not add up exactly.
    /// </summary>
    public CacheSnapshot Snapshot()
    {
        MagazineCounts magazines = _magazines.Count();
        SlabCounts slabs = _slabs.Count();
        long deferred = _deferred.Count, quarantined = _quarantine?.Count ?? 0;
        SlabLayout layout = _slabs.Layout;
        return new CacheSnapshot
        {
            Name = Name,
            ObjectSize = ObjectSize,
            SlotSize = SlotSize,
            Alignment = layout.Alignment,
            Order = layout.Order,
            LeastOrder = layout.MinOrder,
            ObjectsPerSlab = layout.ObjectsIn(layout.Order),
            PagesPerSlab = (int)layout.PagesIn(layout.Order),
            SlabBytes = layout.BytesIn(layout.Order),
            Colors = layout.Colors,
            ColorOffset = layout.ColorOffset,
            NextColor = slabs.NextColor,
            LiveObjects = Math.Max(0, slabs.InUse - magazines.Objects - deferred - quarantined),
            CachedObjects = Math.Min(slabs.InUse, magazines.Objects),
            DeferredObjects = Math.Min(Math.Max(0, slabs.InUse - magazines.Objects), deferred),
            QuarantinedObjects = Math.Min(Math.Max(0, slabs.InUse - magazines.Objects - deferred), quarantined),
            FreeObjects = slabs.Capacity - slabs.InUse,
            GuardedObjects = slabs.Guarded,
            PeakObjects = slabs.PeakInUse,
            FullSlabs = slabs.Full,
            PartialSlabs = slabs.Partial,
            EmptySlabs = slabs.Empty,
            Bytes = slabs.Bytes,
            PeakBytes = slabs.PeakBytes,
            MadeBytes = slabs.MadeBytes,
            HollowBytes = slabs.HollowBytes,
            MetadataBytes = slabs.MetadataBytes + magazines.Bytes + Handles.Bytes,
            MagazineRounds = _magazines.Rounds,
            FullMagazines = magazines.Full,
            EmptyMagazines = magazines.Empty,
            LoadedMagazines = magazines.Loaded,
            DepotContention = magazines.Contentions,
            DepotVisits = magazines.Visits,
            TakenObjects = slabs.Taken,
            Refills = slabs.Refills,
            Flushes = slabs.Flushes,
            MadeSlabs = slabs.Made,
            ZoneFallbacks = slabs.ZoneFallbacks,
            OrderFallbacks = slabs.OrderFallbacks,
            FailedAllocations = Volatile.Read(ref _failures),
            FailedSlabs = slabs.Failed,
            RefusedSlabs = slabs.Refused,
            IsReclaimable = _slabs.IsReclaimable,
            Debug = Letters,
        };
    }

    /// <summary>
    /// Walks the cache and counts every violated invariant of its slabs, their pages, its depots and the magazines of
    /// all threads. A bad pointer that waits in a magazine counts as one.
    /// </summary>
    /// <remarks>
    /// Use it in tests, and to find what went wrong. Threads that use the cache meanwhile wait in their next slow call,
    /// and cause no violation. It reads the frame of every page of the runtime.
    /// </remarks>
    /// <exception cref="ObjectDisposedException">The cache was destroyed.</exception>
    public ValidationReport Validate()
    {
        _magazines.ThrowIfClosed();
        var report = new ValidationReport();
        _magazines.Validate(report);
        return report;
    }

    /// <summary>Says what an address is (<see cref="SlabRuntime.Describe"/>).</summary>
    /// <inheritdoc cref="SlabRuntime.Describe"/>
    public AddressInfo Describe(nint address) => AddressInfo.Of(address, _slabs.Pages, _table);

    /// <summary>Counts an allocation that fails. The caller holds no lock.</summary>
    /// <param name="limit">The limit that refused it, or none: memory ran out.</param>
    /// <param name="objects">How many were wanted.</param>
    /// <returns><see langword="false"/>, as that allocation does.</returns>
    private bool CountFailure(SlabLimit limit, int objects)
    {
        Interlocked.Increment(ref _failures);
        if (SlabEvents.IsOn)
        {
            _slabs.Note(limit == SlabLimit.None ? SlabEventKind.OutOfMemory : SlabEventKind.LimitReached, objects,
                text: limit == SlabLimit.Cache ? "cache" : "account");
            SlabEvents.Tell();
        }

        return false;
    }
}
