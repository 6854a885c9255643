using System.Numerics;
using System.Runtime.CompilerServices;
using SlabGen;

namespace KeyValueServer.Slabs;

/// <summary>
/// A hash table that grows and shrinks one bucket at a time: linear hashing (Litwin 1980; Larson 1988 with segments). The keyspace
/// is one, and so is each hash. All of it lies in native memory, and no step is longer than one chain.
/// </summary>
/// <remarks>
/// Buckets 0 to <c>Buckets - 1</c> exist. An entry is in the bucket of its hash's low bits: of <c>Mask</c>, or of one bit fewer if that
/// bucket does not exist yet. To add bucket n is to split its parent, n without its highest bit: some of its chain move over. There
/// are at least as many buckets as entries, unless there was no memory for more (chains grow then), and at most twice as many.
/// Segment 0 doubles from 4 buckets to 512; the others have 512, and a directory.
/// </remarks>
[SlabCache]
public struct Table
{
    private const int LeastBuckets = 4;
    private const int SegmentBits = 9;
    private const int SegmentLength = 1 << SegmentBits;
    private const int LeastDirectory = 8;
    private const int MostBuckets = 1 << 30;

    private static int s_touched;

    private nint _first;            // segment 0
    private nint _directory;        // addresses of segments; its element 0 is not used
    private int _firstLength;       // of segment 0
    private int _directoryLength;
    private int _segments;
    private uint _mask;             // the least 2^n - 1 that every bucket's number is below or equal to

    public int Buckets { get; private set; }

    public int Count { get; private set; }

    internal static bool TryCreate(out SlabPtr<Table> table)
    {
        if (!TableCache.TryAlloc(out table))
        {
            return false;
        }

        if (!Blocks.TryAlloc(LeastBuckets * Unsafe.SizeOf<EntryPtr>(), out nint first))
        {
            TableCache.Free(table);
            table = default;
            return false;
        }

        Blocks.Entries(first, LeastBuckets).Clear();
        Blocks.Used += Unsafe.SizeOf<Table>();
        table.Value = new Table { _first = first, _firstLength = LeastBuckets, _segments = 1, Buckets = LeastBuckets, _mask = LeastBuckets - 1 };
        return true;
    }

    /// <summary>Frees a table, and its entries.</summary>
    internal static void Free(SlabPtr<Table> table)
    {
        ref Table t = ref table.Value;
        for (int b = 0; b < t.Buckets; b++)
        {
            for (EntryPtr entry = t.Bucket(b); !entry.IsNull;)
            {
                EntryPtr next = entry.Value.Next;
                Entry.Free(entry);
                entry = next;
            }
        }

        for (int s = 1; s < t._segments; s++)
        {
            Blocks.Free(Blocks.Words(t._directory, t._directoryLength)[s], SegmentLength * Unsafe.SizeOf<EntryPtr>());
        }

        Blocks.Free(t._first, t._firstLength * Unsafe.SizeOf<EntryPtr>());
        if (t._directory != 0)
        {
            Blocks.Free(t._directory, t._directoryLength * Unsafe.SizeOf<nint>());
        }

        Blocks.Used -= Unsafe.SizeOf<Table>();
        TableCache.Free(table);
    }

    /// <summary>The first entry of a bucket.</summary>
    internal readonly ref EntryPtr Bucket(int number) =>
        ref number < SegmentLength
            ? ref Blocks.Entries(_first, _firstLength)[number]
            : ref Blocks.Entries(Blocks.Words(_directory, _directoryLength)[number >> SegmentBits], SegmentLength)[number & (SegmentLength - 1)];

    internal readonly bool TryFind(ReadOnlySpan<byte> key, uint hash, out EntryPtr entry)
    {
        entry = Bucket(NumberOf(hash));
        while (!entry.IsNull && !(entry.Value.Hash == hash && entry.Value.Key.SequenceEqual(key)))
        {
            entry = entry.Value.Next;
        }

        return !entry.IsNull;
    }

    /// <summary>
    /// Reads where keys of these hashes would be found first. The reads of one loop do not depend on each other, so the processor has
    /// many of them under way.
    /// </summary>
    internal readonly void Touch(ReadOnlySpan<uint> hashes)
    {
        Span<EntryPtr> entries = stackalloc EntryPtr[hashes.Length];
        for (int i = 0; i < hashes.Length; i++)
        {
            entries[i] = Bucket(NumberOf(hashes[i]));
        }

        Span<nint> blocks = stackalloc nint[hashes.Length];
        for (int i = 0; i < hashes.Length; i++)
        {
            blocks[i] = entries[i].IsNull ? 0 : entries[i].Value.Block;
        }

        int sum = 0;
        foreach (nint block in blocks)
        {
            sum += block == 0 ? 0 : Blocks.Span(block, 1)[0];
        }

        Volatile.Write(ref s_touched, sum); // so that the last reads are not left out
    }

    /// <summary>Adds an entry whose key is not in the table, and may split a bucket.</summary>
    internal void Add(EntryPtr entry)
    {
        if (Count >= Buckets)
        {
            TrySplit();
        }

        Link(entry);
        Count++;
    }

    /// <summary>Takes an entry out that is in the table, and may merge buckets. Two, so that the table keeps up with removals.</summary>
    internal void Remove(EntryPtr entry)
    {
        ref EntryPtr link = ref Bucket(NumberOf(entry.Value.Hash));
        while (link != entry)
        {
            link = ref link.Value.Next;
        }

        link = entry.Value.Next;
        Count--;
        for (int i = 0; i < 2 && Buckets > LeastBuckets && Buckets / 2 > Count; i++)
        {
            Merge();
        }
    }

    /// <summary>The bucket of a hash; <paramref name="bits"/> low bits of the hash say so.</summary>
    internal readonly int NumberOf(uint hash, out int bits)
    {
        uint mask = (hash & _mask) < (uint)Buckets ? _mask : _mask >> 1;
        bits = BitOperations.PopCount(mask);
        return (int)(hash & mask);
    }

    private readonly int NumberOf(uint hash)
    {
        uint number = hash & _mask;
        return (int)(number < (uint)Buckets ? number : hash & (_mask >> 1));
    }

    private readonly void Link(EntryPtr entry)
    {
        ref EntryPtr bucket = ref Bucket(NumberOf(entry.Value.Hash));
        entry.Value.Next = bucket;
        bucket = entry;
    }

    private void TrySplit()
    {
        int number = Buckets;
        if (number == MostBuckets || !TryReserve(number))
        {
            return;
        }

        int parent = number - (1 << BitOperations.Log2((uint)number));
        EntryPtr entry = Bucket(parent);
        Bucket(parent) = default;
        Bucket(number) = default;
        Buckets++;
        _mask = BitOperations.RoundUpToPowerOf2((uint)Buckets) - 1;
        while (!entry.IsNull)
        {
            EntryPtr next = entry.Value.Next;
            Link(entry);
            entry = next;
        }
    }

    private void Merge()
    {
        int number = --Buckets;
        EntryPtr entry = Bucket(number);
        _mask = BitOperations.RoundUpToPowerOf2((uint)Buckets) - 1;
        while (!entry.IsNull)
        {
            EntryPtr next = entry.Value.Next;
            Link(entry);
            entry = next;
        }

        if (number % SegmentLength == 0 && number > 0)
        {
            Blocks.Free(Blocks.Words(_directory, _directoryLength)[--_segments], SegmentLength * Unsafe.SizeOf<EntryPtr>());
        }
    }

    /// <summary>Makes room for the bucket.</summary>
    private bool TryReserve(int number)
    {
        if (number < SegmentLength)
        {
            return number < _firstLength || TryEnlarge(ref _first, ref _firstLength, _firstLength * 2);
        }

        int segment = number >> SegmentBits;
        if (segment < _segments)
        {
            return true;
        }

        if ((segment >= _directoryLength && !TryEnlarge(ref _directory, ref _directoryLength, Math.Max(LeastDirectory, _directoryLength * 2)))
            || !Blocks.TryAlloc(SegmentLength * Unsafe.SizeOf<EntryPtr>(), out nint added))
        {
            return false;
        }

        Blocks.Words(_directory, _directoryLength)[_segments++] = added;
        return true;
    }

    private static bool TryEnlarge(ref nint words, ref int length, int longer)
    {
        if (!Blocks.TryAlloc(longer * Unsafe.SizeOf<nint>(), out nint block))
        {
            return false;
        }

        if (words != 0)
        {
            Blocks.Words(words, length).CopyTo(Blocks.Words(block, longer));
            Blocks.Free(words, length * Unsafe.SizeOf<nint>());
        }

        (words, length) = (block, longer);
        return true;
    }
}
