namespace SlabGen.Magazines;

/// <summary>
/// Where a free object of a cache may lie, for <see cref="FreeSearch{TWords}"/>. Nothing here waits for a depot or the
/// slabs.
/// </summary>
internal interface IFreePlaces
{
    /// <summary>How often objects were taken from the slabs or given to them. It rises before they move.</summary>
    long SlabVisits { get; }

    /// <summary>How often a full magazine has left a depot.</summary>
    long FullsTaken { get; }

    /// <summary>Whether a depot may have a full magazine (<see cref="DepotSteps{TWords}.MayHaveFull"/>).</summary>
    bool DepotsMayHaveFull { get; }

    /// <summary>Whether a thread's magazines may have an object, or one waits for a grace period.</summary>
    bool OthersMayHaveFree { get; }

    /// <summary>Whether the slabs may give out one more.</summary>
    bool SlabsHaveRoom { get; }
}
