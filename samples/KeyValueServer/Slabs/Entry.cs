using System.Runtime.CompilerServices;
using SlabGen;

namespace KeyValueServer.Slabs;

/// <summary>
/// A key and what is stored under it; also a field of a hash, which is always a string. The key and, behind it, a string lie in
/// one block. 48 bytes.
/// </summary>
[SlabCache]
public struct Entry
{
    private const int ListLength = -1;
    private const int HashLength = -2;

    public EntryPtr Next;   // in the bucket
    public long ExpiresAt;  // milliseconds since 1970; 0 is never
    public uint Hash;
    public uint LastUse;    // of Clock
    private nint _block;    // the key, then the string
    private nint _content;  // of a list or a hash
    private int _keyLength;
    private int _length;    // of the string; negative if it is none

    internal readonly Kind Kind => _length >= 0 ? Kind.String : _length == ListLength ? Kind.List : Kind.Hash;

    internal readonly ReadOnlySpan<byte> Key => Blocks.Span(_block, _keyLength);

    internal readonly Span<byte> Value => Blocks.Span(_block, BlockLength)[_keyLength..];

    /// <summary>Where the key begins.</summary>
    internal readonly nint Block => _block;

    internal readonly SlabPtr<ListHead> List => new(_content);

    internal readonly SlabPtr<Table> Fields => new(_content);

    private readonly int BlockLength => _keyLength + Math.Max(_length, 0);

    /// <summary>Makes an entry with a string that is undefined yet, and in no table.</summary>
    /// <returns>Whether there was memory.</returns>
    internal static bool TryCreate(ReadOnlySpan<byte> key, uint hash, int length, out EntryPtr entry)
    {
        entry = default;
        if (!Blocks.TryAlloc(key.Length + length, out nint block))
        {
            return false;
        }

        if (!EntryCache.TryAlloc(out SlabPtr<Entry> made))
        {
            Blocks.Free(block, key.Length + length);
            return false;
        }

        Blocks.Used += Unsafe.SizeOf<Entry>();
        made.Value = new Entry { Hash = hash, _block = block, _keyLength = key.Length, _length = length };
        key.CopyTo(Blocks.Span(block, key.Length));
        entry = made;
        return true;
    }

    internal static bool TryCreate(ReadOnlySpan<byte> key, uint hash, SlabPtr<ListHead> list, out EntryPtr entry) =>
        TryCreate(key, hash, list.Address, ListLength, out entry);

    internal static bool TryCreate(ReadOnlySpan<byte> key, uint hash, SlabPtr<Table> fields, out EntryPtr entry) =>
        TryCreate(key, hash, fields.Address, HashLength, out entry);

    /// <summary>Frees an entry, and all that is stored under it.</summary>
    internal static void Free(EntryPtr entry)
    {
        ref Entry e = ref entry.Value;
        e.FreeContent();
        Blocks.Free(e._block, e.BlockLength);
        Blocks.Used -= Unsafe.SizeOf<Entry>();
        EntryCache.Free(entry);
    }

    /// <summary>Makes what is stored a string of this length. It keeps what it had; what follows is undefined.</summary>
    /// <returns>Whether there was memory.</returns>
    internal bool TryResize(int length)
    {
        int needed = _keyLength + length;
        if (Blocks.Footprint(needed) != Blocks.Footprint(BlockLength))
        {
            if (!Blocks.TryAlloc(needed, out nint block))
            {
                return false;
            }

            Span<byte> old = Blocks.Span(_block, BlockLength);
            old[..Math.Min(needed, BlockLength)].CopyTo(Blocks.Span(block, needed));
            Blocks.Free(_block, BlockLength);
            _block = block;
        }

        FreeContent();
        _length = length;
        return true;
    }

    private static bool TryCreate(ReadOnlySpan<byte> key, uint hash, nint content, int kind, out EntryPtr entry)
    {
        if (!TryCreate(key, hash, 0, out entry))
        {
            return false;
        }

        (entry.Value._content, entry.Value._length) = (content, kind);
        return true;
    }

    private void FreeContent()
    {
        if (_length == ListLength)
        {
            ListHead.Free(List);
        }
        else if (_length == HashLength)
        {
            Table.Free(Fields);
        }

        _content = 0;
    }
}
