namespace SlabGen.Memory;

/// <summary>
/// Keeps some of the mappings that Linux lets a process have (<c>vm.max_map_count</c>) for the .NET runtime. That
/// runtime ends the process when it cannot map the next method it compiles.
/// </summary>
/// <remarks>
/// Mapping a page in a reserved range, or unmapping one between others, splits a mapping in three. Neighbours that are
/// alike become one again. Only the kernel knows the count, and reading it takes long. So each reading grants as many
/// changes as cannot reach the bound.
/// </remarks>
internal static class MappingBudget
{
    /// <summary>
    /// The part of the limit that maps may use, in eighths. Changes that give mappings back may go further.
    /// </summary>
    public const int MapEighths = 6;

    private const int LeastGrant = 1024;

    private static long s_granted;

    /// <summary>Takes one change of mappings from the budget.</summary>
    /// <param name="eighths">How much of the limit the process may use after the change.</param>
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
            return false; // for instance, no descriptor is left: without a count no change is granted
        }

        long grant = ((Limit / 8 * MapEighths) - used) / 2;
        if (grant < LeastGrant)
        {
            // Stop short of the bound by a margin, or each of the last changes would count. A change that may go
            // further is counted each time.
            return eighths > MapEighths && used < Limit / 8 * eighths;
        }

        Volatile.Write(ref s_granted, grant);
        return true;
    }

    /// <summary>The value of <c>vm.max_map_count</c>.</summary>
    public static long Limit => long.TryParse(SystemFile.Read("/proc/sys/vm/max_map_count"), out long limit) ? limit : 65530;
}
