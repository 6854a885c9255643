namespace SlabGen;

// What can be seen of a runtime as a whole.
public sealed partial class SlabRuntime
{
    /// <summary>Bytes of the slabs of caches with <see cref="SlabCacheOptions.Reclaimable"/> (<c>SReclaimable</c>).</summary>
    public long ReclaimableBytes => CountSlabBytes(reclaimable: true);

    /// <summary>Bytes of the slabs of all other caches (<c>SUnreclaim</c>).</summary>
    public long UnreclaimableBytes => CountSlabBytes(reclaimable: false);

    /// <summary>Also of destroyed caches: live objects keep their slabs.</summary>
    private long CountSlabBytes(bool reclaimable)
    {
        long bytes = 0;
        foreach (KmemCache cache in _caches.All.Concat(_caches.Remains()))
        {
            bytes += cache.Node.IsReclaimable == reclaimable ? cache.Node.Count().Bytes : 0;
        }

        return bytes;
    }
}
