namespace SlabGen.Fuzz;

/// <summary>A cache, and what the script holds of it.</summary>
internal sealed class FuzzCache
{
    private readonly SlabRuntime _runtime;

    public FuzzCache(SlabRuntime runtime, KmemCache cache, SlabCacheOptions options)
    {
        (_runtime, Cache, Options) = (runtime, cache, options);
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

    /// <summary>Whether an object was ever freed for after the readers of its time.</summary>
    public bool Defers { get; set; }

    /// <summary>Whether objects have referents that a move would leave behind.</summary>
    public bool IsPinned { get; set; }

    /// <summary>What the cache must say is live.</summary>
    public long Expected => Objects.Count + Handles.Count + Owners.Count + Buffers.Count + OfPool.Count
        + Reservations.Sum(reservation => (long)reservation.Remaining) + (Pool?.Count ?? 0);

    public void CheckCount(string where) => Check(Expected, where);

    /// <summary>One more than the model has: an object whose buffer is pinned.</summary>
    public void CheckPinned(string where) => Check(Expected + 1, $"{where}, with one that is pinned");

    private void Check(long expected, string where)
    {
        CacheSnapshot snapshot = LiveCount.Read(_runtime, Cache, expected, Defers);
        FuzzException.Equal(expected, snapshot.LiveObjects, $"{where}: live objects of {snapshot}");
    }

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
