namespace SlabGen.Memory;

/// <summary>
/// Keeps some of the mappings that Linux lets a process have (<c>vm.max_map_count</c>) for the runtime, which ends the
/// process when it cannot map the next method it compiles.
/// </summary>
/// <remarks>
/// Mapping a page in a reserved range, or unmapping one between others, splits a mapping in three; neighbours that are
/// alike become one again. Only the kernel knows the count, and asking takes long: each count grants as many changes as
/// cannot reach the bound.
/// </remarks>
internal static class MappingBudget
{
    /// <summary>The part of the limit that maps may use, in eighths; changes that give mappings back may go further.</summary>
    public const int MapEighths = 6;

    private const int LeastGrant = 1024;

    private static long s_granted;

    /// <summary>Takes one change of mappings.</summary>
    /// <param name="eighths">How much of the limit the process may use after it.</param>
    public static bool TryTake(int eighths)
    {
        if (!OperatingSystem.IsLinux() || Interlocked.Decrement(ref s_granted) >= 0)
        {
            return true;
        }

        long used;
        try
        {
            used = File.ReadLines("/proc/self/maps").LongCount();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // no descriptor is left, say: what cannot be counted is not taken
        }

        long grant = ((Limit / 8 * MapEighths) - used) / 2;
        if (grant < LeastGrant)
        {
            // By a margin, or each of the last changes would count. What may go further is counted each time.
            return eighths > MapEighths && used < Limit / 8 * eighths;
        }

        Volatile.Write(ref s_granted, grant);
        return true;
    }

    /// <summary>The value of <c>vm.max_map_count</c>.</summary>
    public static long Limit => long.TryParse(SystemFile.Read("/proc/sys/vm/max_map_count"), out long limit) ? limit : 65530;
}
