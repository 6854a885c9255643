using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SlabGen.Stress;

[InlineArray(7)]
internal struct Words7
{
    private ulong _first;
}

[InlineArray(8)]
internal struct Words8
{
    private ulong _first;
}

[InlineArray(125)]
internal struct Words125
{
    private ulong _first;
}

/// <summary>A constructor and a destructor that know each other's pattern, and throw or refuse at times.</summary>
internal sealed class PatternLife<T> : ISlabLife<T>
    where T : unmanaged
{
    private static long s_asked;

    public static bool Construct(ref T value)
    {
        Throwing.Perhaps(Throwing.Constructor);
        Pattern.Write(Words(ref value));
        return !Throwing.IsDue(1, ref s_asked);
    }

    /// <exception cref="StressException">It was written to while it was free.</exception>
    public static void Destruct(ref T value)
    {
        Pattern.Check(Words(ref value), "destructor");
        Throwing.Perhaps(Throwing.Destructor);
    }

    private static Span<ulong> Words(ref T value) => MemoryMarshal.Cast<T, ulong>(new Span<T>(ref value));
}

/// <summary>The constructed state.</summary>
internal static class Pattern
{
    private const ulong Word = 0xC0C0_C0C0_C0C0_C0C0;

    public static unsafe Span<ulong> Words(nint address, int bytes) => new((void*)address, bytes / sizeof(ulong));

    public static void Write(Span<ulong> words) => words.Fill(Word);

    public static void Check(ReadOnlySpan<ulong> words, string where)
    {
        int index = words.IndexOfAnyExcept(Word);
        if (index >= 0)
        {
            throw new StressException($"{where}: an object is not in its constructed state; word {index} is {words[index]:x16}.");
        }
    }
}
