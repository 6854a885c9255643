using System.Runtime.CompilerServices;
using SlabGen.Collections.Sorted;

namespace SlabGen.Collections;

/// <summary>
/// A map in the order of its keys, in native memory: a B+ tree. It finds the entry at a key, the nearest to it, and all
/// of a range, up and down.
/// </summary>
/// <remarks>
/// As <see cref="SortedDictionary{TKey, TValue}"/>, but: it must be disposed of; any change, a removal too, ends an
/// enumeration and makes references to values invalid; and where memory is short,
/// <see cref="TryAdd(TKey, TValue, out bool)"/> and <see cref="TrySet"/> say so. A change moves the entries of a node,
/// some thirty, so large values better lie elsewhere, and their pointers here. <see cref="SlabCollection"/> says what
/// holds for all collections.
/// </remarks>
/// <typeparam name="TKey">The keys; they should implement <see cref="IComparable{T}"/>, or each comparison
/// boxes.</typeparam>
/// <typeparam name="TValue">The values.</typeparam>
public sealed unsafe partial class SlabSortedMap<TKey, TValue>
    : SlabCollection, IReadOnlyCollection<KeyValuePair<TKey, TValue>>
    where TKey : unmanaged
    where TValue : unmanaged
{
    private Tree<TKey, TValue> _tree;

    /// <summary>Makes an empty map, which has no memory yet.</summary>
    /// <param name="memory">Where it lives; by default the <see cref="SlabRuntime.Kmalloc"/> of
    /// <see cref="SlabRuntime.Default"/>.</param>
    /// <param name="comparer">Orders the keys; by default <see cref="Comparer{T}.Default"/>.</param>
    /// <param name="ownsMemory">Whether <paramref name="memory"/>, a private instance, is this map's alone: it ends
    /// with it.</param>
    public SlabSortedMap(Kmalloc? memory = null, IComparer<TKey>? comparer = null, bool ownsMemory = false)
        : base(memory, ownsMemory)
    {
        _tree = new Tree<TKey, TValue>(comparer);
    }

    /// <summary>Entries.</summary>
    public int Count => _tree.Count;

    /// <summary>What orders the keys.</summary>
    public IComparer<TKey> Comparer => _tree.Order.Comparer;

    /// <summary>The value of a key.</summary>
    /// <param name="key">The key.</param>
    /// <exception cref="KeyNotFoundException">There is no such key.</exception>
    /// <exception cref="OutOfMemoryException">There is no memory for a new key.</exception>
    public TValue this[TKey key]
    {
        get => TryGetValue(key, out TValue value) ? value
            : throw new KeyNotFoundException($"The key '{key}' is not in the map.");
        set => GetValueRefOrAddDefault(key, out _) = value;
    }

    /// <summary>The value of a key, if there is one.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">Its value, or the default.</param>
    public bool TryGetValue(TKey key, out TValue value)
    {
        CheckRead();
        TValue* found = _tree.Find(key);
        if (found == null)
        {
            value = default;
            return false;
        }

        value = *found;
        return true;
    }

    /// <summary>Whether there is such a key.</summary>
    /// <param name="key">The key.</param>
    public bool ContainsKey(TKey key)
    {
        CheckRead();
        return _tree.Find(key) != null;
    }

    /// <summary>
    /// A reference to the value of a key, or a null reference (<see cref="Unsafe.IsNullRef{T}(ref readonly T)"/>). It
    /// is valid until the map is changed.
    /// </summary>
    /// <param name="key">The key.</param>
    public ref TValue GetValueRefOrNullRef(TKey key)
    {
        CheckRead();
        return ref *_tree.Find(key);
    }

    /// <summary>
    /// A reference to the value of a key, which is added with the default value if it is not there. It is valid until
    /// the map is changed.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="exists">Whether it was there.</param>
    /// <exception cref="OutOfMemoryException">There is no memory for a new key.</exception>
    public ref TValue GetValueRefOrAddDefault(TKey key, out bool exists)
    {
        TValue* value = GetOrAdd(key, out exists);
        if (value == null)
        {
            throw Short((nuint)NodeShape<TKey, TValue>.LeafBytes);
        }

        return ref *value;
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
            throw new ArgumentException($"The key '{key}' is in the map already.", nameof(key));
        }
    }

    /// <summary>Adds a key, unless it is there.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">Its value.</param>
    /// <returns>Whether it was added; <see langword="false"/> when it was there.</returns>
    /// <exception cref="OutOfMemoryException">There is no memory for it.</exception>
    public bool TryAdd(TKey key, TValue value)
    {
        ref TValue place = ref GetValueRefOrAddDefault(key, out bool exists);
        if (!exists)
        {
            place = value;
        }

        return !exists;
    }

    /// <summary>Adds a key, unless it is there or memory is short: then the map is as it was.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">Its value.</param>
    /// <param name="exists">Whether it was there.</param>
    /// <returns>Whether it was added. If it was not, and was not there, memory is short.</returns>
    public bool TryAdd(TKey key, TValue value, out bool exists)
    {
        TValue* place = GetOrAdd(key, out exists);
        if (place == null || exists)
        {
            return false;
        }

        *place = value;
        return true;
    }

    /// <summary>Sets the value of a key, or adds it, unless memory is short: then the map is as it was.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">Its value.</param>
    /// <returns>Whether it was set.</returns>
    public bool TrySet(TKey key, TValue value)
    {
        TValue* place = GetOrAdd(key, out _);
        if (place == null)
        {
            return false;
        }

        *place = value;
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
            return _tree.Remove(this, key, out value);
        }
        finally
        {
            ExitWrite();
        }
    }

    private protected override void FreeAll() => _tree.Free(this);

    private protected override void Forget() => _tree.Forget();

    /// <summary>The value of a key, made if need be; null when memory is short.</summary>
    private TValue* GetOrAdd(TKey key, out bool exists)
    {
        EnterWrite();
        try
        {
            return _tree.FindOrAdd(this, key, out exists);
        }
        finally
        {
            ExitWrite();
        }
    }
}
