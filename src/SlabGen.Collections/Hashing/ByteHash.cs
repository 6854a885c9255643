using System.Runtime.CompilerServices;

namespace SlabGen.Collections.Hashing;

/// <summary>Hashes and compares runs of bytes, eight at a time.</summary>
/// <remarks>
/// Multiplications of 64 by 64 bits whose halves are folded, as in wyhash. The seed is of the process, so keys that
/// collide cannot be told in advance. But it is no cryptographic hash.
/// </remarks>
internal static unsafe class ByteHash
{
    private const ulong First = 0xA0761D6478BD642F, Second = 0xE7037ED1A0B428DB;

    public static uint Of(byte* bytes, int length, ulong seed, bool ignoreCase)
    {
        ulong state = seed ^ ((ulong)length * Second), key = seed ^ First;
        int left = length;
        for (; left > 16; left -= 16, bytes += 16)
        {
            state = Fold(Word(bytes, ignoreCase) ^ key, Word(bytes + 8, ignoreCase) ^ state);
        }

        ulong low = 0, high = 0;
        if (left >= 8)
        {
            low = Word(bytes, ignoreCase);
            high = Word(bytes + left - 8, ignoreCase);
        }
        else if (left > 0)
        {
            low = Short(bytes, left, ignoreCase);
        }

        state = Fold(low ^ key, high ^ state);
        state = Fold(state ^ First, key);
        return (uint)(state ^ (state >> 32));
    }

    public static bool Equal(byte* left, byte* right, int length, bool ignoreCase)
    {
        if (!ignoreCase)
        {
            return new ReadOnlySpan<byte>(left, length).SequenceEqual(new ReadOnlySpan<byte>(right, length));
        }

        int at = 0;
        for (; at + 8 <= length; at += 8)
        {
            if (Word(left + at, true) != Word(right + at, true))
            {
                return false;
            }
        }

        return Short(left + at, length - at, true) == Short(right + at, length - at, true);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Word(byte* bytes, bool ignoreCase)
    {
        ulong word = Unsafe.ReadUnaligned<ulong>(bytes);
        return ignoreCase ? Lower(word) : word;
    }

    /// <summary>Up to 7 bytes.</summary>
    private static ulong Short(byte* bytes, int length, bool ignoreCase)
    {
        ulong word = 0;
        for (int i = 0; i < length; i++)
        {
            word |= (ulong)bytes[i] << (i * 8);
        }

        return ignoreCase ? Lower(word) : word;
    }

    /// <summary>The letters A to Z of eight bytes become a to z; no carry leaves its byte.</summary>
    private static ulong Lower(ulong word)
    {
        const ulong Each = 0x0101010101010101;
        ulong seven = word & (0x7F * Each);
        ulong afterZ = seven + ((0x7F - 'Z') * Each);
        ulong fromA = seven + ((0x80 - 'A') * Each);
        ulong upper = (fromA ^ afterZ) & ~word & (0x80 * Each);
        return word | (upper >> 2);
    }

    private static ulong Fold(ulong left, ulong right) => Math.BigMul(left, right, out ulong low) ^ low;
}
