namespace SlabGen.Magazines;

/// <summary>
/// What anyone may read of a depot without its lock. Written under the lock, by <see cref="DepotSteps{TWords}"/>.
/// </summary>
internal struct DepotWords
{
    /// <summary>The number of full magazines.</summary>
    public int FullCount;

    /// <summary>
    /// The magazine that a drain has taken, until it comes back empty; else 0. One drain goes at a time.
    /// </summary>
    public nint OnTheWay;

    /// <summary>How often a full magazine has left.</summary>
    public long FullsTaken;
}
