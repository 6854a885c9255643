using System.Runtime.CompilerServices;
using SlabGen.Collections.Hashing;

namespace SlabGen.Collections;

/// <summary>
/// A map from runs of bytes to unmanaged values, in native memory: a look-up by a span allocates nothing, and a key is
/// stored once, in one block with its value. It grows and shrinks as <see cref="SlabDictionary{TKey, TValue}"/> does.
/// </summary>
/// <remarks>
/// Each entry is a block of <see cref="SlabCollection.Memory"/>. So disposal and <see cref="SlabCollection.Clear"/>
/// free entry by entry, unless the map has its memory for itself (<c>ownsMemory</c>): then all goes at once. References
/// and keys that it gives out are valid until their entry is removed. <see cref="SlabCollection"/> says what holds for
/// all collections.
/// </remarks>
/// <typeparam name="TValue">The values.</typeparam>
public sealed unsafe partial class SlabByteMap<TValue> : SlabByteTable
    where TValue : unmanaged
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

    /// <summary>The value of a key.</summary>
    /// <param name="key">The key.</param>
    /// <exception cref="KeyNotFoundException">There is no such key.</exception>
    /// <exception cref="OutOfMemoryException">There is no memory for a new key.</exception>
    public TValue this[ReadOnlySpan<byte> key]
    {
        get => TryGetValue(key, out TValue value) ? value : throw Throw.NoKey(key);
        set => GetValueRefOrAddDefault(key, out _) = value;
    }

    /// <summary>The value of a key, if there is one.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">Its value, or the default.</param>
    public bool TryGetValue(ReadOnlySpan<byte> key, out TValue value)
    {
        CheckRead();
        ByteEntry* entry = _table.Find(key);
        value = entry == null ? default : *ValueOf(entry);
        return entry != null;
    }

    /// <summary>
    /// A reference to the value of a key, or a null reference (<see cref="Unsafe.IsNullRef{T}(ref readonly T)"/>).
    /// </summary>
    /// <param name="key">The key.</param>
    public ref TValue GetValueRefOrNullRef(ReadOnlySpan<byte> key)
    {
        CheckRead();
        ByteEntry* entry = _table.Find(key);
        return ref entry == null ? ref Unsafe.NullRef<TValue>() : ref *ValueOf(entry);
    }

    /// <summary>
    /// A reference to the value of a key, which is added with the default value if it is not there.
    /// </summary>
    /// <param name="key">The key, which is copied.</param>
    /// <param name="exists">Whether it was there.</param>
    /// <exception cref="OutOfMemoryException">There is no memory for a new key.</exception>
    public ref TValue GetValueRefOrAddDefault(ReadOnlySpan<byte> key, out bool exists)
    {
        ByteEntry* entry = GetOrAdd(key, out exists);
        if (entry == null)
        {
            throw Short(ByteBlock.BytesOf(key.Length, sizeof(TValue)));
        }

        return ref *ValueOf(entry);
    }

    /// <summary>Adds a key.</summary>
    /// <param name="key">The key, which is copied.</param>
    /// <param name="value">Its value.</param>
    /// <exception cref="ArgumentException">The key is there already.</exception>
    /// <exception cref="OutOfMemoryException">There is no memory for it.</exception>
    public void Add(ReadOnlySpan<byte> key, TValue value)
    {
        if (!TryAdd(key, value))
        {
            throw Throw.HasKey(key);
        }
    }

    /// <summary>Adds a key, unless it is there.</summary>
    /// <param name="key">The key, which is copied.</param>
    /// <param name="value">Its value.</param>
    /// <returns>Whether it was added; <see langword="false"/> when it was there.</returns>
    /// <exception cref="OutOfMemoryException">There is no memory for it.</exception>
    public bool TryAdd(ReadOnlySpan<byte> key, TValue value)
    {
        ref TValue place = ref GetValueRefOrAddDefault(key, out bool exists);
        if (!exists)
        {
            place = value;
        }

        return !exists;
    }

    /// <summary>Adds a key, unless it is there or memory is short: then the map is as it was.</summary>
    /// <param name="key">The key, which is copied.</param>
    /// <param name="value">Its value.</param>
    /// <param name="exists">Whether it was there.</param>
    /// <returns>Whether it was added. If it was not, and was not there, memory is short.</returns>
    public bool TryAdd(ReadOnlySpan<byte> key, TValue value, out bool exists)
    {
        ByteEntry* entry = GetOrAdd(key, out exists);
        if (entry == null || exists)
        {
            return false;
        }

        *ValueOf(entry) = value;
        return true;
    }

    /// <summary>Sets the value of a key, or adds it, unless memory is short: then the map is as it was.</summary>
    /// <param name="key">The key, which is copied.</param>
    /// <param name="value">Its value.</param>
    /// <returns>Whether it was set.</returns>
    public bool TrySet(ReadOnlySpan<byte> key, TValue value)
    {
        ByteEntry* entry = GetOrAdd(key, out _);
        if (entry == null)
        {
            return false;
        }

        *ValueOf(entry) = value;
        return true;
    }

    /// <summary>Removes a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">What its value was, or the default.</param>
    /// <returns>Whether it was there.</returns>
    public bool Remove(ReadOnlySpan<byte> key, out TValue value)
    {
        EnterWrite();
        try
        {
            ByteBlock* block = _table.Remove(this, key);
            if (block == null)
            {
                value = default;
                return false;
            }

            value = *(TValue*)ByteBlock.ValueOf(block);
            ByteTable.FreeBlock(this, block);
            return true;
        }
        finally
        {
            ExitWrite();
        }
    }

    private static TValue* ValueOf(ByteEntry* entry) => (TValue*)ByteBlock.ValueOf(entry->Block);

    private ByteEntry* GetOrAdd(ReadOnlySpan<byte> key, out bool exists)
    {
        EnterWrite();
        try
        {
            return _table.FindOrAdd(this, key, sizeof(TValue), out exists);
        }
        finally
        {
            ExitWrite();
        }
    }
}
