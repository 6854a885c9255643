using SlabGen.CompilerServices;
using SlabGen.Magazines;
using SlabGen.Slabs;

namespace SlabGen.Tests.Model.Words;

/// <summary>The owner thread: one operation of it, by the library's code.</summary>
internal sealed unsafe class RevocationOwner : IRevoked
{
    public const long Allocates = 0, AllocatesTwo = 1, VisitsAnother = 2, Waits = 3, Ends = 4, AllocatesAny = 8, Frees = 256;

    /// <summary>What the random number may be: of three objects, each is taken by one of these.</summary>
    public static readonly uint[] Randoms = [0, 1u << 31, uint.MaxValue];

    private readonly RevocationScenario _scenario;
    private readonly RevocationMemory _memory;
    private readonly Take _take;
    private readonly Put _put;
    private readonly Several _takeAll, _putAll;
    private readonly TakeAny _takeAny;

    public RevocationOwner(RevocationScenario scenario, bool twin)
    {
        (_scenario, _memory) = (scenario, scenario.Memory);
        Type one = twin ? typeof(ThreadCache) : typeof(ThreadBin);
        _take = Translation.Of<Take>(one, nameof(ThreadBin.TryAlloc), out _);
        _put = Translation.Of<Put>(one, nameof(ThreadBin.TryFree), out _);
        _takeAny = Translation.Of<TakeAny>(typeof(ThreadBin), nameof(ThreadBin.TryAllocAny), out _);
        _takeAll = Translation.Of<Several>(typeof(ThreadBin), nameof(ThreadBin.TryAllocAll), out _);
        _putAll = Translation.Of<Several>(typeof(ThreadBin), nameof(ThreadBin.TryFreeAll), out _);
    }

    public delegate bool Take(nint bin, out nint address);

    public delegate bool TakeAny(nint bin, uint random, out nint address);

    public delegate bool Put(nint bin, nint address);

    public delegate bool Several(nint bin, nint* addresses, int count);

    private nint Bin => (nint)System.Runtime.CompilerServices.Unsafe.AsPointer(ref _memory.Bin);

    private RevocationMutant Mutant => _scenario.Case.Mutant;

    public void Operate()
    {
        long operation = Act(RevocationAct.BeginOperation);
        nint* both = stackalloc nint[2];
        switch (operation)
        {
            case Ends:
                break;

            case Waits:
                Act(RevocationAct.EndWait);
                break;

            case VisitsAnother:
                OwnerProof<CheckedWords>.CountVisit(ref _memory.OwnerWords);
                break;

            case Allocates:
                Act(RevocationAct.EnterFast, 1);
                if (_take(Bin, out nint got))
                {
                    Act(RevocationAct.Receive, got);
                }
                else
                {
                    GoSlowly(0);
                }

                break;

            case >= AllocatesAny and < Frees:
                Act(RevocationAct.EnterFast, 2);
                if (_takeAny(Bin, Randoms[operation - AllocatesAny], out nint any))
                {
                    Act(RevocationAct.Receive, any);
                }
                else
                {
                    GoSlowly(0);
                }

                break;

            case AllocatesTwo:
                Act(RevocationAct.EnterFast, 2);
                if (_takeAll(Bin, both, 2))
                {
                    Act(RevocationAct.Receive, both[0]);
                    Act(RevocationAct.Receive, both[1]);
                }
                else
                {
                    GoSlowly(0); // one of them
                }

                break;

            default:
                both[0] = _memory.ObjectAt((int)(operation - Frees) % 16);
                both[1] = operation < Frees + 16 ? 0 : _memory.ObjectAt((int)(operation - Frees) / 16);
                Act(RevocationAct.EnterFast, both[1] == 0 ? 1 : 2);
                if (both[1] == 0 ? _put(Bin, both[0]) : _putAll(Bin, both, 2))
                {
                    Act(RevocationAct.LeaveFast);
                }
                else
                {
                    Act(RevocationAct.PutBack, both[1]); // as if it were freed later
                    GoSlowly(both[0]);
                }

                break;
        }
    }

    /// <summary>The slow path, as <c>CacheMagazines.TryAlloc</c> and <c>Free</c> go it, without depot and previous magazine.</summary>
    private void GoSlowly(nint freed)
    {
        RevocationRules.GoSlowly();
        Replay.Current.Cut($"goes slowly {freed}");
        Act(RevocationAct.LeaveFast);
        if (Act(RevocationAct.WaitForGate) != 0)
        {
            Act(RevocationAct.EndWait);
        }

        Replay.Current.Cut($"enters {freed}");
        if (Mutant != RevocationMutant.SlowPathWithoutGate)
        {
            Replay.Current.Rules.Enter(RevocationScenario.Gate);
        }

        bool closed = Act(RevocationAct.SeeClosed) != 0;
        LoadedMagazine loaded = _scenario.LoadedOf(Act(RevocationAct.ReadHeld));
        if (closed)
        {
            GiveRest(ref loaded); // and ObjectDisposedException; an object that was to be freed stays with its user
            Act(RevocationAct.PutBack, freed);
        }
        else
        {
            OwnerProof<CheckedWords>.CountVisit(ref _memory.OwnerWords);
            if (loaded.Magazine != null)
            {
                loaded.Bottom = Mutant == RevocationMutant.NoSettle ? (nint)Magazine.Rounds(loaded.Magazine) : loaded.Bottom;
                Revocation<CheckedWords>.Settle(ref _memory.Bin, ref loaded);
            }

            if (freed != 0)
            {
                Free(ref loaded, freed);
            }
            else
            {
                Allocate(ref loaded);
            }

            loaded.ShutAt = default; // it is open, so the next revocation looks again
        }

        Act(RevocationAct.WriteHeld, _scenario.NumberOf(loaded));
        if (Mutant != RevocationMutant.SlowPathWithoutGate)
        {
            Replay.Current.Rules.Exit(RevocationScenario.Gate);
        }
    }

    private void Free(ref LoadedMagazine loaded, nint freed)
    {
        if (loaded.Magazine != null && Revocation<CheckedWords>.CountOf(ref _memory.Bin, loaded) == loaded.Magazine->Capacity)
        {
            GiveRest(ref loaded);
        }

        if (loaded.Magazine == null)
        {
            Load(ref loaded);
            Revocation<CheckedWords>.Arm(ref _memory.Bin, ref loaded, 0);
        }

        if (!_put(Bin, freed))
        {
            CannotServe(freed);
        }
    }

    private void Allocate(ref LoadedMagazine loaded)
    {
        if (loaded.Magazine == null || Revocation<CheckedWords>.CountOf(ref _memory.Bin, loaded) == 0)
        {
            long refill = Act(RevocationAct.Refill);
            if (refill == 0)
            {
                return; // no memory
            }

            if (loaded.Magazine == null)
            {
                Load(ref loaded);
            }

            int count = 0;
            for (int number = 1; number <= _scenario.Case.Objects; number++)
            {
                if ((refill & (1 << (number - 1))) != 0)
                {
                    Replay.Current.Rules.Store(Magazine.Rounds(loaded.Magazine) + count++, _memory.ObjectAt(number), release: false);
                }
            }

            Revocation<CheckedWords>.Arm(ref _memory.Bin, ref loaded, count);
        }

        if (_take(Bin, out nint got))
        {
            Act(RevocationAct.Receive, got);
        }
        else
        {
            CannotServe(0);
        }
    }

    /// <summary>What was opened under the gate is not open.</summary>
    private void CannotServe(nint freed) =>
        Act(Mutant == RevocationMutant.SlowPathWithoutGate ? RevocationAct.PutBack : RevocationAct.Fail, freed); // there it is no harm yet

    private void Load(ref LoadedMagazine loaded)
    {
        loaded.Magazine = _memory.Magazine((int)Act(RevocationAct.Load));
        loaded.Bottom = (nint)Magazine.Rounds(loaded.Magazine);
    }

    private void GiveRest(ref LoadedMagazine loaded)
    {
        if (loaded.Magazine != null)
        {
            Revocation<CheckedWords>.TakeBack(ref _memory.Bin, ref loaded, this, ownerGone: true, askKernel: false, out _);
        }
    }

    OwnerProgress IRevoked.LookAtOwner() => default;

    bool IRevoked.OwnerHasLeft(in OwnerProgress since, bool askKernel) => throw new InvalidOperationException("It is the caller.");

    BadPointer IRevoked.Give(nint* first, int count) => RevocationRevoker.GiveAll(first, count);

    void IRevoked.ReturnEmpty(Magazine* magazine) => Act(RevocationAct.Return, _memory.NumberOf(magazine));

    private static long Act(RevocationAct act, long value = 0) => Replay.Current.Act((int)act, value);
}
