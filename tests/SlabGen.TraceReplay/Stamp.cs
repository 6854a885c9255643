using System.Runtime.InteropServices;

namespace SlabGen.TraceReplay;

/// <summary>
/// The pattern that every byte of an object holds while the object lives: a word derived from the object, repeated.
/// An allocator that hands out overlapping objects, or writes into one, changes a stamp.
/// </summary>
internal static unsafe class Stamp
{
    private const int Chunk = 1 << 20;

    /// <summary>Fills the object at <paramref name="address"/>, which must be an allocation of at least <paramref name="size"/> bytes.</summary>
    public static void Write(nint address, long size, int number)
    {
        ulong word = Word(number);

        for (long done = 0; done < size; done += Chunk)
        {
            Span<byte> bytes = Part(address, size, done);
            MemoryMarshal.Cast<byte, ulong>(bytes).Fill(word);
            Span<byte> tail = bytes[(bytes.Length & ~7)..];

            for (int i = 0; i < tail.Length; i++)
            {
                tail[i] = (byte)(word >> (8 * i));
            }
        }
    }

    /// <summary>Returns the offset of the first wrong byte, or -1 if every byte is right.</summary>
    public static long FindWrongByte(nint address, long size, int number)
    {
        ulong word = Word(number);

        for (long done = 0; done < size; done += Chunk)
        {
            Span<byte> bytes = Part(address, size, done);
            int wrongWord = MemoryMarshal.Cast<byte, ulong>(bytes).IndexOfAnyExcept(word);

            for (int i = wrongWord < 0 ? bytes.Length & ~7 : wrongWord * 8; i < bytes.Length; i++)
            {
                if (bytes[i] != (byte)(word >> (8 * (i & 7))))
                {
                    return done + i;
                }
            }
        }

        return -1;
    }

    private static Span<byte> Part(nint address, long size, long start) =>
        new((byte*)address + start, (int)Math.Min(Chunk, size - start));

    // A multiplicative hash of the object's id: no two objects share a word, and a freed object's list links do not look like one.
    private static ulong Word(int number) => ((ulong)number + 1) * 0x9E3779B97F4A7C15;
}
