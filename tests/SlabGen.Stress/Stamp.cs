using System.Runtime.CompilerServices;

namespace SlabGen.Stress;

/// <summary>
/// Says on every byte of an object whose it is: the worker's number and a sequence number, another for each word. Two owners of
/// one object find the stamp of the other.
/// </summary>
internal static unsafe class Stamp
{
    /// <summary>The stamp of an object; unlike those of all others of the process.</summary>
    public static ulong New(int worker, ref long sequence) => ((ulong)(uint)worker << 40) + ((ulong)++sequence << 14);

    public static void Write(nint address, long bytes, ulong stamp)
    {
        var words = new Span<ulong>((void*)address, (int)(bytes / sizeof(ulong)));
        for (int i = 0; i < words.Length; i++)
        {
            words[i] = stamp + (uint)i;
        }

        Tail(address, bytes).Fill((byte)(stamp >> 14));
    }

    /// <exception cref="StressException">A word is not the owner's.</exception>
    public static void Check(nint address, long bytes, ulong stamp, string of)
    {
        var words = new ReadOnlySpan<ulong>((void*)address, (int)(bytes / sizeof(ulong)));
        for (int i = 0; i < words.Length; i++)
        {
            if (words[i] != stamp + (uint)i)
            {
                throw Wrong(address, i, words[i], stamp, of);
            }
        }

        ReadOnlySpan<byte> tail = Tail(address, bytes);
        if (tail.ContainsAnyExcept((byte)(stamp >> 14)))
        {
            throw Wrong(address, words.Length, tail[0], stamp, of);
        }
    }

    /// <summary>What freed objects are filled with, so that who still has one sees it.</summary>
    public static void WriteFreed(nint address, long bytes) => new Span<byte>((void*)address, (int)bytes).Fill(0xDD);

    /// <exception cref="StressException">A byte is not zero.</exception>
    public static void CheckZero(nint address, long bytes, string of)
    {
        int index = new ReadOnlySpan<byte>((void*)address, (int)bytes).IndexOfAnyExcept((byte)0);
        if (index >= 0)
        {
            throw new StressException($"{of}: 0x{address:x} was to be zeroed, and byte {index} of {bytes} is not.");
        }
    }

    private static Span<byte> Tail(nint address, long bytes) => new((byte*)address + (bytes & ~7), (int)(bytes & 7));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static StressException Wrong(nint address, int word, ulong found, ulong stamp, string of) => new(
        $"{of}: WRONG STAMP at 0x{address:x}, word {word}: found {Text(found)}, but it belongs to {Text(stamp + (uint)word)}.");

    private static string Text(ulong stamp) => $"{stamp:x16} (worker {stamp >> 40}, object {(stamp >> 14) & 0x3ffffff}, word {stamp & 0x3fff})";
}
