namespace SlabGen.Tests.Model;

// The body of the owner's slow path, under the gate.
internal sealed partial class RevocationModel
{
    /// <summary>Settle, then serve the operation from the magazine, else from the slab: <c>CacheMagazines.TryAllocBulk</c> and <c>Free</c>.</summary>
    private void AddSlowBodies(in RevocationState state, List<(string Step, RevocationState State)> successors)
    {
        RevocationState next = state;
        next.Owner = OwnerStep.SlowLeave;
        LeaveSecond(ref next);
        if (state.Closed)
        {
            GiveRest(ref next); // Attach: Retire, then ObjectDisposedException; an object that was to be freed stays with its user
            next.Held |= (byte)(state.OwnerFrees ? BitOf(state.OwnerObject) : 0);
            successors.Add(("owner finds the cache destroyed", next));
            return;
        }

        next.Visits++;
        Settle(ref next);
        int count = next.Loaded == 0 ? 0 : next.Top - next.Bottom;
        if (state.OwnerFrees)
        {
            if (next.Loaded == 0)
            {
                Load(ref next);
            }
            else if (count == rounds)
            {
                GiveRest(ref next);
                Load(ref next);
            }

            next.SetRound(next.Top++, state.OwnerObject);
            successors.Add(("owner frees in the slow path", next));
        }
        else if (count > 0)
        {
            PopSlowly(ref next);
            successors.Add(("owner allocates in the slow path", next));
        }
        else if (next.Slab == 0)
        {
            successors.Add(("owner finds no memory", next));
        }
        else
        {
            for (int refill = 1; refill <= Math.Min(rounds, int.PopCount(next.Slab)); refill++)
            {
                RevocationState refilled = next;
                if (refilled.Loaded == 0)
                {
                    Load(ref refilled);
                }

                for (int i = 0; i < refill; i++)
                {
                    int obj = int.TrailingZeroCount(refilled.Slab) + 1;
                    refilled.Slab &= (byte)~BitOf((byte)obj);
                    refilled.SetRound(BaseOf(refilled.Loaded) + i, (byte)obj);
                }

                Arm(ref refilled, refill);
                PopSlowly(ref refilled);
                successors.Add(($"owner refills {refill} in the slow path", refilled));
            }
        }
    }

    private void PopSlowly(ref RevocationState state)
    {
        state.Top--;
        state.OwnerObject = state.Round(state.Top);
        OwnerStep after = state.Owner;
        Receive(ref state);
        state.Owner = after;
    }

    private void Settle(ref RevocationState state)
    {
        if (state.Loaded == 0 || Has(RevocationMutant.NoSettle))
        {
            state.Bottom = state.Loaded == 0 ? state.Bottom : (byte)BaseOf(state.Loaded);
            return;
        }

        int left = state.Top - state.Bottom;
        for (int i = 0; i < left; i++)
        {
            state.SetRound(BaseOf(state.Loaded) + i, state.Round(state.Bottom + i));
        }

        Arm(ref state, left);
    }

    private void Arm(ref RevocationState state, int count)
    {
        state.Bottom = state.Low = (byte)BaseOf(state.Loaded);
        state.Top = (byte)(state.Bottom + count);
        state.High = (byte)(state.Bottom + rounds);
        state.HasSeen = false;
    }

    /// <summary>Loads a magazine; never the one that was loaded last, since that may serve another thread now.</summary>
    private void Load(ref RevocationState state)
    {
        state.Loaded = (byte)(state.Bottom != 0 && state.Bottom < BaseOf(2) ? 2 : 1);
        Arm(ref state, 0);
    }

    /// <summary>Everything in the magazine goes to the slab, and the magazine to the depot.</summary>
    private void GiveRest(ref RevocationState state)
    {
        for (int address = state.Bottom; state.Loaded != 0 && address < state.Top; address++)
        {
            Give(ref state, state.Round(address));
        }

        ReturnMagazine(ref state);
        state.Low = RevocationState.NoLow;
        state.High = RevocationState.NoHigh;
    }
}
