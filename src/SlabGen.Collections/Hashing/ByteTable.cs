using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SlabGen.Collections.Hashing;

/// <summary>What a slot of a table of bytes has: where the block is, and the hash of its key.</summary>
/// <remarks>With the hash the table moves, and nearly always tells keys apart, without a look at the blocks.</remarks>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal unsafe struct ByteEntry(uint code, ByteBlock* block)
{
    public readonly uint Code = code;
    private readonly nint _block = (nint)block; // at a multiple of 4

    public readonly ByteBlock* Block => (ByteBlock*)_block;
}

/// <summary>The head of a block: behind it lie the value and then the key.</summary>
internal unsafe struct ByteBlock
{
    public int KeyLength, ValueLength;

    public static byte* ValueOf(ByteBlock* block) => (byte*)(block + 1);

    public static ReadOnlySpan<byte> KeyOf(ByteBlock* block) => new(KeyAt(block), block->KeyLength);

    public static byte* KeyAt(ByteBlock* block) => ValueOf(block) + block->ValueLength;

    public static nuint BytesOf(int keyLength, int valueLength) =>
        (nuint)sizeof(ByteBlock) + (nuint)valueLength + (nuint)keyLength;
}

/// <summary>A table whose keys are bytes, each in a block of its own with its value.</summary>
/// <remarks>All fields are the collection's, as are the blocks that the entries name.</remarks>
internal unsafe struct ByteTable
{
    private GroupTable<ByteEntry> _table;
    private readonly ulong _seed;

    public ByteTable(SlabByteComparison comparison)
    {
        if (comparison is not (SlabByteComparison.Ordinal or SlabByteComparison.AsciiIgnoreCase))
        {
            throw new ArgumentOutOfRangeException(nameof(comparison), comparison, "There is no such comparison.");
        }

        _table = New();
        _seed = Hash.NewSeed();
        Comparison = comparison;
    }

    public SlabByteComparison Comparison { get; }

    public readonly int Count => _table.Count;

    public readonly long Capacity => _table.Capacity;

    private readonly bool IgnoresCase => Comparison == SlabByteComparison.AsciiIgnoreCase;

    public readonly ByteEntry* Find(ReadOnlySpan<byte> key)
    {
        fixed (byte* bytes = key)
        {
            uint code = ByteHash.Of(bytes, key.Length, _seed, IgnoresCase);
            return _table.Find(Hash.Mix(code, _seed), new Probe(bytes, key.Length, code, IgnoresCase));
        }
    }

    /// <summary>The entry of a key, or a new one with a value of zeros; null when memory is short.</summary>
    public ByteEntry* FindOrAdd(SlabCollection owner, ReadOnlySpan<byte> key, int valueLength, out bool exists)
    {
        fixed (byte* bytes = key)
        {
            uint code = ByteHash.Of(bytes, key.Length, _seed, IgnoresCase);
            ulong hash = Hash.Mix(code, _seed);
            ByteEntry* entry = _table.Find(hash, new Probe(bytes, key.Length, code, IgnoresCase));
            exists = entry != null;
            if (exists || !TryMakeBlock(owner, key, valueLength, out ByteBlock* block))
            {
                return entry;
            }

            entry = _table.TryAdd(owner, hash, new Hasher(_seed));
            if (entry == null)
            {
                FreeBlock(owner, block);
                return null;
            }

            *entry = new ByteEntry(code, block);
            return entry;
        }
    }

    /// <summary>Gives an entry a value of another length, of zeros, unless memory is short.</summary>
    public static bool TryReplace(SlabCollection owner, ByteEntry* entry, int valueLength)
    {
        ByteBlock* old = entry->Block;
        if (!TryMakeBlock(owner, ByteBlock.KeyOf(old), valueLength, out ByteBlock* block))
        {
            return false;
        }

        owner.Version++;
        *entry = new ByteEntry(entry->Code, block);
        FreeBlock(owner, old);
        return true;
    }

    /// <summary>Takes the block of a key out; null when there is none. The caller frees it.</summary>
    public ByteBlock* Remove(SlabCollection owner, ReadOnlySpan<byte> key)
    {
        fixed (byte* bytes = key)
        {
            uint code = ByteHash.Of(bytes, key.Length, _seed, IgnoresCase);
            var probe = new Probe(bytes, key.Length, code, IgnoresCase);
            return _table.Remove(owner, Hash.Mix(code, _seed), probe, new Hasher(_seed), out ByteEntry entry)
                ? entry.Block : null;
        }
    }

    public static void FreeBlock(SlabCollection owner, ByteBlock* block) =>
        owner.Free((byte*)block, ByteBlock.BytesOf(block->KeyLength, block->ValueLength));

    public readonly ByteBlock* Next(ref GroupTable<ByteEntry>.Cursor cursor)
    {
        ByteEntry* entry = _table.Next(ref cursor);
        return entry == null ? null : entry->Block;
    }

    public bool TryEnsure(SlabCollection owner, int entries) => _table.TryEnsure(owner, entries, new Hasher(_seed));

    public bool TryTrim(SlabCollection owner) => _table.TryTrim(owner, Count, new Hasher(_seed));

    /// <summary>Frees every block, one by one, and the table.</summary>
    public void Free(SlabCollection owner)
    {
        GroupTable<ByteEntry>.Cursor cursor = default;
        for (ByteBlock* block = Next(ref cursor); block != null; block = Next(ref cursor))
        {
            FreeBlock(owner, block);
        }

        _table.Free(owner);
    }

    public void Forget() => _table = New();

    // A new entry takes a block, beside which the moves that a denser table costs are little.
    private static GroupTable<ByteEntry> New() => GroupTable<ByteEntry>.New(growShift: 2);

    private static bool TryMakeBlock(
        SlabCollection owner, ReadOnlySpan<byte> key, int valueLength, out ByteBlock* block)
    {
        bool made = owner.TryAlloc(ByteBlock.BytesOf(key.Length, valueLength), out byte* memory);
        block = (ByteBlock*)memory;
        if (made)
        {
            *block = new ByteBlock { KeyLength = key.Length, ValueLength = valueLength };
            new Span<byte>(ByteBlock.ValueOf(block), valueLength).Clear();
            key.CopyTo(new Span<byte>(ByteBlock.KeyAt(block), key.Length));
        }

        return made;
    }

    private readonly struct Probe(byte* key, int length, uint code, bool ignoreCase) : IProbe<ByteEntry>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool Matches(ByteEntry* entry) => entry->Code == code && entry->Block->KeyLength == length
            && ByteHash.Equal(ByteBlock.KeyAt(entry->Block), key, length, ignoreCase);
    }

    private readonly struct Hasher(ulong seed) : IHasher<ByteEntry>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public ulong HashOf(ByteEntry* entry) => Hash.Mix(entry->Code, seed);
    }
}
