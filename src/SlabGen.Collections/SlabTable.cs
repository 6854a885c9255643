namespace SlabGen.Collections;

/// <summary>What the collections with a hash table have in common: room for entries, made and given back.</summary>
public abstract class SlabTable : SlabCollection
{
    private protected SlabTable(Kmalloc? memory, bool ownsMemory)
        : base(memory, ownsMemory)
    {
    }

    /// <summary>Entries.</summary>
    public abstract int Count { get; }

    /// <summary>How many entries there is room for before the table grows.</summary>
    public abstract long Capacity { get; }

    /// <summary>What a slot of the table takes.</summary>
    private protected abstract int EntryBytes { get; }

    /// <summary>
    /// Makes room in the table for so many entries, all at once, so that none of them lets it grow. It is kept until
    /// <see cref="TrimExcess"/> or <see cref="SlabCollection.Clear"/>.
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
            return TryEnsure(capacity) ? Capacity : throw Short((nuint)capacity * (nuint)EntryBytes);
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
            TryTrim();
        }
        finally
        {
            ExitWrite();
        }
    }

    private protected abstract bool TryEnsure(int entries);

    private protected abstract bool TryTrim();
}
