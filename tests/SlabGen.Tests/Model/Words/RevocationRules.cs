using SlabGen.Magazines;
using SlabGen.Memory;

namespace SlabGen.Tests.Model.Words;

/// <summary>The words of a <see cref="RevocationScenario"/>, and what each mutant does to them instead.</summary>
internal sealed class RevocationRules(RevocationMemory memory, RevocationMutant mutant) : WordRules
{
    // Keys of what is kept for the rest of a run; below them are words, and above them acts.
    private const int First = 1000, Slow = First, Believed = First + 1, Claimed = First + 2, Slept = First + 3, LookedVisits = First + 4, LookedBegun = First + 5,
        StatusRead = First + 6, HighRead = First + 7, Acts = 2000;

    private Func<bool>? _kernel;
    private Func<OwnerProgress>? _look;

    private static Dictionary<int, long> Kept => Replay.Current.Kept;

    public override int WordAt(nint address) => memory.WordAt(address);

    public override int LockOf(object gate) => RevocationScenario.Asking;

    /// <summary>The owner is in its slow path.</summary>
    public static void GoSlowly() => Kept[Slow] = 1;

    /// <summary>How the revoker asks the kernel, and how it looks.</summary>
    public void Know(Func<bool> kernel, Func<OwnerProgress> look) => (_kernel, _look) = (kernel, look);

    public override long Read(int word)
    {
        if (word == RevocationMemory.Top && (mutant is RevocationMutant.TopBeforeBarrier or RevocationMutant.TopBeforeState) && Kept.Remove(word, out long early))
        {
            return early;
        }

        if (word == RevocationMemory.Low && mutant == RevocationMutant.NoSecondLook && Kept.ContainsKey(Claimed))
        {
            return Kept[word];
        }

        long value = base.Read(word);
        if (word == RevocationMemory.Low && mutant == RevocationMutant.NoSecondLook)
        {
            Kept[word] = value;
        }
        else if (word == RevocationMemory.High)
        {
            Kept[HighRead] = 1;
        }
        else if (word == RevocationMemory.KnownSleep)
        {
            Kept[word] = value;
        }
        else if (word == RevocationMemory.Top && Kept.TryGetValue(Believed, out long outside) && outside == 0)
        {
            value += mutant == RevocationMutant.TakeTheTopEntry ? nint.Size : mutant == RevocationMutant.ReturnMagazineAlways ? -nint.Size : 0;
        }

        return value;
    }

    public override void Write(int word, long value, bool release)
    {
        bool fast = !Kept.ContainsKey(Slow);
        if (word == RevocationMemory.High && value == ThreadBin.NoHigh && mutant == RevocationMutant.LeaveHighOpen)
        {
            return;
        }

        if (word == RevocationMemory.Top && fast && !release && mutant == RevocationMutant.ClaimKept && Kept.ContainsKey(Claimed))
        {
            return;
        }

        if (word == RevocationMemory.Top && fast && release)
        {
            release = mutant switch
            {
                RevocationMutant.PlainStoreOfTwo => !Kept.ContainsKey(HighRead),
                RevocationMutant.PlainStoreOfTheRest => !Kept.ContainsKey(Claimed),
                _ => true,
            };
            Kept[Claimed] = 1;
        }

        if (word == RevocationMemory.Proven && mutant == RevocationMutant.ProofNumberedAtItsEnd)
        {
            value = base.Add(RevocationMemory.Begun, 1);
        }

        base.Write(word, value, release && !(word == RevocationMemory.Visits && mutant == RevocationMutant.PlainStoreOfVisits));
    }

    public override long Add(int word, long value) => mutant == RevocationMutant.ProofNumberedAtItsEnd ? 0 : base.Add(word, value);

    public override void FenceAll()
    {
        switch (mutant)
        {
            case RevocationMutant.NoBarrier:
                return;
            case RevocationMutant.StateBeforeBarrier:
                Kept[Acts + (int)RevocationAct.SeeAlive] = See(RevocationAct.SeeAlive);
                Kept[Acts + (int)RevocationAct.SeeWait] = See(RevocationAct.SeeWait);
                break;
            case RevocationMutant.TopBeforeBarrier:
                Kept[RevocationMemory.Top] = base.Read(RevocationMemory.Top);
                break;
            case RevocationMutant.KernelBeforeBarrier:
                Kept[Slept] = _kernel!() ? 1 : 0;
                break;
            case RevocationMutant.VisitsBeforeBarrier:
                OwnerProgress seen = _look!();
                (Kept[LookedVisits], Kept[LookedBegun]) = (seen.Visits, seen.Begun);
                break;
            default:
                break;
        }

        base.FenceAll();
    }

    public long See(RevocationAct act) => Kept.TryGetValue(Acts + (int)act, out long early) ? early : Replay.Current.Act((int)act);

    public bool SeeSleep() => Kept.TryGetValue(Slept, out long early) ? early != 0 : _kernel!();

    public OwnerProgress Look() => Kept.TryGetValue(LookedVisits, out long visits) ? new((int)visits, (int)Kept[LookedBegun]) : _look!();

    /// <summary>The revoker asks whether the owner has left.</summary>
    public bool AskOwner(Func<bool> hasLeft, string known)
    {
        Replay.Current.Act((int)RevocationAct.BeginTaking);
        Replay.Current.Cut("asks " + known);
        if (mutant == RevocationMutant.TopBeforeState)
        {
            Kept[RevocationMemory.Top] = base.Read(RevocationMemory.Top);
        }

        bool left = hasLeft();
        Kept.Remove(RevocationMemory.KnownSleep);
        Kept.Remove(StatusRead);
        Kept[Believed] = left ? 1 : 0;
        Replay.Current.Cut("knows " + known);
        return left || mutant == RevocationMutant.ReturnMagazineAlways;
    }

    public KernelStatus SeeStatus()
    {
        bool first = Kept.TryAdd(StatusRead, 0);
        if (mutant == RevocationMutant.OneStatusOnly && !first)
        {
            return Of(Kept[StatusRead]); // once for all three
        }

        bool sleeps = See(RevocationAct.SeeSleep) != 0;
        bool inHandler = See(RevocationAct.SeeMask) != 0 && mutant != RevocationMutant.MaskNotRead;
        long switches = See(RevocationAct.SeeSwitches);
        if (mutant == RevocationMutant.KnownSleepNotCompared && first && Kept[RevocationMemory.KnownSleep] != KernelSleep<CheckedWords>.None)
        {
            switches = Kept[RevocationMemory.KnownSleep];
        }

        Kept[StatusRead] = (switches * 4) | (sleeps ? 1L : 0) | (inHandler ? 2L : 0);
        return Of(Kept[StatusRead]);

        static KernelStatus Of(long read) => new((read & 1) != 0, (read & 2) != 0, read / 4);
    }

    public bool SeeCall() => mutant is RevocationMutant.CallNotRead or RevocationMutant.OneStatusOnly
        || See(RevocationAct.SeeCall) is long call && (call == 2 || (call == 1 && mutant == RevocationMutant.FaultIsACall));
}
