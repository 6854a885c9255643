using System.Runtime.CompilerServices;
using SlabGen.Benchmarks.Allocators;

namespace SlabGen.Benchmarks.Jit;

/// <summary>The generated fast path and that of <see cref="Kmalloc"/>, each half in a method of its own, so that its machine code can be read.</summary>
internal static class FastPath
{
    private static readonly Kmalloc s_kmalloc = SlabRuntime.Default.Kmalloc;

    /// <summary>The generated class's.</summary>
    public static IReadOnlyList<string> Methods { get; } = [nameof(Alloc), nameof(Free)];

    /// <summary>These, and those of <see cref="Kmalloc"/>.</summary>
    public static IReadOnlyList<string> AllMethods { get; } = [.. Methods, nameof(AllocBlock), nameof(FreeBlock)];

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static SlabPtr<Object64> Alloc() => Object64Cache.Alloc();

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Free(SlabPtr<Object64> address) => Object64Cache.Free(address);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static nint AllocBlock(nuint size) => s_kmalloc.Alloc(size);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void FreeBlock(nint address) => s_kmalloc.Free(address);

    /// <param name="quietRounds">How many rounds without a compilation are believed.</param>
    public static void WarmUp(int quietRounds) => TierOne.Reach([Pairs], TimeSpan.FromMilliseconds(100), maxRounds: 20 + quietRounds, quietRounds);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Pairs()
    {
        for (int i = 0; i < 100; i++)
        {
            Free(Alloc());
            FreeBlock(AllocBlock(64));
        }
    }
}
