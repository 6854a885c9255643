using SlabGen.CompilerServices;
using SlabGen.Slabs;

namespace SlabGen.Tests.Model;

/// <summary>
/// The revocation protocol of <see cref="ThreadCache"/> as a state machine: an owner thread that allocates, frees, waits
/// and ends in any order, against a revoker, every access to shared memory a step of its own.
/// </summary>
/// <remarks>
/// <para>Memory is TSO by default: each thread has a store buffer that drains in order at any moment, at the latest at an
/// interlocked operation; the process-wide barrier drains both. With <c>weak</c>, stores that are no releases leave it
/// in any order, and TryAlloc's load of the round may come after its store of the top, as ARM allows. Loads are not
/// delayed further than that: the compare is an acquire, and a barrier completes what came before it.</para>
/// <para>With <c>bulk</c>, the owner also takes and frees two objects at once, as <c>ThreadBin.TryAllocAll</c> and <c>TryFreeAll</c> do with any number.</para>
/// <para>Left out: the previous magazine, which nobody touches without the gate. The slow path's body is one step, since
/// the revoker acts under the same gate; so is everything else under the gate that the other side cannot see.</para>
/// <para>An owner in a managed wait is what <c>OwnerThread.IsOutside</c> sees as WaitSleepJoin; so is a dead one. Here one that waits for the gate is
/// seen so too. In the code it sleeps in the kernel (<c>UninterruptibleLock</c>), and <c>KernelThread</c> sees it outside.</para>
/// <para>With <c>rests</c>, the owner also sleeps where the kernel alone sees it: in system calls outside of an operation, and in the middle
/// of one in a signal handler or a page fault. Each read of <c>KernelThread</c> is a step. It may visit the slow path of another
/// cache. With <c>proofs</c>, another revoker asks the kernel too, for another cache, at any moment: what that proves counts here, by its number. Left out: the time in user mode, which proves by its length and not by an order.</para>
/// </remarks>
internal sealed partial class RevocationModel(int rounds, int objects, RevocationMutant mutant, bool weak, bool compares, int rests = 0, int proofs = 0, bool bulk = false)
{
    /// <summary>What went wrong in the step made last.</summary>
    public string? Violation { get; private set; }

    /// <summary>Every state in which a run may start: some objects in the magazine, one with the user, the others in the slab.</summary>
    public IEnumerable<RevocationState> InitialStates(int operations, int revocations)
    {
        for (int count = 0; count <= Math.Min(rounds, objects - 1); count++)
        {
            var state = new RevocationState
            {
                OperationsLeft = (byte)operations,
                RevocationsLeft = (byte)revocations,
                RestsLeft = (byte)rests,
                InterruptsLeft = (byte)Math.Min(rests, 1),
                ProofsLeft = (byte)proofs,
                Held = 1,
                Slab = (byte)(((1 << objects) - 1) & ~((1 << (count + 1)) - 1)),
            };
            Load(ref state);
            for (int i = 0; i < count; i++)
            {
                state.SetRound(state.Bottom + i, (byte)(i + 2));
            }

            Arm(ref state, count);
            yield return state;
        }
    }

    /// <summary>All steps that any side can make.</summary>
    public void AddSuccessors(RevocationState state, List<(string Step, RevocationState State)> successors)
    {
        AddOwnerSteps(state, successors);
        AddRevokerStep(state, successors);
        AddProverStep(state, successors);
        AddDrains(state, successors);
    }

    /// <summary>At rest, every object is in exactly one place.</summary>
    public string? CheckAtRest(in RevocationState state)
    {
        bool rest = state.Owner is OwnerStep.Outside or OwnerStep.Waiting or OwnerStep.Gone && state.OwnerStores.IsEmpty
            && state.Revoker == RevokerStep.Idle && state.RevokerStores.IsEmpty;
        if (!rest)
        {
            return null;
        }

        int seen = state.Held;
        string? problem = (seen & state.Slab) != 0 ? "an object is with the user and in the slab" : null;
        seen |= state.Slab;
        for (int address = state.Bottom; state.Loaded != 0 && address < state.Top; address++)
        {
            int bit = BitOf(state.Round(address));
            problem ??= bit == 0 ? "the magazine holds no object where it says one is" : (seen & bit) != 0 ? "an object is in the magazine and elsewhere" : null;
            seen |= bit;
        }

        return problem ?? (seen != (1 << objects) - 1 ? "an object is lost" : null);
    }

    /// <summary>Whether nothing is left to do: any other state without a next step is a deadlock.</summary>
    public static bool IsEnd(in RevocationState state) =>
        state.Owner == OwnerStep.Gone && state.Revoker == RevokerStep.Idle && state.RevocationsLeft == 0
        && state.Prover == RevokerStep.Idle && state.ProofsLeft == 0;

    private int BaseOf(int magazine) => 1 + ((magazine - 1) * (rounds + 1));

    private int BitOf(byte obj) => obj >= 1 && obj <= objects ? 1 << (obj - 1) : 0;

    private bool Has(RevocationMutant bug) => mutant == bug;

    private void Fail(string violation) => Violation ??= violation;

    /// <summary>A magazine that is not the one loaded belongs to somebody else by now.</summary>
    private void CheckIsLoaded(in RevocationState state, int address, string what)
    {
        if (state.Loaded == 0 || address < BaseOf(state.Loaded) || address >= BaseOf(state.Loaded) + rounds)
        {
            Fail($"the owner {what} a round of a magazine that was returned");
        }
    }

    private static byte Read(in RevocationState state, in StoreBuffer own, int variable) =>
        own.TryForward(variable, out byte value) ? value : variable switch
        {
            StoreBuffer.Top => state.Top,
            StoreBuffer.Low => state.Low,
            StoreBuffer.High => state.High,
            StoreBuffer.Visits => state.Visits,
            _ => state.Round(variable - StoreBuffer.FirstRound),
        };

    private void Write(ref RevocationState state, (int Variable, byte Value) store)
    {
        switch (store.Variable)
        {
            case StoreBuffer.Top:
                state.Top = store.Value;
                break;
            case StoreBuffer.Low:
                state.Low = store.Value;
                break;
            case StoreBuffer.High:
                state.High = store.Value;
                break;
            case StoreBuffer.Visits:
                state.Visits = store.Value;
                break;
            default:
                CheckIsLoaded(state, store.Variable - StoreBuffer.FirstRound, "writes");
                state.SetRound(store.Variable - StoreBuffer.FirstRound, store.Value);
                break;
        }
    }

    private void AddDrains(in RevocationState state, List<(string Step, RevocationState State)> successors)
    {
        for (int i = 0; i < state.OwnerStores.Count; i++)
        {
            if (state.OwnerStores.MayLeave(i, inOrder: !weak))
            {
                RevocationState next = state;
                Write(ref next, next.OwnerStores.RemoveAt(i));
                successors.Add(("owner's store becomes visible", next));
            }
        }

        for (int i = 0; i < state.RevokerStores.Count; i++)
        {
            if (state.RevokerStores.MayLeave(i, inOrder: !weak))
            {
                RevocationState next = state;
                Write(ref next, next.RevokerStores.RemoveAt(i));
                successors.Add(("revoker's store becomes visible", next));
            }
        }
    }
}

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
}
