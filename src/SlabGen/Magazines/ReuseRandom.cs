using System.Security.Cryptography;

namespace SlabGen.Magazines;

/// <summary>
/// Which of the free objects of a magazine is taken next: a number for each thread, changed by each call (xorshift). It
/// is seeded at random. It is not of cryptographic strength.
/// </summary>
internal static class ReuseRandom
{
    [ThreadStatic]
    private static ulong t_state;

    /// <summary>A number, all 32 bits of it.</summary>
    public static uint Next()
    {
        ulong state = t_state != 0 ? t_state : Seed();
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        t_state = state;
        return (uint)(state >> 32);
    }

    private static ulong Seed() =>
        ((ulong)RandomNumberGenerator.GetInt32(int.MaxValue) << 32) | (uint)RandomNumberGenerator.GetInt32(int.MaxValue)
            | 1;
}
