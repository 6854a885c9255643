namespace SlabGen.Stress;

/// <summary>Which exceptions may come out of which calls. All others are failures.</summary>
internal static class Planned
{
    /// <summary>
    /// An allocation may find no memory; and what a shrinker, a constructor, a limit warning, a destructor or a move threw comes out of the
    /// call that needed it, or out of the next one that reclaims.
    /// </summary>
    public static bool InAlloc(Exception error) => error is OutOfMemoryException or PlannedException || CountsOthers(error);

    /// <summary>A free may run a destructor of its own cache. One that a cache without destructors throws from is a failure.</summary>
    public static bool InFree(Exception error) => error is PlannedException { Where: Throwing.Destructor } || CountsOthers(error);

    /// <summary>What gives memory back, or asks for it to be given back, runs destructors and hears of what was thrown before.</summary>
    public static bool InReclaim(Exception error) => error is AggregateException several ? several.InnerExceptions.All(InReclaim) : error is PlannedException || CountsOthers(error);

    /// <summary>Consolidation calls moves.</summary>
    public static bool InConsolidate(Exception error) => error is PlannedException { Where: Throwing.Move or Throwing.Destructor } || CountsOthers(error);

    /// <summary>What ends a cache runs its destructors, and is the last call that can tell what was kept: several at once, perhaps.</summary>
    public static bool InDestroy(Exception error) => error is AggregateException several ? several.InnerExceptions.All(InDestroy) : InConsolidate(error);

    /// <summary>After sixteen errors, whose turn comes one by one, the seventeenth says how many more there were.</summary>
    private static bool CountsOthers(Exception error) => error is InvalidOperationException && error.Message.Contains("more errors were found", StringComparison.Ordinal);
}
