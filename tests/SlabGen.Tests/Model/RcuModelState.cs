namespace SlabGen.Tests.Model;

/// <summary>One state of <see cref="RcuModel"/>: all of memory, and where the threads stand.</summary>
/// <remarks>
/// Each updater has a pointer of its own to a version of what it publishes; versions up to its <c>Freed</c> are no more. A reader's
/// word is 0 outside and the number + 1 inside.
/// </remarks>
internal record struct RcuState
{
    // Memory, as a processor without a store buffer of its own sees it.
    public byte Latest, Word, PointerA, PointerB;
    public byte Completed; // under the lock
    public byte Lock;      // 0, or 1 + the updater that holds it

    public RcuReaderState Reader;
    public RcuUpdaterState A, B;

    public readonly RcuUpdaterState Updater(int updater) => updater == 0 ? A : B;

    public void Set(int updater, in RcuUpdaterState state)
    {
        if (updater == 0)
        {
            A = state;
        }
        else
        {
            B = state;
        }
    }
}

internal record struct RcuReaderState
{
    public RcuReaderStep Step;
    public byte Of, Number, Version, SectionsLeft; // Of: whose pointer it follows
    public StoreBuffer Stores;
}

internal record struct RcuUpdaterState
{
    public RcuUpdaterStep Step;
    public byte Wanted, Seen, Freed, UpdatesLeft;
    public StoreBuffer Stores;
}

internal enum RcuReaderStep : byte
{
    Outside,
    ReadNumber,
    StoreWord,
    ReadPointer,
    Use,
    Leave,
    UseLate, // weak memory, and an end that is no release
}

internal enum RcuUpdaterStep : byte
{
    Idle,
    Unlink,
    Fence,
    Snapshot,
    Enter,
    Begin,
    Barrier,
    Scan,
    Judge,
    Free,
}

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
