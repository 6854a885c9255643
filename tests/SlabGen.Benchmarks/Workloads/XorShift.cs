using System.Runtime.CompilerServices;

namespace SlabGen.Benchmarks.Workloads;

/// <summary>Marsaglia's xorshift32: random enough, and three instructions that hide nothing of what is timed.</summary>
internal static class XorShift
{
    /// <param name="random">Not 0.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Next(uint random)
    {
        random ^= random << 13;
        random ^= random >> 17;
        return random ^ (random << 5);
    }
}
