namespace SlabGen.Tests.Model;

// The revoker: ThreadCache.Revoke, as Shrink, Destroy and reclaim call it from another thread.
internal sealed partial class RevocationModel
{
    private void AddRevokerStep(RevocationState state, List<(string Step, RevocationState State)> successors)
    {
        RevocationState next = state;
        switch (state.Revoker)
        {
            case RevokerStep.Idle when state.RevocationsLeft > 0 && state.Gate == Side.Nobody && state.RevokerStores.IsEmpty:
                next.RevocationsLeft--;
                next.Gate = Side.Revoker;
                next.WasShut = Has(RevocationMutant.OpenBetweenPasses) ? state.HasSeen : state.Low == RevocationState.NoLow;
                next.Revoker = state.Loaded == 0 ? RevokerStep.Leave : state.Low == RevocationState.NoLow ? RevokerStep.ReadState : RevokerStep.ShutLow;
                if (next.RevocationsLeft == 0)
                {
                    RevocationState closing = next;
                    closing.Closed = true;
                    successors.Add(("revoker takes the gate to destroy", closing));
                }

                break;

            case RevokerStep.ShutLow:
                next.RevokerStores.Add(StoreBuffer.Low, RevocationState.NoLow, release: true);
                next.Revoker = Has(RevocationMutant.LeaveHighOpen) ? RevokerStep.Barrier : RevokerStep.ShutHigh;
                break;

            case RevokerStep.ShutHigh:
                next.RevokerStores.Add(StoreBuffer.High, RevocationState.NoHigh, release: true);
                next.Revoker = Has(RevocationMutant.VisitsBeforeBarrier) ? RevokerStep.LookEarly
                    : Has(RevocationMutant.KernelBeforeBarrier) ? RevokerStep.ReadCount : RevokerStep.Barrier;
                break;

            case RevokerStep.LookEarly:
                Look(ref next);
                next.Revoker = RevokerStep.Barrier;
                break;

            case RevokerStep.Barrier:
                next.SawOutside = Has(RevocationMutant.StateBeforeBarrier) ? OwnerIsOutside(state) : state.SawOutside;
                next.End = Has(RevocationMutant.TopBeforeBarrier) ? state.Top : (byte)0;
                if (Has(RevocationMutant.StateBeforeBarrier) || Has(RevocationMutant.TopBeforeBarrier))
                {
                    if (state.Cursor == 0)
                    {
                        next.Cursor = 1; // the early read is a step of its own; the barrier follows
                        break;
                    }

                    next.SawOutside = state.SawOutside;
                    next.End = state.End;
                    next.Cursor = 0;
                }

                if (!Has(RevocationMutant.NoBarrier))
                {
                    Drain(ref next);
                }

                // What was looked at stays, if it was shut before; so it does for those who look too early, or at the wrong time.
                next.Revoker = Has(RevocationMutant.VisitsBeforeBarrier) || state.WasShut ? RevokerStep.ReadState : RevokerStep.Look;
                break;

            case RevokerStep.Look:
                Look(ref next);
                next.Revoker = RevokerStep.ReadState;
                break;

            case RevokerStep.ReadState when Has(RevocationMutant.TopBeforeState) && state.Cursor == 0:
                next.End = state.Top;
                next.Cursor = 1; // a step of its own; the state is read next
                break;

            case RevokerStep.ReadState:
                next.Cursor = 0;
                next.SawOutside = state.SawOutside || (!Has(RevocationMutant.StateBeforeBarrier) && OwnerIsOutside(state));
                next.Revoker = next.SawOutside || Has(RevocationMutant.KernelBeforeBarrier) || rests == 0 ? RevokerStep.ReadTop : RevokerStep.ReadCount;
                break;

            case RevokerStep.ReadCount or RevokerStep.ReadSleeps or RevokerStep.ReadMask or RevokerStep.ReadCall or RevokerStep.ReadCountAgain:
                AskKernel(ref next);
                break;

            case RevokerStep.ReadVisits:
                next.SawOutside |= state.Visits != state.Seen || state.Proven > state.SeenBegun;
                next.Revoker = RevokerStep.ReadTop;
                break;

            case RevokerStep.ReadTop:
                int top = Has(RevocationMutant.TopBeforeBarrier) || Has(RevocationMutant.TopBeforeState) ? state.End : state.Top;
                next.End = (byte)(state.SawOutside || Has(RevocationMutant.TakeTheTopEntry) ? top : top - 1);
                next.Cursor = state.Bottom;
                next.Revoker = RevokerStep.Take;
                EndTake(ref next);
                break;

            case RevokerStep.Take:
                Give(ref next, state.Round(state.Cursor));
                next.Cursor++;
                EndTake(ref next);
                break;

            case RevokerStep.ReturnMagazine:
                ReturnMagazine(ref next);
                next.RevokerStores.Add(StoreBuffer.Low, RevocationState.NoLow, release: true);
                next.RevokerStores.Add(StoreBuffer.High, RevocationState.NoHigh, release: true);
                next.Revoker = RevokerStep.Leave;
                break;

            case RevokerStep.RestoreLow when !state.RevokerStores.IsFull:
                next.RevokerStores.Add(StoreBuffer.Low, state.Bottom, release: true);
                next.Revoker = RevokerStep.RestoreHigh;
                break;

            case RevokerStep.RestoreHigh when !state.RevokerStores.IsFull:
                next.RevokerStores.Add(StoreBuffer.High, (byte)(BaseOf(state.Loaded) + rounds), release: true);
                next.Revoker = RevokerStep.Leave;
                break;

            case RevokerStep.Leave when state.RevokerStores.IsEmpty:
                next.Gate = Has(RevocationMutant.SlowPathWithoutGate) && state.Gate == Side.Owner ? state.Gate : Side.Nobody;
                next.SawOutside = next.WasShut = false;
                next.End = next.Cursor = next.Count = 0;
                next.Revoker = RevokerStep.Idle;
                break;

            default:
                return;
        }

        successors.Add(($"revoker: {state.Revoker}", next));
    }

    private static void Look(ref RevocationState state)
    {
        state.Seen = state.Visits;
        state.SeenBegun = state.Begun;
        state.HasSeen = true;
    }

    private static bool OwnerIsOutside(in RevocationState state) => state.OwnerWaits || state.Owner == OwnerStep.Gone;

    private void EndTake(ref RevocationState state)
    {
        if (state.Cursor < state.End)
        {
            return;
        }

        state.Bottom = Math.Max(state.Bottom, state.End);
        state.Revoker = state.SawOutside || Has(RevocationMutant.ReturnMagazineAlways) ? RevokerStep.ReturnMagazine
            : Has(RevocationMutant.OpenBetweenPasses) && !state.Closed ? RevokerStep.RestoreLow
            : RevokerStep.Leave;
    }

    /// <summary>The barrier: on every processor, what was stored before it is visible after it.</summary>
    private void Drain(ref RevocationState state)
    {
        while (!state.OwnerStores.IsEmpty)
        {
            Write(ref state, state.OwnerStores.RemoveAt(0));
        }

        while (!state.RevokerStores.IsEmpty)
        {
            Write(ref state, state.RevokerStores.RemoveAt(0));
        }
    }

    /// <summary>An object goes to the slab.</summary>
    private void Give(ref RevocationState state, byte obj)
    {
        int bit = BitOf(obj);
        if (bit == 0)
        {
            Fail("the slab is given something that is no object");
        }
        else if ((state.Slab & bit) != 0)
        {
            Fail("the slab is given an object that it has");
        }
        else if ((state.Held & bit) != 0)
        {
            Fail("the slab is given an object that the user has");
        }

        state.Slab |= (byte)bit;
    }

    /// <summary>The magazine goes to the depot, and from there anywhere: its rounds are somebody else's.</summary>
    private void ReturnMagazine(ref RevocationState state)
    {
        for (int i = 0; state.Loaded != 0 && i < rounds; i++)
        {
            state.SetRound(BaseOf(state.Loaded) + i, 15);
        }

        state.Loaded = 0;
        state.HasSeen = false;
    }
}
