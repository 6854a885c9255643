namespace SlabGen.Tests.Model;

// The owner thread: TryAlloc, TryFree, the same for two objects at once, waits, and its end.
internal sealed partial class RevocationModel
{
    private void AddOwnerSteps(RevocationState state, List<(string Step, RevocationState State)> successors)
    {
        if (state.Rest != OwnerRest.Awake || state.InHandler)
        {
            AddRests(state, successors);
            return;
        }

        RevocationState next = state;
        AddInterrupts(state, successors);
        switch (state.Owner)
        {
            case OwnerStep.Outside:
                AddOperations(state, successors);
                return;

            case OwnerStep.Waiting:
                next.OwnerWaits = false;
                next.Owner = OwnerStep.Outside;
                break;

            case OwnerStep.AllocReadTop or OwnerStep.FreeReadTop:
                next.OwnerTop = Read(state, state.OwnerStores, StoreBuffer.Top);
                next.Owner = state.Owner + 1;
                break;

            case OwnerStep.AllocCompare when state.OwnerSecond != 0:
                bool hasTwo = state.OwnerTop - 2 >= Read(state, state.OwnerStores, StoreBuffer.Low);
                CheckCompare(state, hasTwo);
                next.Owner = hasTwo ? OwnerStep.AllocClaim : OwnerStep.SlowEnter;
                break;

            case OwnerStep.AllocClaim when !state.OwnerStores.IsFull:
                next.OwnerStores.Add(StoreBuffer.Top, (byte)(state.OwnerTop - 2), release: true);
                next.Owner = Has(RevocationMutant.NoSecondLook) ? OwnerStep.AllocReadUpper : OwnerStep.AllocLookAgain;
                break;

            case OwnerStep.AllocLookAgain:
                next.Owner = state.OwnerTop - 2 >= Read(state, state.OwnerStores, StoreBuffer.Low) ? OwnerStep.AllocReadUpper : OwnerStep.AllocPutBack;
                break;

            case OwnerStep.AllocPutBack when !state.OwnerStores.IsFull:
                if (!Has(RevocationMutant.ClaimKept))
                {
                    next.OwnerStores.Add(StoreBuffer.Top, state.OwnerTop, release: false);
                }

                next.Owner = OwnerStep.SlowEnter;
                break;

            case OwnerStep.AllocReadUpper:
                CheckIsLoaded(state, state.OwnerTop - 1, "reads");
                next.OwnerSecond = Read(state, state.OwnerStores, StoreBuffer.FirstRound + state.OwnerTop - 1);
                next.Owner = OwnerStep.AllocReadLower;
                break;

            case OwnerStep.AllocReadLower:
                CheckIsLoaded(state, state.OwnerTop - 2, "reads");
                next.OwnerObject = Read(state, state.OwnerStores, StoreBuffer.FirstRound + state.OwnerTop - 2);
                byte upper = next.OwnerSecond;
                Receive(ref next);
                next.OwnerObject = upper;
                Receive(ref next);
                break;

            case OwnerStep.AllocCompare:
                bool hasObject = state.OwnerTop > Read(state, state.OwnerStores, StoreBuffer.Low);
                CheckCompare(state, hasObject);
                next.Owner = hasObject ? OwnerStep.AllocReadRound : OwnerStep.SlowEnter;
                if (hasObject && weak && !state.OwnerStores.IsFull)
                {
                    RevocationState early = next;
                    early.OwnerStores.Add(StoreBuffer.Top, (byte)(state.OwnerTop - 1), release: false);
                    early.Owner = OwnerStep.AllocReadRoundLate;
                    successors.Add(("owner stores the top before it reads the round", early));
                }

                break;

            case OwnerStep.AllocReadRound or OwnerStep.AllocReadRoundLate:
                CheckIsLoaded(state, state.OwnerTop - 1, "reads");
                next.OwnerObject = Read(state, state.OwnerStores, StoreBuffer.FirstRound + state.OwnerTop - 1);
                next.Owner = OwnerStep.AllocStoreTop;
                if (state.Owner == OwnerStep.AllocReadRoundLate)
                {
                    Receive(ref next);
                }

                break;

            case OwnerStep.AllocStoreTop when !state.OwnerStores.IsFull:
                next.OwnerStores.Add(StoreBuffer.Top, (byte)(state.OwnerTop - 1), release: false);
                Receive(ref next);
                break;

            case OwnerStep.FreeCompare:
                bool hasRoom = state.OwnerTop + (state.OwnerSecond != 0 ? 1 : 0) < Read(state, state.OwnerStores, StoreBuffer.High);
                CheckCompare(state, hasRoom);
                next.Owner = hasRoom ? OwnerStep.FreeStoreRound : OwnerStep.SlowEnter;
                break;

            case OwnerStep.FreeStoreRound when !state.OwnerStores.IsFull:
                next.OwnerStores.Add(StoreBuffer.FirstRound + state.OwnerTop, state.OwnerObject, release: false);
                next.Owner = state.OwnerSecond != 0 ? OwnerStep.FreeStoreUpper : OwnerStep.FreeStoreTop;
                break;

            case OwnerStep.FreeStoreUpper when !state.OwnerStores.IsFull:
                next.OwnerStores.Add(StoreBuffer.FirstRound + state.OwnerTop + 1, state.OwnerSecond, release: false);
                next.Owner = OwnerStep.FreeStoreTopOfTwo;
                break;

            case OwnerStep.FreeStoreTopOfTwo when !state.OwnerStores.IsFull:
                next.OwnerStores.Add(StoreBuffer.Top, (byte)(state.OwnerTop + 2), release: !Has(RevocationMutant.PlainStoreOfTwo));
                EndOperation(ref next);
                break;

            case OwnerStep.FreeStoreTop when !state.OwnerStores.IsFull:
                next.OwnerStores.Add(StoreBuffer.Top, (byte)(state.OwnerTop + 1), release: false);
                EndOperation(ref next);
                break;

            case OwnerStep.SlowEnter when state.OwnerStores.IsEmpty: // a lock is taken, and waited for, with interlocked operations
                RevocationState waiting = state;
                waiting.OwnerWaits = true;
                waiting.Owner = OwnerStep.SlowWaiting;
                successors.Add(("owner waits for the gate", waiting));
                if (!Has(RevocationMutant.SlowPathWithoutGate))
                {
                    if (state.Gate != Side.Nobody)
                    {
                        return;
                    }

                    next.Gate = Side.Owner;
                }

                next.Owner = OwnerStep.SlowBody;
                break;

            case OwnerStep.SlowWaiting:
                next.OwnerWaits = false;
                next.Owner = OwnerStep.SlowEnter;
                break;

            case OwnerStep.SlowBody:
                AddSlowBodies(state, successors);
                return;

            case OwnerStep.SlowLeave:
                next.Gate = Has(RevocationMutant.SlowPathWithoutGate) ? state.Gate : Side.Nobody;
                EndOperation(ref next);
                break;

            default:
                return;
        }

        successors.Add((StepName(state.Owner), next));
    }

    private void AddOperations(in RevocationState state, List<(string Step, RevocationState State)> successors)
    {
        if (state.OperationsLeft == 0)
        {
            if (state.OwnerStores.IsEmpty)
            {
                RevocationState gone = state;
                gone.Owner = OwnerStep.Gone;
                successors.Add(("owner ends", gone));
            }

            return;
        }

        RevocationState start = state;
        start.OperationsLeft--;

        RevocationState next = start;
        next.Owner = OwnerStep.AllocReadTop;
        next.OwnerFrees = false;
        successors.Add(("owner begins an alloc", next));

        if (bulk)
        {
            next.OwnerSecond = RevocationState.TwoWanted;
            successors.Add(("owner begins to allocate two", next));
            AddFreesOfTwo(start, successors);
        }

        if (rests > 0 && !state.OwnerStores.IsFull)
        {
            next = start;
            CountVisit(ref next);
            successors.Add(("owner visits the slow path of another cache", next));
        }

        for (byte obj = 1; obj <= objects; obj++)
        {
            if ((state.Held & BitOf(obj)) != 0)
            {
                next = start;
                next.Owner = OwnerStep.FreeReadTop;
                next.OwnerFrees = true;
                next.OwnerObject = obj;
                next.Held &= (byte)~BitOf(obj);
                successors.Add(($"owner begins to free {obj}", next));
            }
        }

        if (state.OwnerStores.IsEmpty)
        {
            next = start;
            next.OwnerWaits = true;
            next.Owner = OwnerStep.Waiting;
            successors.Add(("owner waits", next));
        }
    }

    private void AddFreesOfTwo(in RevocationState start, List<(string Step, RevocationState State)> successors)
    {
        for (byte lower = 1; lower <= objects; lower++)
        {
            for (byte upper = (byte)(lower + 1); upper <= objects; upper++)
            {
                int both = BitOf(lower) | BitOf(upper);
                if ((start.Held & both) == both)
                {
                    RevocationState next = start;
                    next.Owner = OwnerStep.FreeReadTop;
                    next.OwnerFrees = true;
                    (next.OwnerObject, next.OwnerSecond) = (lower, upper);
                    next.Held &= (byte)~both;
                    successors.Add(($"owner begins to free {lower} and {upper}", next));
                }
            }
        }
    }

    /// <summary>Of two objects that are freed, the slow path takes one after the other; of two that are wanted, it serves one.</summary>
    private static void LeaveSecond(ref RevocationState state)
    {
        if (state.OwnerFrees && state.OwnerSecond != 0)
        {
            state.Held |= (byte)(1 << (state.OwnerSecond - 1)); // as if it were freed later
        }

        state.OwnerSecond = 0;
    }

    /// <summary>An allocation ends: the user has the object.</summary>
    private void Receive(ref RevocationState state)
    {
        int bit = BitOf(state.OwnerObject);
        if (bit == 0)
        {
            Fail("an allocation returns no object");
        }
        else if ((state.Held & bit) != 0)
        {
            Fail("an allocation returns an object that the user has already");
        }
        else if ((state.Slab & bit) != 0)
        {
            Fail("an allocation returns an object that is in the slab as well");
        }

        state.Held |= (byte)bit;
        EndOperation(ref state);
    }

    private static void EndOperation(ref RevocationState state)
    {
        state.Owner = OwnerStep.Outside;
        state.OwnerObject = state.OwnerTop = state.OwnerSecond = 0;
        state.OwnerFrees = false;
    }

    /// <summary>Its release is what orders it: the other cache's gate is left out.</summary>
    private void CountVisit(ref RevocationState state)
    {
        byte visits = Read(state, state.OwnerStores, StoreBuffer.Visits);
        state.OwnerStores.Add(StoreBuffer.Visits, (byte)(visits + 1), release: !Has(RevocationMutant.PlainStoreOfVisits));
    }

    private void CheckCompare(in RevocationState state, bool passes)
    {
        if (compares && passes && state.Revoker is >= RevokerStep.ReadState and <= RevokerStep.ReturnMagazine && !Has(RevocationMutant.KernelBeforeBarrier))
        {
            Fail("a compare passes although everything is revoked");
        }
    }

    private static string StepName(OwnerStep step) => "owner: " + step;
}
