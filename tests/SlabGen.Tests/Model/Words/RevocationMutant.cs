namespace SlabGen.Tests.Model.Words;

/// <summary>A way to get the protocol wrong.</summary>
public enum RevocationMutant
{
    None,

    /// <summary>Revoke without the process-wide barrier.</summary>
    NoBarrier,

    /// <summary>Take the entry just below the top too, without proof that the owner is outside.</summary>
    TakeTheTopEntry,

    /// <summary>Ask whether the owner waits before the barrier instead of after it.</summary>
    StateBeforeBarrier,

    /// <summary>Read the top before the barrier instead of after it.</summary>
    TopBeforeBarrier,

    /// <summary>Read the top before the owner's state: what a processor does that may reorder loads, without a barrier between.</summary>
    TopBeforeState,

    /// <summary>Open the bounds again, and still compare with what was seen of the owner while they were shut.</summary>
    OpenBetweenPasses,

    /// <summary>The owner's slow path does not take the gate.</summary>
    SlowPathWithoutGate,

    /// <summary>Shut _low only: frees go on.</summary>
    LeaveHighOpen,

    /// <summary>Return the magazine although the owner may be inside the fast path.</summary>
    ReturnMagazineAlways,

    /// <summary>The slow path takes the count from the bottom of the magazine, as if nothing had been revoked.</summary>
    NoSettle,

    /// <summary>Ask the kernel before the barrier instead of after it.</summary>
    KernelBeforeBarrier,

    /// <summary>Take a sleep in a signal handler for one of the owner's own.</summary>
    MaskNotRead,

    /// <summary>Read the state and the mask once, and not whether they belong to one sleep.</summary>
    OneStatusOnly,

    /// <summary>Believe the state, which says "sleeping" before the thread leaves the processor.</summary>
    CallNotRead,

    /// <summary>Take a sleep in a page fault for one in a system call.</summary>
    FaultIsACall,

    /// <summary>Read the owner's visits before the barrier instead of after it.</summary>
    VisitsBeforeBarrier,

    /// <summary>Number a proof when it ends, not when it begins.</summary>
    ProofNumberedAtItsEnd,

    /// <summary>Count a visit with a plain store, not a release.</summary>
    PlainStoreOfVisits,

    /// <summary>Claim two objects and not look at the bounds again.</summary>
    NoSecondLook,

    /// <summary>See the bounds shut after the claim, and leave the top where it claims.</summary>
    ClaimKept,

    /// <summary>Say that two objects are there with a plain store, not a release.</summary>
    PlainStoreOfTwo,

    /// <summary>Say with a plain store, not a release, that the topmost object has taken the place of the one that was taken.</summary>
    PlainStoreOfTheRest,

    /// <summary>Take a thread that sleeps for one that still sleeps as it was proven to, without a look at the number.</summary>
    KnownSleepNotCompared,
}
