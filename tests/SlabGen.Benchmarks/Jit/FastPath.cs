using System.Runtime.CompilerServices;
using SlabGen.Benchmarks.Allocators;

namespace SlabGen.Benchmarks.Jit;

/// <summary>The generated fast path, each half in a method of its own, so that its machine code can be read.</summary>
internal static class FastPath
{
    public static IReadOnlyList<string> Methods { get; } = [nameof(Alloc), nameof(Free)];

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static SlabPtr<Object64> Alloc() => Object64Cache.Alloc();

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Free(SlabPtr<Object64> address) => Object64Cache.Free(address);

    public static void WarmUp() => TierOne.Reach([Pairs]);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Pairs()
    {
        for (int i = 0; i < 100; i++)
        {
            Free(Alloc());
        }
    }
}
