using SlabGen.Memory;

namespace SlabGen;

// Giving memory back, the end of a cache, and what can be seen of it meanwhile.
public sealed partial class KmemCache
{
    private const int ReportedAddresses = 16;

    /// <summary>
    /// Takes back every free object, from the magazines of all threads, idle ones included, and gives every page that
    /// is then free to the operating system (<c>kmem_cache_shrink</c>).
    /// </summary>
    /// <returns>Whether the cache still has a slab, because an object is live (the kernel's function returns 0 when it has none).</returns>
    /// <remarks>
    /// Of a thread that runs, or waits in native code, one free object may have to stay: it might be about to take it.
    /// </remarks>
    /// <exception cref="SlabException">A bad pointer was found in a magazine.</exception>
    /// <exception cref="ObjectDisposedException">The cache was destroyed.</exception>
    public bool Shrink()
    {
        _magazines.ThrowIfClosed();
        _magazines.ThrowPending();
        SlabException? error = _magazines.Drain(close: false, out _);
        _node.Pages.Trim();
        if (error is not null)
        {
            throw error;
        }

        return _node.Capacity > 0;
    }

    /// <summary>
    /// Ends the use of the cache (<c>kmem_cache_destroy</c>): every later call but this one throws. Its memory goes back to the
    /// operating system, except for slabs with live objects, which stay mapped so that no pointer to them dangles.
    /// </summary>
    /// <returns>Which objects were never freed.</returns>
    /// <exception cref="SlabException">A bad pointer was found in a magazine; the cache is destroyed all the same.</exception>
    /// <exception cref="ObjectDisposedException">The cache was destroyed before.</exception>
    public LeakReport Destroy()
    {
        if (!_magazines.TryClose())
        {
            Slabs.Throw.Destroyed(Name);
        }

        SlabException? error = _magazines.Drain(close: true, out long left);
        Volatile.Write(ref _id, 0);
        _table.Remove(this, _node.CacheId, reuseId: _node.Capacity == 0);
        _node.Pages.Trim();
        if (error is not null)
        {
            throw error;
        }

        _magazines.ThrowPending();
        long live = Math.Max(0, _node.InUse - left);
        nint[] addresses = new nint[Math.Min(live, ReportedAddresses)];
        return new LeakReport(Name, live, addresses[.._node.ListInUse(addresses)]);
    }

    /// <summary>The state of the cache now. Threads at work are not stopped, so that the numbers need not add up to the last object.</summary>
    public CacheSnapshot Snapshot()
    {
        long cached = _magazines.CountCached();
        long inUse = _node.InUse, capacity = _node.Capacity;
        (int full, int partial, int empty, int nextColor) = _node.Count();
        return new CacheSnapshot
        {
            Name = Name,
            ObjectSize = ObjectSize,
            SlotSize = SlotSize,
            Alignment = _node.Layout.Alignment,
            ObjectsPerSlab = _node.Layout.ObjectsIn(_node.Layout.Order),
            PagesPerSlab = 1 << _node.Layout.Order,
            SlabBytes = (long)Page.Size << _node.Layout.Order,
            Colors = _node.Layout.Colors,
            ColorOffset = _node.Layout.ColorOffset,
            NextColor = nextColor,
            LiveObjects = Math.Max(0, inUse - cached),
            CachedObjects = Math.Min(inUse, cached),
            FreeObjects = capacity - inUse,
            FullSlabs = full,
            PartialSlabs = partial,
            EmptySlabs = empty,
            Bytes = _node.SlabBytes,
            MagazineRounds = _magazines.Rounds,
            FullMagazines = _magazines.Depot.FullCount,
            IsChecked = _magazines.IsChecked,
        };
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
