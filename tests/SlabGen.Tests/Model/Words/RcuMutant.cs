namespace SlabGen.Tests.Model.Words;

/// <summary>A way to get the protocol wrong.</summary>
public enum RcuMutant
{
    None,

    /// <summary>A period begins without the process-wide barrier.</summary>
    NoBarrier,

    /// <summary>The barrier first and then the number.</summary>
    BarrierBeforeNumber,

    /// <summary>The reader's word is read before the barrier instead of after it.</summary>
    ScanBeforeBarrier,

    /// <summary>No fence between the unlinking and the reading of the latest number.</summary>
    NoFence,

    /// <summary>An updater is content with the period under way.</summary>
    JoinsThePeriodUnderWay,

    /// <summary>A reader of the period before counts as one of this period.</summary>
    OneTooFew,

    /// <summary>Numbers of one bit, as liburcu's, but one phase instead of its two.</summary>
    ParityInOnePhase,

    /// <summary>The reader loads the pointer before it stores its word.</summary>
    PointerBeforeWord,

    /// <summary>The reader's load of the number is no acquire: the pointer is loaded before it.</summary>
    PointerBeforeNumber,

    /// <summary>The end of a section is a plain store, which on weak memory does not come after the section's loads.</summary>
    PlainEnd,
}
