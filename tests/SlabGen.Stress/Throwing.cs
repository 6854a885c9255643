namespace SlabGen.Stress;

/// <summary>Users' code that throws at random. For the whole process: constructors are static methods.</summary>
internal static class Throwing
{
    public const string Shrinker = "shrinker", Constructor = "constructor", Destructor = "destructor", Move = "move", Warning = "limit warning";

    private static long s_asked;
    private static int s_perMille;

    /// <summary>How many of a thousand calls throw; 0 while the end of a round is checked.</summary>
    public static int PerMille
    {
        set => Volatile.Write(ref s_perMille, value);
    }

    public static void Perhaps(string where)
    {
        if (IsDue(Volatile.Read(ref s_perMille), ref s_asked))
        {
            throw new PlannedException(where);
        }
    }

    /// <summary>A random answer for any thread, which takes no lock and allocates nothing.</summary>
    public static bool IsDue(int perMille, ref long asked) => perMille > 0 && Seeds.Mix((ulong)Interlocked.Increment(ref asked)) % 1000 < (ulong)perMille;
}
