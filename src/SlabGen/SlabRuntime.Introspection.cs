using SlabGen.Reclaim;

namespace SlabGen;

// What can be seen of a runtime as a whole.
public sealed partial class SlabRuntime
{
    private string DebuggerDisplay => $"{CommittedBytes} of {MemoryLimit} bytes, {Caches.Count} caches{(_disposed != 0 ? ", disposed" : "")}";

    /// <summary>Background reclaim, for tests.</summary>
    internal BackgroundReclaim Background => _reclaim.Background;

    /// <summary>Direct reclaim, for tests.</summary>
    internal DirectReclaim Reclaim => _reclaim;

    /// <summary>The memory of the runtime now, and what was taken back so far. It stops nobody.</summary>
    public SlabRuntimeSnapshot Snapshot()
    {
        ReclaimTotals totals = _reclaim.Totals;
        return new SlabRuntimeSnapshot
        {
            MemoryLimit = MemoryLimit,
            CommittedBytes = CommittedBytes,
            PeakCommittedBytes = PeakCommittedBytes,
            ReturnedBytes = _pages.ReturnedBytes,
            DirectReclaims = totals.Passes(ReclaimKind.Direct),
            DirectlyReclaimedBytes = totals.Bytes(ReclaimKind.Direct),
            BackgroundReclaims = totals.Passes(ReclaimKind.Background),
            BackgroundReclaimedBytes = totals.Bytes(ReclaimKind.Background),
            PressureReclaims = totals.Passes(ReclaimKind.Pressure),
            PressureReclaimedBytes = totals.Bytes(ReclaimKind.Pressure),
            IdleReclaims = totals.Passes(ReclaimKind.Idle),
            IdleReclaimedBytes = totals.Bytes(ReclaimKind.Idle),
        };
    }

    /// <summary>
    /// Bytes of the slabs of caches with <see cref="SlabCacheOptions.Reclaimable"/> (<c>SReclaimable</c>).
    /// </summary>
    public long ReclaimableBytes => CountSlabBytes(reclaimable: true);

    /// <summary>Bytes of the slabs of all other caches (<c>SUnreclaim</c>).</summary>
    public long UnreclaimableBytes => CountSlabBytes(reclaimable: false);

    /// <summary>
    /// Why no object of this runtime is guarded, though <see cref="SlabRuntimeOptions.GuardSampling"/> asks for it;
    /// null if some are, or if it does not.
    /// </summary>
    public string? GuardRefusal => _pages.GuardRefusal;

    /// <summary>
    /// Says what an address is. Any address will do, also one of other memory. The memory there is not touched.
    /// </summary>
    /// <remarks>
    /// A snapshot, while other threads go on. An object on its way from one magazine to another may be called live.
    /// </remarks>
    public AddressInfo Describe(nint address) => AddressInfo.Of(address, _pages, _caches);

    /// <summary>
    /// Walks every zone, all metadata and every cache, including destroyed ones with live objects, and counts the
    /// violated invariants.
    /// </summary>
    /// <inheritdoc cref="KmemCache.Validate"/>
    /// <exception cref="ObjectDisposedException">The runtime was disposed.</exception>
    public ValidationReport Validate()
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        var report = new ValidationReport();
        foreach (KmemCache cache in _caches.AllAndRemains())
        {
            cache.CountViolations(report);
        }

        _pools.Validate(report);
        _pages.Validate(report);
        return report;
    }

    /// <summary>
    /// Begins to look for leaks: for tests, of what is allocated in this runtime from now on. Nothing is held up, and
    /// allocations cost what they did.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The runtime was disposed.</exception>
    public SlabLeakScope TrackLeaks() => new(this);

    /// <summary>The caches, destroyed ones with live objects too.</summary>
    internal KmemCache[] CachesAndRemains()
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        return _caches.AllAndRemains();
    }

    /// <summary>Counts destroyed caches too, because live objects keep their slabs.</summary>
    private long CountSlabBytes(bool reclaimable)
    {
        long bytes = 0;
        foreach (KmemCache cache in _caches.AllAndRemains())
        {
            bytes += cache.IsReclaimable == reclaimable ? cache.SlabBytes : 0;
        }

        return bytes;
    }
}
