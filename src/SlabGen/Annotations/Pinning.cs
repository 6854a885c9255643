namespace SlabGen;

/// <summary>
/// Whether memory is locked, so that the system never swaps it out. Native memory never moves in any case.
/// </summary>
public enum Pinning
{
    /// <summary>Memory may be swapped out.</summary>
    None,

    /// <summary>Memory is locked as far as the system permits. The zone reports how much that is.</summary>
    BestEffort,

    /// <summary>
    /// Memory that cannot be locked is not handed out. The allocation fails, and its message names the system's limit.
    /// </summary>
    Required,
}
