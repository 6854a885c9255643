using SlabGen.Collections.Hashing;

namespace SlabGen.Collections;

/// <summary>
/// A map from runs of bytes to runs of bytes, in native memory: keys and values of a server. An entry is one block. It
/// grows and shrinks as <see cref="SlabDictionary{TKey, TValue}"/> does.
/// </summary>
/// <remarks>
/// Each entry is a block of <see cref="SlabCollection.Memory"/>. So disposal and <see cref="SlabCollection.Clear"/>
/// free entry by entry, unless the map has its memory for itself (<c>ownsMemory</c>): then all goes at once. Spans that
/// it gives out are valid until their entry is removed, or gets a value of another length. <see cref="SlabCollection"/>
/// says what holds for all collections.
/// </remarks>
public sealed unsafe partial class SlabByteMap : SlabByteTable
{
    /// <summary>Makes an empty map, which has no memory yet.</summary>
    /// <param name="memory">Where it lives; by default the <see cref="SlabRuntime.Kmalloc"/> of
    /// <see cref="SlabRuntime.Default"/>.</param>
    /// <param name="comparison">When two keys are equal.</param>
    /// <param name="ownsMemory">Whether <paramref name="memory"/>, a private instance, is this map's alone: it ends
    /// with it.</param>
    public SlabByteMap(Kmalloc? memory = null, SlabByteComparison comparison = default, bool ownsMemory = false)
        : base(memory, comparison, ownsMemory)
    {
    }

    /// <summary>The value of a key, which may be written.</summary>
    /// <param name="key">The key.</param>
    /// <exception cref="KeyNotFoundException">There is no such key.</exception>
    public Span<byte> this[ReadOnlySpan<byte> key] =>
        TryGetValue(key, out Span<byte> value) ? value : throw Throw.NoKey(key);

    /// <summary>The value of a key, if there is one; it may be written.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">Its value, or nothing.</param>
    public bool TryGetValue(ReadOnlySpan<byte> key, out Span<byte> value)
    {
        CheckRead();
        ByteEntry* entry = _table.Find(key);
        value = entry == null ? default : ValueOf(entry);
        return entry != null;
    }

    /// <summary>Adds a key.</summary>
    /// <param name="key">The key, which is copied.</param>
    /// <param name="value">Its value, which is copied.</param>
    /// <exception cref="ArgumentException">The key is there already.</exception>
    /// <exception cref="OutOfMemoryException">There is no memory for it.</exception>
    public void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (!TryAdd(key, value))
        {
            throw Throw.HasKey(key);
        }
    }

    /// <summary>Adds a key, unless it is there.</summary>
    /// <param name="key">The key, which is copied.</param>
    /// <param name="value">Its value, which is copied.</param>
    /// <returns>Whether it was added; <see langword="false"/> when it was there.</returns>
    /// <exception cref="OutOfMemoryException">There is no memory for it.</exception>
    public bool TryAdd(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) =>
        TryAdd(key, value, out bool exists)
        || (exists ? false : throw Short(ByteBlock.BytesOf(key.Length, value.Length)));

    /// <summary>Adds a key, unless it is there or memory is short: then the map is as it was.</summary>
    /// <param name="key">The key, which is copied.</param>
    /// <param name="value">Its value, which is copied.</param>
    /// <param name="exists">Whether it was there.</param>
    /// <returns>Whether it was added. If it was not, and was not there, memory is short.</returns>
    public bool TryAdd(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, out bool exists)
    {
        EnterWrite();
        try
        {
            ByteEntry* entry = _table.FindOrAdd(this, key, value.Length, out exists);
            if (entry == null || exists)
            {
                return false;
            }

            value.CopyTo(ValueOf(entry));
            return true;
        }
        finally
        {
            ExitWrite();
        }
    }

    /// <summary>Sets the value of a key, or adds it.</summary>
    /// <param name="key">The key, which is copied.</param>
    /// <param name="value">Its value, which is copied. It must not lie in the entry that it replaces.</param>
    /// <exception cref="OutOfMemoryException">There is no memory for it; the map is as it was.</exception>
    public void Set(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (!TrySet(key, value))
        {
            throw Short(ByteBlock.BytesOf(key.Length, value.Length));
        }
    }

    /// <summary>Sets the value of a key, or adds it, unless memory is short: then the map is as it was.</summary>
    /// <param name="key">The key, which is copied.</param>
    /// <param name="value">Its value, which is copied. It must not lie in the entry that it replaces.</param>
    /// <returns>Whether it was set.</returns>
    public bool TrySet(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        EnterWrite();
        try
        {
            ByteEntry* entry = _table.FindOrAdd(this, key, value.Length, out bool exists);
            if (entry == null)
            {
                return false;
            }

            bool fits = !exists || entry->Block->ValueLength == value.Length;
            if (!fits && !ByteTable.TryReplace(this, entry, value.Length))
            {
                return false;
            }

            value.CopyTo(ValueOf(entry));
            return true;
        }
        finally
        {
            ExitWrite();
        }
    }

    private static Span<byte> ValueOf(ByteEntry* entry) =>
        new(ByteBlock.ValueOf(entry->Block), entry->Block->ValueLength);
}
