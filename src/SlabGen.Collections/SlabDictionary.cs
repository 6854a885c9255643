using System.Runtime.CompilerServices;
using SlabGen.Collections.Hashing;

namespace SlabGen.Collections;

/// <summary>
/// A dictionary of unmanaged keys and values in native memory. It grows and shrinks some fifty entries at a time, so no
/// insertion waits for a rehash, and it gives its memory back as it is emptied.
/// </summary>
/// <remarks>
/// As <see cref="Dictionary{TKey, TValue}"/>, but: it must be disposed of; any change, a removal too, ends an
/// enumeration and makes references to values invalid; and where memory is short,
/// <see cref="TryAdd(TKey, TValue, out bool)"/> and <see cref="TrySet"/> say so. <see cref="SlabCollection"/> says what
/// holds for all collections.
/// </remarks>
/// <typeparam name="TKey">The keys; they should implement <see cref="IEquatable{T}"/>, or each comparison
/// boxes.</typeparam>
/// <typeparam name="TValue">The values.</typeparam>
public sealed unsafe partial class SlabDictionary<TKey, TValue>
    : SlabTable, IReadOnlyCollection<KeyValuePair<TKey, TValue>>
    where TKey : unmanaged
    where TValue : unmanaged
{
    private GroupTable<Entry<TKey, TValue>> _table;
    private readonly KeyComparer<TKey> _keys;

    /// <summary>Makes an empty dictionary, which has no memory yet.</summary>
    /// <param name="memory">Where it lives; by default the <see cref="SlabRuntime.Kmalloc"/> of
    /// <see cref="SlabRuntime.Default"/>.</param>
    /// <param name="comparer">Compares keys; by default <see cref="EqualityComparer{T}.Default"/>.</param>
    /// <param name="ownsMemory">Whether <paramref name="memory"/>, a private instance, is this dictionary's alone: it
    /// ends with it.</param>
    public SlabDictionary(Kmalloc? memory = null, IEqualityComparer<TKey>? comparer = null, bool ownsMemory = false)
        : base(memory, ownsMemory)
    {
        _table = GroupTable<Entry<TKey, TValue>>.New();
        _keys = KeyComparer<TKey>.Of(comparer);
    }

    /// <inheritdoc/>
    public override int Count => _table.Count;

    /// <inheritdoc/>
    public override long Capacity => _table.Capacity;

    /// <summary>What compares the keys.</summary>
    public IEqualityComparer<TKey> Comparer => _keys.Comparer;

    private KeyHasher<TKey, Entry<TKey, TValue>> Hasher => new(_keys);

    private protected override int EntryBytes => sizeof(Entry<TKey, TValue>);

    /// <summary>The value of a key.</summary>
    /// <param name="key">The key.</param>
    /// <exception cref="KeyNotFoundException">There is no such key.</exception>
    /// <exception cref="OutOfMemoryException">There is no memory for a new key.</exception>
    public TValue this[TKey key]
    {
        get => TryGetValue(key, out TValue value) ? value
            : throw new KeyNotFoundException($"The key '{key}' is not in the dictionary.");
        set
        {
            Entry<TKey, TValue>* entry = GetOrAdd(key, out _);
            ThrowIfShort(entry);
            entry->Value = value;
        }
    }

    /// <summary>The value of a key, if there is one.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">Its value, or the default.</param>
    public bool TryGetValue(TKey key, out TValue value)
    {
        Entry<TKey, TValue>* entry = Find(key);
        if (entry == null)
        {
            value = default;
            return false;
        }

        value = entry->Value;
        return true;
    }

    /// <summary>Whether there is such a key.</summary>
    /// <param name="key">The key.</param>
    public bool ContainsKey(TKey key) => Find(key) != null;

    /// <summary>
    /// A reference to the value of a key, or a null reference (<see cref="Unsafe.IsNullRef{T}(ref readonly T)"/>). It
    /// is valid until the dictionary is changed.
    /// </summary>
    /// <param name="key">The key.</param>
    public ref TValue GetValueRefOrNullRef(TKey key)
    {
        Entry<TKey, TValue>* entry = Find(key);
        return ref entry == null ? ref Unsafe.NullRef<TValue>() : ref entry->Value;
    }

    /// <summary>
    /// A reference to the value of a key, which is added with the default value if it is not there. It is valid until
    /// the dictionary is changed.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="exists">Whether it was there.</param>
    /// <exception cref="OutOfMemoryException">There is no memory for a new key.</exception>
    public ref TValue GetValueRefOrAddDefault(TKey key, out bool exists)
    {
        Entry<TKey, TValue>* entry = GetOrAdd(key, out exists);
        ThrowIfShort(entry);
        return ref entry->Value;
    }

    /// <summary>Adds a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">Its value.</param>
    /// <exception cref="ArgumentException">The key is there already.</exception>
    /// <exception cref="OutOfMemoryException">There is no memory for it.</exception>
    public void Add(TKey key, TValue value)
    {
        if (!TryAdd(key, value))
        {
            throw new ArgumentException($"The key '{key}' is in the dictionary already.", nameof(key));
        }
    }

    /// <summary>Adds a key, unless it is there.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">Its value.</param>
    /// <returns>Whether it was added; <see langword="false"/> when it was there.</returns>
    /// <exception cref="OutOfMemoryException">There is no memory for it.</exception>
    public bool TryAdd(TKey key, TValue value)
    {
        Entry<TKey, TValue>* entry = GetOrAdd(key, out bool exists);
        ThrowIfShort(entry);
        if (!exists)
        {
            entry->Value = value;
        }

        return !exists;
    }

    /// <summary>Adds a key, unless it is there or memory is short: then the dictionary is as it was.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">Its value.</param>
    /// <param name="exists">Whether it was there.</param>
    /// <returns>Whether it was added. If it was not, and was not there, memory is short.</returns>
    public bool TryAdd(TKey key, TValue value, out bool exists)
    {
        Entry<TKey, TValue>* entry = GetOrAdd(key, out exists);
        if (entry == null || exists)
        {
            return false;
        }

        entry->Value = value;
        return true;
    }

    /// <summary>
    /// Sets the value of a key, or adds it, unless memory is short: then the dictionary is as it was.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="value">Its value.</param>
    /// <returns>Whether it was set.</returns>
    public bool TrySet(TKey key, TValue value)
    {
        Entry<TKey, TValue>* entry = GetOrAdd(key, out _);
        if (entry == null)
        {
            return false;
        }

        entry->Value = value;
        return true;
    }

    /// <summary>Removes a key.</summary>
    /// <param name="key">The key.</param>
    /// <returns>Whether it was there.</returns>
    public bool Remove(TKey key) => Remove(key, out _);

    /// <summary>Removes a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">What its value was, or the default.</param>
    /// <returns>Whether it was there.</returns>
    public bool Remove(TKey key, out TValue value)
    {
        EnterWrite();
        try
        {
            var probe = new KeyProbe<TKey, Entry<TKey, TValue>>(_keys, key);
            bool removed = _table.Remove(this, _keys.HashOf(key), probe, Hasher, out Entry<TKey, TValue> entry);
            value = entry.Value;
            return removed;
        }
        finally
        {
            ExitWrite();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Entry<TKey, TValue>* Find(TKey key)
    {
        CheckRead();
        return _table.Find(_keys.HashOf(key), new KeyProbe<TKey, Entry<TKey, TValue>>(_keys, key));
    }

    /// <summary>The entry of a key, made if need be; null when memory is short.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Entry<TKey, TValue>* GetOrAdd(TKey key, out bool exists) =>
        _isChecked ? GetOrAddChecked(key, out exists) : GetOrAddFast(key, out exists);

    private Entry<TKey, TValue>* GetOrAddChecked(TKey key, out bool exists)
    {
        EnterWrite();
        try
        {
            return GetOrAddFast(key, out exists);
        }
        finally
        {
            ExitWrite();
        }
    }

    private Entry<TKey, TValue>* GetOrAddFast(TKey key, out bool exists)
    {
        var probe = new KeyProbe<TKey, Entry<TKey, TValue>>(_keys, key);
        Entry<TKey, TValue>* entry = _table.FindOrAdd(this, _keys.HashOf(key), probe, Hasher, out exists);
        if (entry != null && !exists)
        {
            *entry = new Entry<TKey, TValue> { Key = key };
        }

        return entry;
    }

    private void ThrowIfShort(void* entry)
    {
        if (entry == null)
        {
            throw Short((nuint)sizeof(Entry<TKey, TValue>));
        }
    }
}
