namespace SlabGen.Fuzz;

/// <summary>A cache, and what the script holds of it.</summary>
internal sealed class FuzzCache
{
    public FuzzCache(KmemCache cache, SlabCacheOptions options)
    {
        (Cache, Options) = (cache, options);
        IsChecked = cache.Snapshot().IsChecked;
    }

    public KmemCache Cache { get; }

    public SlabCacheOptions Options { get; }

    public bool IsChecked { get; }

    public List<Live> Objects { get; } = [];

    public List<(SlabHandle<long> Handle, long Value)> Handles { get; } = [];

    public List<SlabHandle<long>> Stale { get; } = [];

    public List<SlabOwner<long>> Owners { get; } = [];

    public List<SlabBuffer> Buffers { get; } = [];

    public List<SlabReservation<long>> Reservations { get; } = [];

    public Mempool? Pool { get; set; }

    public List<Live> OfPool { get; } = [];

    public bool Moves { get; set; }

    /// <summary>Whether objects have referents that a move would leave behind.</summary>
    public bool IsPinned { get; set; }

    /// <summary>What the cache must say is live.</summary>
    public long Expected => Objects.Count + Handles.Count + Owners.Count + Buffers.Count + OfPool.Count
        + Reservations.Sum(reservation => (long)reservation.Remaining) + (Pool?.Count ?? 0);

    public void CheckCount(string where)
    {
        CacheSnapshot snapshot = Cache.Snapshot();
        if (snapshot.LiveObjects != Expected)
        {
            Rcu.Barrier(); // one that waited for readers may be on its way to its slab, on the thread that frees them
            snapshot = Cache.Snapshot();
        }

        FuzzException.Equal(Expected, snapshot.LiveObjects, $"{where}: live objects of {snapshot}");
    }

    /// <summary>One more than the model has: an object whose buffer is pinned.</summary>
    public void CheckPinned(string where) => FuzzException.Equal(Expected + 1, Cache.Snapshot().LiveObjects, $"{where}: live objects with one that is pinned");

    /// <summary>All objects are gone by a reset: what refers to them says so.</summary>
    public void Forget()
    {
        Objects.Clear();
        Stale.AddRange(Handles.Select(held => held.Handle));
        Handles.Clear();
        Owners.ForEach(owner => owner.Dispose());
        Buffers.ForEach(buffer => buffer.Dispose());
        Reservations.ForEach(reservation => reservation.Dispose());
        Owners.Clear();
        Buffers.Clear();
        Reservations.Clear();
    }

    public void FreeAll()
    {
        foreach (Live live in OfPool)
        {
            live.Check("in a pool, at the end");
            Pool!.Free(live.Address);
        }

        OfPool.Clear();
        Pool?.Dispose();
        Pool = null;
        foreach (Live live in Objects)
        {
            live.Check("at the end");
            Cache.Free(live.Address);
        }

        Objects.Clear();
        if (Handles.Count > 0)
        {
            var handles = new SlabHandles<long>(Cache);
            Handles.ForEach(held => handles.Free(held.Handle));
            Handles.Clear();
        }

        Forget();
    }
}
