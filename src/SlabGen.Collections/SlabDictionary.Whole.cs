using System.Collections;
using SlabGen.Collections.Hashing;

namespace SlabGen.Collections;

// The dictionary as a whole.
public sealed unsafe partial class SlabDictionary<TKey, TValue>
{
    /// <summary>Removes everything, and gives the memory back.</summary>
    public void Clear()
    {
        EnterWrite();
        try
        {
            Empty();
        }
        finally
        {
            ExitWrite();
        }
    }

    /// <summary>
    /// Makes room for so many entries, all at once, so that none of them lets the dictionary grow. It is kept until
    /// <see cref="TrimExcess"/> or <see cref="Clear"/>.
    /// </summary>
    /// <param name="capacity">Entries.</param>
    /// <returns><see cref="Capacity"/>, which is at least as much.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="capacity"/> is negative.</exception>
    /// <exception cref="OutOfMemoryException">There is no memory for them.</exception>
    public long EnsureCapacity(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        EnterWrite();
        try
        {
            return _table.TryEnsure(this, capacity, Hasher) ? Capacity
                : throw Short((nuint)capacity * (nuint)sizeof(Entry<TKey, TValue>));
        }
        finally
        {
            ExitWrite();
        }
    }

    /// <summary>
    /// Gives back what the entries do not need, all at once. It does not what it cannot: to become smaller takes memory
    /// for a moment.
    /// </summary>
    public void TrimExcess()
    {
        EnterWrite();
        try
        {
            _table.TryTrim(this, Count, Hasher);
        }
        finally
        {
            ExitWrite();
        }
    }

    /// <inheritdoc cref="IEnumerable{T}.GetEnumerator"/>
    public Enumerator GetEnumerator() => new(this);

    IEnumerator<KeyValuePair<TKey, TValue>> IEnumerable<KeyValuePair<TKey, TValue>>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private protected override void FreeAll() => _table.Free(this);

    private protected override void Forget() => _table = GroupTable<Entry<TKey, TValue>>.New();
}
