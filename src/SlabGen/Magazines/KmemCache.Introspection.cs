using SlabGen.Magazines;
using SlabGen.Memory;
using SlabGen.Slabs;

namespace SlabGen;

// What can be seen of a cache while it is used.
public sealed partial class KmemCache
{
    private long _failures; // any thread, interlocked

    /// <summary>The state of the cache now. Threads at work are not stopped, so that the numbers need not add up to the last object.</summary>
    public CacheSnapshot Snapshot()
    {
        MagazineCounts magazines = _magazines.Count();
        SlabCounts slabs = _node.Count();
        SlabLayout layout = _node.Layout;
        return new CacheSnapshot
        {
            Name = Name,
            ObjectSize = ObjectSize,
            SlotSize = SlotSize,
            Alignment = layout.Alignment,
            Order = layout.Order,
            LeastOrder = layout.MinOrder,
            ObjectsPerSlab = layout.ObjectsIn(layout.Order),
            PagesPerSlab = 1 << layout.Order,
            SlabBytes = (long)Page.Size << layout.Order,
            Colors = layout.Colors,
            ColorOffset = layout.ColorOffset,
            NextColor = slabs.NextColor,
            LiveObjects = Math.Max(0, slabs.InUse - magazines.Objects),
            CachedObjects = Math.Min(slabs.InUse, magazines.Objects),
            FreeObjects = slabs.Capacity - slabs.InUse,
            PeakObjects = slabs.PeakInUse,
            FullSlabs = slabs.Full,
            PartialSlabs = slabs.Partial,
            EmptySlabs = slabs.Empty,
            Bytes = slabs.Bytes,
            PeakBytes = slabs.PeakBytes,
            MetadataBytes = slabs.MetadataBytes + magazines.Bytes + Handles.Bytes,
            MagazineRounds = _magazines.Rounds,
            FullMagazines = magazines.Full,
            EmptyMagazines = magazines.Empty,
            LoadedMagazines = magazines.Loaded,
            DepotContention = magazines.Contentions,
            ZoneFallbacks = slabs.ZoneFallbacks,
            OrderFallbacks = slabs.OrderFallbacks,
            FailedAllocations = Volatile.Read(ref _failures),
            FailedSlabs = slabs.Failed,
            RefusedSlabs = slabs.Refused,
            IsReclaimable = _node.IsReclaimable,
            IsChecked = _magazines.IsChecked,
        };
    }

    /// <summary>Counts an allocation that fails for want of memory.</summary>
    /// <returns><see langword="false"/>, as that allocation does.</returns>
    private bool CountFailure()
    {
        Interlocked.Increment(ref _failures);
        return false;
    }
}
