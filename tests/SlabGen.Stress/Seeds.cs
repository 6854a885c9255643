namespace SlabGen.Stress;

/// <summary>Random numbers that depend on the seed of the round and on who asks, in every process the same.</summary>
internal static class Seeds
{
    public static Random For(int seed, string who, int number = 0)
    {
        ulong hash = 14695981039346656037; // FNV-1a
        foreach (char c in who)
        {
            hash = (hash ^ c) * 1099511628211;
        }

        return new Random((int)(Mix(hash ^ ((ulong)(uint)seed << 32) ^ (uint)number) >> 33));
    }

    /// <summary>Spreads the bits of a number (splitmix64): a random function of a counter, for any thread.</summary>
    public static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
