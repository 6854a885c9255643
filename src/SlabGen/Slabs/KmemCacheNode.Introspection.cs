namespace SlabGen.Slabs;

// What a snapshot says of the slabs. The counters are written under the list lock, where slabs are made and refilled from.
internal sealed partial class KmemCacheNode
{
    private long _peakInUse, _peakSlabBytes;
    private long _zoneFallbacks, _orderFallbacks, _failedSlabs, _refusedSlabs;

    /// <summary>Whether the slabs count as memory that can be had back.</summary>
    public bool IsReclaimable => _options.Reclaimable;

    /// <summary>The slabs at one moment.</summary>
    public SlabCounts Count()
    {
        using (_listLock.Hold())
        {
            int partial = _lists[IsolatedList].Count;
            for (int list = EmptyList + 1; list < FullList; list++)
            {
                partial += _lists[list].Count;
            }

            return new SlabCounts
            {
                Full = _lists[FullList].Count,
                Partial = partial,
                Empty = _lists[EmptyList].Count,
                NextColor = _nextColor,
                InUse = InUse,
                Capacity = Capacity,
                Bytes = SlabBytes,
                MetadataBytes = (long)_slabCount * _slabs.ChunkSize,
                PeakInUse = _peakInUse,
                PeakBytes = _peakSlabBytes,
                ZoneFallbacks = _zoneFallbacks,
                OrderFallbacks = _orderFallbacks,
                Failed = _failedSlabs,
                Refused = _refusedSlabs,
            };
        }
    }

    /// <summary>Counts a new slab that is not what was asked for.</summary>
    private void CountFallbacks(ZoneKind zone, int order)
    {
        _zoneFallbacks += zone == _options.Zone ? 0 : 1;
        _orderFallbacks += order == Layout.Order ? 0 : 1;
    }
}
