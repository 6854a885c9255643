namespace SlabGen.Tests.Model;

// Where the kernel alone sees the owner, and how the revoker asks it: KernelThread.SleepsInSystemCall.
internal sealed partial class RevocationModel
{
    /// <summary>In the middle of an operation a signal or a page fault may come; outside of one, the owner may make a system call.</summary>
    private static void AddInterrupts(in RevocationState state, List<(string Step, RevocationState State)> successors)
    {
        if (state.Owner is >= OwnerStep.AllocReadTop and <= OwnerStep.FreeStoreTop and not OwnerStep.AllocReadRoundLate && state.InterruptsLeft > 0)
        {
            RevocationState next = state;
            next.InterruptsLeft--;
            next.InHandler = true;
            successors.Add(("a signal interrupts the owner", next));

            if (state.Owner is OwnerStep.AllocReadRound or OwnerStep.FreeStoreRound && state.RestsLeft > 0)
            {
                next.RestsLeft--;
                next.InHandler = false;
                next.InFault = true;
                next.Rest = OwnerRest.AboutToSleep;
                successors.Add(("the owner must wait for a page", next));
            }
        }

        if (state.Owner == OwnerStep.Outside && state.RestsLeft > 0)
        {
            RevocationState next = state;
            next.RestsLeft--;
            next.Rest = OwnerRest.AboutToSleep;
            successors.Add(("owner makes a system call that waits", next));
        }
    }

    private void AddRests(in RevocationState state, List<(string Step, RevocationState State)> successors)
    {
        RevocationState next = state;
        if (state.Rest == OwnerRest.Awake)
        {
            next.InHandler = false;
            successors.Add(("the owner's signal handler returns", next));
            if (state.RestsLeft > 0)
            {
                next = state;
                next.RestsLeft--;
                next.Rest = OwnerRest.AboutToSleep;
                successors.Add(("the owner's signal handler makes a system call that waits", next));
            }

            return;
        }

        next.Rest = OwnerRest.Awake;
        next.InFault = false;
        successors.Add(("what the owner waits for is there", next));
        if (state.Rest == OwnerRest.AboutToSleep)
        {
            next = state;
            next.Rest = OwnerRest.Asleep;
            next.Switches++;
            while (!next.OwnerStores.IsEmpty) // a switch is a barrier
            {
                Write(ref next, next.OwnerStores.RemoveAt(0));
            }

            successors.Add(("the owner leaves the processor", next));
        }
    }

    /// <summary>One read of the revoker's: what does not prove a sleep ends the question.</summary>
    private void AskKernel(ref RevocationState state)
    {
        bool goesOn = IsAnsweredWell(state, state.Revoker, state.Count);
        state.Count = state.Revoker == RevokerStep.ReadCount ? state.Switches : state.Count;
        bool answered = !goesOn || state.Revoker == RevokerStep.ReadCountAgain;
        state.SawOutside = goesOn && answered;
        state.Revoker = !answered ? state.Revoker + 1
            : Has(RevocationMutant.KernelBeforeBarrier) ? RevokerStep.Barrier
            : state.SawOutside ? RevokerStep.ReadTop : RevokerStep.ReadVisits;
    }

    /// <summary>A revocation of another cache asks the kernel too, at any time, and leaves what it proved for all.</summary>
    private void AddProverStep(in RevocationState state, List<(string Step, RevocationState State)> successors)
    {
        RevocationState next = state;
        if (state.Prover == RevokerStep.Idle)
        {
            if (state.ProofsLeft > 0)
            {
                next.ProofsLeft--;
                next.Number = Has(RevocationMutant.ProofNumberedAtItsEnd) ? (byte)0 : ++next.Begun;
                next.Prover = RevokerStep.ReadCount;
                successors.Add(("another revoker begins a proof", next));
            }

            return;
        }

        bool goesOn = IsAnsweredWell(state, state.Prover, state.ProverCount);
        next.ProverCount = state.Prover == RevokerStep.ReadCount ? state.Switches : state.ProverCount;
        if (goesOn && state.Prover == RevokerStep.ReadCountAgain)
        {
            next.Proven = Has(RevocationMutant.ProofNumberedAtItsEnd) ? ++next.Begun : state.Number;
        }

        next.Prover = goesOn && state.Prover != RevokerStep.ReadCountAgain ? state.Prover + 1 : RevokerStep.Idle;
        next.ProverCount = next.Prover == RevokerStep.Idle ? (byte)0 : next.ProverCount;
        successors.Add(($"another revoker: {state.Prover}", next));
    }

    private bool IsAnsweredWell(in RevocationState state, RevokerStep step, byte count) => step switch
    {
        RevokerStep.ReadSleeps => state.Rest != OwnerRest.Awake,
        RevokerStep.ReadMask => !state.InHandler || Has(RevocationMutant.MaskNotRead),
        RevokerStep.ReadCall => Has(RevocationMutant.CallNotRead) || Has(RevocationMutant.OneStatusOnly)
            || (state.Rest == OwnerRest.Asleep && (!state.InFault || Has(RevocationMutant.FaultIsACall))),
        RevokerStep.ReadCountAgain => Has(RevocationMutant.OneStatusOnly) || state.Switches == count,
        _ => true,
    };
}
