using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SlabGen.Collections.Concurrent;

/// <summary>A bucket of <see cref="RcuDictionary{TKey, TValue}"/>: one cache line of eight words.</summary>
/// <remarks>
/// <para>Seven slots, each the address of an entry in 48 bits and above it a tag of its hash, or 0. An entry stays in
/// its slot from its insertion to its removal. A new value is another entry in the same slot. So a reader sees an entry
/// that stays, whatever else is done to the bucket.</para>
/// <para>The last word is the link: 0; or the address of a further bucket, for entries that found no slot; or, with
/// <see cref="Moved"/>, that of the bucket, or with <see cref="Grew"/> of the two buckets, that have the entries now.
/// Addresses of buckets are multiples of 64. A bucket that has moved is never written again, and one behind another
/// never has the flags.</para>
/// </remarks>
internal static unsafe class RcuBucket
{
    public const int Slots = 7, Words = 8, Bytes = 64;
    public const ulong Moved = 1, Grew = 2, Flags = Bytes - 1;
    private const int TagShift = 48;
    private const ulong AddressMask = (1UL << TagShift) - 1;

    // A bit for the tag of each slot, the highest of the four parts of a word.
    private const uint SlotMask = 0x0888_8888;

    /// <summary>What a word says of its entry's hash: never 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong TagOf(ulong hash) => ((hash >> 8) & 0xFFFF) | 0x8000;

    public static ulong WordOf(void* entry, ulong hash) => (ulong)entry | (TagOf(hash) << TagShift);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool HasTag(ulong word, ulong tag) => word >> TagShift == tag;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* EntryOf(ulong word) => (byte*)(word & AddressMask);

    /// <summary>Whether a slot can name it.</summary>
    public static bool CanName(void* entry) => ((ulong)entry & ~AddressMask) == 0;

    public static ref ulong Link(ulong* bucket) => ref bucket[Slots];

    public static ulong* Behind(ulong link) => (ulong*)(link & ~Flags);

    /// <summary>
    /// A bit for each slot with a tag; its number is <see cref="SlotOf"/>. It is a hint: a slot may have another word by
    /// the time it is read. But one that has the tag all the time is among them.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Matches(ulong* bucket, ulong tag)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Vector512<ushort> parts = Vector512.Load((ushort*)bucket);
            return (uint)Vector512.Equals(parts, Vector512.Create((ushort)tag)).ExtractMostSignificantBits() & SlotMask;
        }

        if (Vector256.IsHardwareAccelerated)
        {
            Vector256<ushort> wanted = Vector256.Create((ushort)tag);
            Vector256<ushort> low = Vector256.Equals(Vector256.Load((ushort*)bucket), wanted);
            Vector256<ushort> high = Vector256.Equals(Vector256.Load((ushort*)(bucket + (Words / 2))), wanted);
            return (low.ExtractMostSignificantBits() | (high.ExtractMostSignificantBits() << 16)) & SlotMask;
        }

        uint matches = 0;
        for (int slot = 0; slot < Slots; slot++)
        {
            matches |= HasTag(bucket[slot], tag) ? 8u << (slot * 4) : 0;
        }

        return matches;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SlotOf(uint matches) => BitOperations.TrailingZeroCount(matches) >> 2;

    /// <summary>For who alone writes the bucket.</summary>
    public static bool IsEmpty(ulong* bucket) => FindWord(bucket, wanted: false) == null;

    /// <summary>The first empty slot, for who alone writes the bucket; null if there is none.</summary>
    public static ulong* EmptySlot(ulong* bucket) => FindWord(bucket, wanted: true);

    private static ulong* FindWord(ulong* bucket, bool wanted)
    {
        for (int slot = 0; slot < Slots; slot++)
        {
            if (bucket[slot] == 0 == wanted)
            {
                return bucket + slot;
            }
        }

        return null;
    }
}

/// <summary>
/// A table of buckets, as one word: their address and, below it, by how much a hash is shifted to get a bucket's number.
/// </summary>
internal static unsafe class RcuTable
{
    public const int MostBits = 40;

    public static ulong WordOf(void* buckets, int bits) => (ulong)buckets | (uint)(63 - bits);

    /// <summary>The logarithm of the number of buckets.</summary>
    public static int BitsOf(ulong table) => 63 - (int)(table & RcuBucket.Flags);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong* BucketsOf(ulong table) => (ulong*)(table & ~RcuBucket.Flags);

    public static ulong CountOf(ulong table) => 1UL << BitsOf(table);

    public static nuint BytesOf(int bits) => (nuint)RcuBucket.Bytes << bits;

    public static ulong* At(ulong table, ulong bucket) => BucketsOf(table) + (bucket * RcuBucket.Words);

    /// <summary>The number of a hash's bucket: its highest bits.</summary>
    public static ulong NumberOf(ulong hash, int bits) => (hash >> 1) >> (63 - bits);

    /// <summary>The bucket of a hash, which may have moved.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong* HomeOf(ulong table, ulong hash) =>
        BucketsOf(table) + (((hash >> 1) >> (int)table) * RcuBucket.Words); // a shift takes six bits of its count

    /// <summary>
    /// The bucket that has the entries of a hash: that of the table, or the one it has moved to, and so on.
    /// </summary>
    /// <param name="table">The table.</param>
    /// <param name="hash">The hash.</param>
    /// <param name="bits">The bits of the hash that the bucket is for.</param>
    /// <param name="link">Its link.</param>
    public static ulong* Find(ulong table, ulong hash, out int bits, out ulong link)
    {
        bits = BitsOf(table);
        ulong* bucket = HomeOf(table, hash);
        link = Volatile.Read(ref RcuBucket.Link(bucket));
        while ((link & RcuBucket.Moved) != 0)
        {
            bucket = RcuBucket.Behind(link);
            if ((link & RcuBucket.Grew) != 0)
            {
                bits++;
                bucket += (NumberOf(hash, bits) & 1) * RcuBucket.Words;
            }
            else
            {
                bits--;
            }

            link = Volatile.Read(ref RcuBucket.Link(bucket));
        }

        return bucket;
    }
}
