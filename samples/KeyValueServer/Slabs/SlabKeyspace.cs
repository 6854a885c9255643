using KeyValueServer.Protocol;
using SlabGen;

namespace KeyValueServer.Slabs;

/// <summary>
/// The keyspace in native memory. The collector knows this one object, however many keys there are. <c>Objects/ObjectKeyspace.cs</c>
/// is the same, method by method, over ordinary objects.
/// </summary>
/// <remarks>
/// A step takes all its memory before it changes anything, so that one that finds none has changed nothing. It never evicts: whoever
/// called may evict, and try again. There is one in a process, because the caches that the generator writes are static.
/// </remarks>
internal sealed partial class SlabKeyspace : IKeyspace
{
    private SlabPtr<Table> _table;
    private int _swept; // the bucket that the sweep comes to next

    /// <exception cref="OutOfMemoryException">There is no memory for an empty table.</exception>
    public SlabKeyspace() => _table = NewTable();

    public long Now { get; set; }

    public int Count => _table.Value.Count;

    public int Volatile { get; private set; }

    public long Expired { get; private set; }

    public long Evicted { get; private set; }

    public long UsedBytes => Blocks.Used;

    public IEnumerable<(string Name, long Value)> Figures =>
    [
        ("slab_committed_bytes", SlabRuntime.Default.CommittedBytes),
        ("slab_memory_limit", SlabRuntime.Default.MemoryLimit),
        ("slab_entries", EntryCache.Cache.Snapshot().LiveObjects),
        ("slab_blocks", Blocks.Live),
    ];

    private uint Clock => (uint)(Now >> 4); // 16 ms; it comes round after two years

    public void Expect(ReadOnlySpan<uint> hashes) => _table.Value.Touch(hashes);

    public Kind KindOf(ReadOnlySpan<byte> key) => TryFind(key, out EntryPtr entry) ? entry.Value.Kind : Kind.None;

    public Outcome GetExpiry(ReadOnlySpan<byte> key, out long at)
    {
        at = TryFind(key, out EntryPtr entry) ? entry.Value.ExpiresAt : 0;
        return entry.IsNull ? Outcome.Missing : Outcome.Done;
    }

    public Outcome SetExpiry(ReadOnlySpan<byte> key, long at)
    {
        if (!TryFind(key, out EntryPtr entry))
        {
            return Outcome.Missing;
        }

        SetExpiry(ref entry.Value, at);
        return Outcome.Done;
    }

    public bool Remove(ReadOnlySpan<byte> key)
    {
        if (!TryFind(key, out EntryPtr entry))
        {
            return false;
        }

        Remove(entry);
        return true;
    }

    /// <summary>Gives all slabs back at once: it costs pages, not keys.</summary>
    public void Clear()
    {
        EntryCache.Reset();
        ElementCache.Reset();
        ListHeadCache.Reset();
        TableCache.Reset();
        Blocks.Reset();
        (Blocks.Used, Volatile, _swept) = (0, 0, 0);
        _table = NewTable();
    }

    public Outcome Get(ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (!TryFind(key, out EntryPtr entry))
        {
            return Outcome.Missing;
        }

        if (entry.Value.Kind != Kind.String)
        {
            return Outcome.WrongType;
        }

        value = entry.Value.Value;
        return Outcome.Done;
    }

    public Outcome Set(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, long expiresAt)
    {
        uint hash = KeyHash.Of(key);
        if (TryFind(key, hash, out EntryPtr entry))
        {
            if (!entry.Value.TryResize(value.Length))
            {
                return Outcome.OutOfMemory;
            }
        }
        else if (Entry.TryCreate(key, hash, value.Length, out entry))
        {
            entry.Value.LastUse = Clock;
            _table.Value.Add(entry);
        }
        else
        {
            return Outcome.OutOfMemory;
        }

        ref Entry e = ref entry.Value;
        value.CopyTo(e.Value);
        SetExpiry(ref e, expiresAt);
        return Outcome.Done;
    }

    public Outcome Resize(ReadOnlySpan<byte> key, int length, out Span<byte> value)
    {
        value = default;
        uint hash = KeyHash.Of(key);
        int before = 0;
        if (TryFind(key, hash, out EntryPtr entry))
        {
            if (entry.Value.Kind != Kind.String)
            {
                return Outcome.WrongType;
            }

            before = entry.Value.Value.Length;
            if (!entry.Value.TryResize(length))
            {
                return Outcome.OutOfMemory;
            }
        }
        else if (Entry.TryCreate(key, hash, length, out entry))
        {
            entry.Value.LastUse = Clock;
            _table.Value.Add(entry);
        }
        else
        {
            return Outcome.OutOfMemory;
        }

        value = entry.Value.Value;
        value[Math.Min(before, length)..].Clear();
        return Outcome.Done;
    }

    /// <summary>Counts the live objects and blocks of the process: 0 after the disposal.</summary>
    public static long CountLive() =>
        EntryCache.Cache.Snapshot().LiveObjects
        + ElementCache.Cache.Snapshot().LiveObjects
        + ListHeadCache.Cache.Snapshot().LiveObjects
        + TableCache.Cache.Snapshot().LiveObjects
        + Blocks.Live;

    /// <summary>Frees everything: what is live in the caches then is a leak.</summary>
    public void Dispose()
    {
        if (!_table.IsNull)
        {
            Table.Free(_table);
            _table = default;
        }
    }

    private static SlabPtr<Table> NewTable() =>
        Table.TryCreate(out SlabPtr<Table> table)
            ? table
            : throw new OutOfMemoryException($"no memory for an empty table within {SlabRuntime.Default.MemoryLimit:N0} bytes");

    private bool TryFind(ReadOnlySpan<byte> key, out EntryPtr entry) => TryFind(key, KeyHash.Of(key), out entry);

    /// <summary>Finds a key that has not expired; one that has, goes.</summary>
    private bool TryFind(ReadOnlySpan<byte> key, uint hash, out EntryPtr entry)
    {
        if (!_table.Value.TryFind(key, hash, out entry))
        {
            return false;
        }

        ref Entry e = ref entry.Value;
        if (e.ExpiresAt != 0 && e.ExpiresAt <= Now)
        {
            Expire(entry);
            entry = default;
            return false;
        }

        e.LastUse = Clock;
        return true;
    }

    private void SetExpiry(ref Entry entry, long at)
    {
        Volatile += (at != 0 ? 1 : 0) - (entry.ExpiresAt != 0 ? 1 : 0);
        entry.ExpiresAt = at;
    }

    private void Expire(EntryPtr entry)
    {
        Expired++;
        Remove(entry);
    }

    private void Remove(EntryPtr entry)
    {
        SetExpiry(ref entry.Value, 0);
        _table.Value.Remove(entry);
        Entry.Free(entry);
    }
}
