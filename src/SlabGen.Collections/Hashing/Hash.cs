using System.Runtime.CompilerServices;

namespace SlabGen.Collections.Hashing;

/// <summary>From the hash code of a key to the 64 bits that say where it lies.</summary>
/// <remarks>
/// Every collection has a seed. Without it, one that is filled in the order of another's enumeration, which is the
/// order of hashes, would put all of it into its first groups.
/// </remarks>
internal static class Hash
{
    private static readonly ulong s_start = (ulong)Random.Shared.NextInt64();
    private static long s_made;

    /// <summary>A seed that no other collection of the process has.</summary>
    public static ulong NewSeed() => s_start + ((ulong)Interlocked.Increment(ref s_made) * 0x9E3779B97F4A7C15);

    /// <summary>
    /// Every bit of the result depends on all of the code (the finalizer of SplitMix64, but one round).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Mix(uint code, ulong seed)
    {
        ulong x = (code ^ seed) * 0xBF58476D1CE4E5B9;
        x ^= x >> 32;
        return x * 0x94D049BB133111EB;
    }

    /// <summary>What a slot of a group says of its entry: 1 to 255; 0 is an empty slot.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte Tag(ulong hash)
    {
        uint low = (uint)(hash >> 8) & 0xFF;
        return (byte)(low == 0 ? 1 : low);
    }
}
