using SlabGen.Collections.Hashing;

namespace SlabGen.Collections;

// The map as a whole.
public sealed unsafe partial class SlabByteMap<TValue>
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
    /// Makes room in the table for so many entries, all at once. It is kept until <see cref="TrimExcess"/> or
    /// <see cref="Clear"/>.
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
            return _table.TryEnsure(this, capacity) ? Capacity
                : throw Short((nuint)capacity * (nuint)sizeof(ByteEntry));
        }
        finally
        {
            ExitWrite();
        }
    }

    /// <inheritdoc cref="SlabDictionary{TKey, TValue}.TrimExcess()"/>
    public void TrimExcess()
    {
        EnterWrite();
        try
        {
            _table.TryTrim(this);
        }
        finally
        {
            ExitWrite();
        }
    }

    /// <summary>Begins a walk over the entries, in no order that means anything.</summary>
    public Enumerator GetEnumerator() => new(this);

    private protected override void FreeAll() => _table.Free(this);

    private protected override void Forget() => _table.Forget();

    /// <summary>An entry of the map.</summary>
    public readonly ref struct Entry
    {
        internal Entry(ByteBlock* block)
        {
            Key = ByteBlock.KeyOf(block);
            Value = ref *(TValue*)ByteBlock.ValueOf(block);
        }

        /// <summary>The key.</summary>
        public ReadOnlySpan<byte> Key { get; }

        /// <summary>The value, which may be written.</summary>
        public readonly ref TValue Value;
    }

    /// <summary>Goes over the entries of a map.</summary>
    public struct Enumerator
    {
        private readonly SlabByteMap<TValue> _map;
        private readonly int _version;
        private GroupTable<ByteEntry>.Cursor _cursor;
        private ByteBlock* _current;

        internal Enumerator(SlabByteMap<TValue> map)
        {
            map.CheckRead();
            _map = map;
            _version = map.Version;
        }

        /// <summary>The entry.</summary>
        public readonly Entry Current => new(_current);

        /// <summary>Goes to the next entry.</summary>
        /// <returns>Whether there is one.</returns>
        /// <exception cref="InvalidOperationException">The map was changed.</exception>
        public bool MoveNext()
        {
            _map.CheckVersion(_version);
            _current = _map._table.Next(ref _cursor);
            return _current != null;
        }
    }
}
