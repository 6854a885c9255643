using SlabGen.Collections.Hashing;

namespace SlabGen.Collections;

/// <summary>What the maps of bytes have in common: all but their values.</summary>
public abstract unsafe class SlabByteTable : SlabTable
{
    private protected ByteTable _table;

    private protected SlabByteTable(Kmalloc? memory, SlabByteComparison comparison, bool ownsMemory)
        : base(memory, ownsMemory)
    {
        _table = new ByteTable(comparison);
    }

    /// <inheritdoc/>
    public sealed override int Count => _table.Count;

    /// <inheritdoc/>
    public sealed override long Capacity => _table.Capacity;

    /// <summary>When two keys are equal.</summary>
    public SlabByteComparison Comparison => _table.Comparison;

    private protected sealed override int EntryBytes => sizeof(ByteEntry);

    /// <summary>Whether there is such a key.</summary>
    /// <param name="key">The key.</param>
    public bool ContainsKey(ReadOnlySpan<byte> key)
    {
        CheckRead();
        return _table.Find(key) != null;
    }

    /// <summary>Removes a key.</summary>
    /// <param name="key">The key.</param>
    /// <returns>Whether it was there.</returns>
    public bool Remove(ReadOnlySpan<byte> key)
    {
        EnterWrite();
        try
        {
            ByteBlock* block = _table.Remove(this, key);
            if (block != null)
            {
                ByteTable.FreeBlock(this, block);
            }

            return block != null;
        }
        finally
        {
            ExitWrite();
        }
    }

    private protected sealed override bool TryEnsure(int entries) => _table.TryEnsure(this, entries);

    private protected sealed override bool TryTrim() => _table.TryTrim(this);

    private protected sealed override void FreeAll() => _table.Free(this);

    private protected sealed override void Forget() => _table.Forget();

    /// <summary>Goes over the blocks of a map, for its enumerator.</summary>
    internal struct Walk
    {
        private readonly SlabByteTable _map;
        private readonly int _version;
        private GroupTable<ByteEntry>.Cursor _cursor;

        public Walk(SlabByteTable map)
        {
            map.CheckRead();
            _map = map;
            _version = map.Version;
        }

        /// <summary>The block that an entry lies in; null before the first and at the end.</summary>
        public ByteBlock* Current { get; private set; }

        public bool MoveNext()
        {
            _map.CheckVersion(_version);
            Current = _map._table.Next(ref _cursor);
            return Current != null;
        }
    }
}
