using KeyValueServer.Protocol;

namespace KeyValueServer.Objects;

/// <summary>
/// The keyspace as ordinary objects: a <see cref="Dictionary{TKey, TValue}"/> of byte arrays. The collector marks them all.
/// <c>Slabs/SlabKeyspace.cs</c> is the same, method by method, in native memory.
/// </summary>
internal sealed partial class ObjectKeyspace : IKeyspace
{
    private const int Overhead = 150; // of a key: an entry of the dictionary, the object, and the headers of two arrays, about

    private readonly Dictionary<byte[], ObjectEntry> _table = new(ByteComparer.Instance);
    private readonly Dictionary<byte[], ObjectEntry>.AlternateLookup<ReadOnlySpan<byte>> _byKey;
    private readonly List<ObjectEntry> _all = []; // for passes: a dictionary has no place to go on from
    private int _swept;

    public ObjectKeyspace() => _byKey = _table.GetAlternateLookup<ReadOnlySpan<byte>>();

    public long Now { get; set; }

    public int Count => _table.Count;

    public int Volatile { get; private set; }

    public long Expired { get; private set; }

    public long Evicted { get; private set; }

    public long UsedBytes { get; private set; }

    public IEnumerable<(string Name, long Value)> Figures => [("heap_bytes", GC.GetTotalMemory(forceFullCollection: false))];

    private uint Clock => (uint)(Now >> 4);

    public void Expect(ReadOnlySpan<uint> hashes)
    {
        // A dictionary shows no bucket.
    }

    public Kind KindOf(ReadOnlySpan<byte> key) => TryFind(key, out ObjectEntry? entry) ? entry.Kind : Kind.None;

    public Outcome GetExpiry(ReadOnlySpan<byte> key, out long at)
    {
        at = TryFind(key, out ObjectEntry? entry) ? entry.ExpiresAt : 0;
        return entry is null ? Outcome.Missing : Outcome.Done;
    }

    public Outcome SetExpiry(ReadOnlySpan<byte> key, long at)
    {
        if (!TryFind(key, out ObjectEntry? entry))
        {
            return Outcome.Missing;
        }

        SetExpiry(entry, at);
        return Outcome.Done;
    }

    public bool Remove(ReadOnlySpan<byte> key)
    {
        if (!TryFind(key, out ObjectEntry? entry))
        {
            return false;
        }

        Remove(entry);
        return true;
    }

    public void Clear()
    {
        _table.Clear();
        _all.Clear();
        (UsedBytes, Volatile, _swept) = (0, 0, 0);
    }

    public Outcome Get(ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (!TryFind(key, out ObjectEntry? entry))
        {
            return Outcome.Missing;
        }

        if (entry.Content is not byte[] bytes)
        {
            return Outcome.WrongType;
        }

        value = bytes;
        return Outcome.Done;
    }

    public Outcome Set(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, long expiresAt)
    {
        if (!TryFind(key, out ObjectEntry? entry))
        {
            entry = Add(key);
        }

        UsedBytes += value.Length - entry.Bytes;
        entry.Bytes = value.Length;
        entry.Content = value.ToArray();
        SetExpiry(entry, expiresAt);
        return Outcome.Done;
    }

    public Outcome Resize(ReadOnlySpan<byte> key, int length, out Span<byte> value)
    {
        value = default;
        if (!TryFind(key, out ObjectEntry? entry))
        {
            entry = Add(key);
            entry.Content = Array.Empty<byte>();
        }
        else if (entry.Kind != Kind.String)
        {
            return Outcome.WrongType;
        }

        byte[] bytes = (byte[])entry.Content;
        Array.Resize(ref bytes, length);
        entry.Content = bytes;
        UsedBytes += length - entry.Bytes;
        entry.Bytes = length;
        value = bytes;
        return Outcome.Done;
    }

    public void Dispose()
    {
        // The collector takes it all.
    }

    private bool TryFind(ReadOnlySpan<byte> key, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ObjectEntry? entry)
    {
        if (!_byKey.TryGetValue(key, out entry))
        {
            return false;
        }

        if (entry.ExpiresAt != 0 && entry.ExpiresAt <= Now)
        {
            Expire(entry);
            entry = null;
            return false;
        }

        entry.LastUse = Clock;
        return true;
    }

    private ObjectEntry Add(ReadOnlySpan<byte> key)
    {
        var entry = new ObjectEntry(key.ToArray(), _all.Count) { LastUse = Clock };
        _table.Add(entry.Key, entry);
        _all.Add(entry);
        UsedBytes += Overhead + key.Length;
        return entry;
    }

    private void SetExpiry(ObjectEntry entry, long at)
    {
        Volatile += (at != 0 ? 1 : 0) - (entry.ExpiresAt != 0 ? 1 : 0);
        entry.ExpiresAt = at;
    }

    private void Expire(ObjectEntry entry)
    {
        Expired++;
        Remove(entry);
    }

    private void Remove(ObjectEntry entry)
    {
        SetExpiry(entry, 0);
        UsedBytes -= Overhead + entry.Key.Length + entry.Bytes;
        _table.Remove(entry.Key);
        ObjectEntry last = _all[^1];
        _all[entry.Index] = last;
        last.Index = entry.Index;
        _all.RemoveAt(_all.Count - 1);
    }
}
