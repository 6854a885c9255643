using KeyValueServer.Protocol;

namespace KeyValueServer;

/// <summary>
/// The data. <c>Slabs/SlabKeyspace.cs</c> keeps it in native memory; <c>Objects/ObjectKeyspace.cs</c> does the same over
/// ordinary objects. One thread at a time calls it: the caller holds the lock of <see cref="Store"/>. A span that it returns is
/// good until the next call.
/// </summary>
internal interface IKeyspace : IDisposable
{
    /// <summary>Milliseconds since 1970. The caller sets it once for a batch of commands: a key that has expired by then is gone.</summary>
    long Now { get; set; }

    int Count { get; }

    /// <summary>Keys that expire some day.</summary>
    int Volatile { get; }

    long Expired { get; }

    long Evicted { get; }

    /// <summary>Bytes that keys, values and what holds them together take.</summary>
    long UsedBytes { get; }

    /// <summary>What else there is to know, for INFO.</summary>
    IEnumerable<(string Name, long Value)> Figures { get; }

    /// <summary>
    /// The keys of the commands that come next. Storage may begin to fetch all of them, so that their misses of the processor's cache overlap
    /// and are not waited for one by one. It need not.
    /// </summary>
    void Expect(ReadOnlySpan<uint> hashes);

    Kind KindOf(ReadOnlySpan<byte> key);

    /// <summary>0 if the key never expires.</summary>
    Outcome GetExpiry(ReadOnlySpan<byte> key, out long at);

    Outcome SetExpiry(ReadOnlySpan<byte> key, long at);

    bool Remove(ReadOnlySpan<byte> key);

    void Clear();

    Outcome Get(ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value);

    /// <summary>Stores a string in the place of whatever was there.</summary>
    Outcome Set(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, long expiresAt);

    /// <summary>Makes a string this long, or a new one: it keeps what it had, and zeros follow.</summary>
    Outcome Resize(ReadOnlySpan<byte> key, int length, out Span<byte> value);

    Outcome Push(ReadOnlySpan<byte> key, bool first, ReadOnlySpan<byte> value, out int length);

    /// <summary>Removes an element of a list that has one.</summary>
    void Drop(ReadOnlySpan<byte> key, bool first);

    Outcome ListLength(ReadOnlySpan<byte> key, out int length);

    /// <summary>Writes the elements from one index to another, both in the list, each as a bulk string.</summary>
    void WriteRange(ReadOnlySpan<byte> key, int from, int count, Reply reply);

    Outcome SetField(ReadOnlySpan<byte> key, ReadOnlySpan<byte> field, ReadOnlySpan<byte> value, out bool added);

    Outcome GetField(ReadOnlySpan<byte> key, ReadOnlySpan<byte> field, out ReadOnlySpan<byte> value);

    Outcome RemoveField(ReadOnlySpan<byte> key, ReadOnlySpan<byte> field);

    Outcome FieldCount(ReadOnlySpan<byte> key, out int count);

    void WriteFields(ReadOnlySpan<byte> key, Parts parts, Reply reply);

    /// <summary>
    /// Visits some keys. Whoever goes on with the cursor it returns, until that is 0, has seen every key that was there all the time.
    /// </summary>
    ulong Scan(ulong cursor, int count, IKeyVisitor visitor);

    /// <summary>Removes a key that nobody has used for long. It is the longest unused of a few at random, as in Redis.</summary>
    bool EvictOne();

    /// <summary>Removes some of the keys that have expired unseen; called now and then, it comes past all.</summary>
    void Sweep(int buckets);
}

/// <summary>Sees keys. It must not change the keyspace.</summary>
internal interface IKeyVisitor
{
    void Visit(ReadOnlySpan<byte> key, Kind kind);
}
