namespace SlabGen.Tests.Model.Words;

/// <summary>A way to get it wrong.</summary>
public enum DepotMutant
{
    None,

    /// <summary>A magazine is gone from the count before it is counted as taken.</summary>
    CountBeforeFullsTaken,

    /// <summary>A magazine is gone from the count before it is noted as one on its way.</summary>
    CountBeforeOnTheWay,

    /// <summary>Nothing notes that a magazine is on its way.</summary>
    NothingOnTheWay,

    /// <summary>The count is a plain store, not a release.</summary>
    PlainCount,

    /// <summary>A drain returns the magazine before it gives what was in it.</summary>
    ReturnedBeforeGiven,

    /// <summary>The objects in use are changed by a plain store, not a release.</summary>
    PlainInUse,

    /// <summary>A visit is counted when it ends.</summary>
    VisitCountedLast,

    /// <summary>The depots are looked at once.</summary>
    OneLookAtDepots,

    /// <summary>Nobody asks whether a magazine has left meanwhile.</summary>
    FullsTakenNotCompared,

    /// <summary>Nobody asks whether the slabs were visited meanwhile.</summary>
    VisitsNotCompared,

    /// <summary>A thread whose gate is held is passed over by what its words say.</summary>
    GateNotAsked,

    /// <summary>The answer is yes when nothing is free either.</summary>
    AlwaysYes,
}
