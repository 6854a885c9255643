using System.Collections;
using System.Runtime.CompilerServices;
using SlabGen.Collections.Hashing;

namespace SlabGen.Collections;

/// <summary>
/// A set of unmanaged items in native memory. It grows and shrinks some fifty items at a time, as
/// <see cref="SlabDictionary{TKey, TValue}"/> does.
/// </summary>
/// <remarks>
/// As <see cref="HashSet{T}"/>, but: it must be disposed of; any change, a removal too, ends an enumeration; and where
/// memory is short, <see cref="TryAdd"/> says so. <see cref="SlabCollection"/> says what holds for all collections.
/// </remarks>
/// <typeparam name="T">The items; they should implement <see cref="IEquatable{T}"/>, or each comparison
/// boxes.</typeparam>
public sealed unsafe class SlabSet<T> : SlabTable, IReadOnlyCollection<T>
    where T : unmanaged
{
    private GroupTable<T> _table;
    private readonly KeyComparer<T> _keys;

    /// <summary>Makes an empty set, which has no memory yet.</summary>
    /// <param name="memory">Where it lives; by default the <see cref="SlabRuntime.Kmalloc"/> of
    /// <see cref="SlabRuntime.Default"/>.</param>
    /// <param name="comparer">Compares items; by default <see cref="EqualityComparer{T}.Default"/>.</param>
    /// <param name="ownsMemory">Whether <paramref name="memory"/>, a private instance, is this set's alone: it ends
    /// with it.</param>
    public SlabSet(Kmalloc? memory = null, IEqualityComparer<T>? comparer = null, bool ownsMemory = false)
        : base(memory, ownsMemory)
    {
        _table = GroupTable<T>.New();
        _keys = KeyComparer<T>.Of(comparer);
    }

    /// <inheritdoc/>
    public override int Count => _table.Count;

    /// <inheritdoc/>
    public override long Capacity => _table.Capacity;

    /// <summary>What compares the items.</summary>
    public IEqualityComparer<T> Comparer => _keys.Comparer;

    private KeyHasher<T, T> Hasher => new(_keys);

    private protected override int EntryBytes => sizeof(T);

    /// <summary>Whether an item is in the set.</summary>
    /// <param name="item">The item.</param>
    public bool Contains(T item) => TryGetValue(item, out _);

    /// <summary>The item of the set that is equal to this one, if there is one.</summary>
    /// <param name="equalValue">An equal one.</param>
    /// <param name="actualValue">That of the set, or the default.</param>
    public bool TryGetValue(T equalValue, out T actualValue)
    {
        CheckRead();
        T* entry = _table.Find(_keys.HashOf(equalValue), new KeyProbe<T, T>(_keys, equalValue));
        actualValue = entry == null ? default : *entry;
        return entry != null;
    }

    /// <summary>Adds an item, unless it is there.</summary>
    /// <param name="item">The item.</param>
    /// <returns>Whether it was added; <see langword="false"/> when it was there.</returns>
    /// <exception cref="OutOfMemoryException">There is no memory for it.</exception>
    public bool Add(T item) => TryAdd(item, out bool exists) || (exists ? false : throw Short((nuint)sizeof(T)));

    /// <summary>Adds an item, unless it is there or memory is short: then the set is as it was.</summary>
    /// <param name="item">The item.</param>
    /// <param name="exists">Whether it was there.</param>
    /// <returns>Whether it was added. If it was not, and was not there, memory is short.</returns>
    public bool TryAdd(T item, out bool exists)
    {
        EnterWrite();
        try
        {
            ulong hash = _keys.HashOf(item);
            T* entry = _table.FindOrAdd(this, hash, new KeyProbe<T, T>(_keys, item), Hasher, out exists);
            if (entry == null || exists)
            {
                return false;
            }

            *entry = item;
            return true;
        }
        finally
        {
            ExitWrite();
        }
    }

    /// <summary>Removes an item.</summary>
    /// <param name="item">The item.</param>
    /// <returns>Whether it was there.</returns>
    public bool Remove(T item)
    {
        EnterWrite();
        try
        {
            return _table.Remove(this, _keys.HashOf(item), new KeyProbe<T, T>(_keys, item), Hasher, out _);
        }
        finally
        {
            ExitWrite();
        }
    }

    /// <summary>Adds each item that is not there.</summary>
    /// <param name="other">The items.</param>
    /// <exception cref="OutOfMemoryException">There is no memory for one of them; those before it were
    /// added.</exception>
    public void UnionWith(IEnumerable<T> other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other == this)
        {
            return;
        }

        foreach (T item in other)
        {
            Add(item);
        }
    }

    /// <summary>Removes each item that is there.</summary>
    /// <param name="other">The items.</param>
    public void ExceptWith(IEnumerable<T> other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other == this)
        {
            Clear();
            return;
        }

        foreach (T item in other)
        {
            Remove(item);
        }
    }

    /// <inheritdoc cref="IEnumerable{T}.GetEnumerator"/>
    public Enumerator GetEnumerator() => new(this);

    IEnumerator<T> IEnumerable<T>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private protected override bool TryEnsure(int entries) => _table.TryEnsure(this, entries, Hasher);

    private protected override bool TryTrim() => _table.TryTrim(this, Count, Hasher);

    private protected override void FreeAll() => _table.Free(this);

    private protected override void Forget() => _table = GroupTable<T>.New();

    /// <summary>Enumerates the items, in no order that means anything.</summary>
    public struct Enumerator : IEnumerator<T>
    {
        private readonly SlabSet<T> _set;
        private readonly int _version;
        private GroupTable<T>.Cursor _cursor;
        private T _current;

        internal Enumerator(SlabSet<T> set)
        {
            set.CheckRead();
            _set = set;
            _version = set.Version;
        }

        /// <summary>A copy of the item.</summary>
        public readonly T Current => _current;

        readonly object IEnumerator.Current => _current;

        /// <summary>Goes to the next item.</summary>
        /// <returns>Whether there is one.</returns>
        /// <exception cref="InvalidOperationException">The set was changed.</exception>
        public bool MoveNext()
        {
            _set.CheckVersion(_version);
            T* entry = _set._table.Next(ref _cursor);
            _current = entry == null ? default : *entry;
            return entry != null;
        }

        /// <summary>Goes back before the first item.</summary>
        /// <exception cref="InvalidOperationException">The set was changed.</exception>
        public void Reset()
        {
            _set.CheckVersion(_version);
            (_cursor, _current) = (default, default);
        }

        /// <summary>Does nothing.</summary>
        public readonly void Dispose()
        {
        }
    }
}
