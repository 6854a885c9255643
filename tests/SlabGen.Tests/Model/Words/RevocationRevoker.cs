using SlabGen.Magazines;
using SlabGen.Memory;
using SlabGen.Slabs;

namespace SlabGen.Tests.Model.Words;

/// <summary>Who takes back, as Shrink, Destroy and reclaim do on another thread, by the library's code.</summary>
internal sealed unsafe class RevocationRevoker : IRevoked, IOwnerSight, IKernelFiles
{
    private readonly RevocationScenario _scenario;
    private readonly RevocationRules _rules;
    private readonly RevocationMemory _memory;
    private bool _proves; // the running code is that of another cache's revoker
    private LoadedMagazine _before, _loaded;
    private bool _close;

    public RevocationRevoker(RevocationScenario scenario, RevocationRules rules)
    {
        (_scenario, _rules, _memory) = (scenario, rules, scenario.Memory);
        rules.Know(() => KernelSleep<CheckedWords>.IsProven(ref _memory.Sleep, this), () => OwnerProof<CheckedWords>.Look(ref _memory.OwnerWords));
    }

    public static BadPointer GiveAll(nint* first, int count)
    {
        for (int i = 0; i < count; i++)
        {
            Act(RevocationAct.Give, Replay.Current.Rules.Load(first + i));
        }

        return default;
    }

    public void Revoke()
    {
        _proves = false;
        _close = Act(RevocationAct.BeginRevocation) != 0;
        _rules.Enter(RevocationScenario.Gate);
        if (_close)
        {
            Act(RevocationAct.Close);
        }

        _loaded = _before = _scenario.LoadedOf(Act(RevocationAct.ReadHeld));
        if (_loaded.Magazine != null)
        {
            Revocation<CheckedWords>.TakeBack(ref _memory.Bin, ref _loaded, this, ownerGone: false, _scenario.Case.Rests > 0, out _);
            if (_scenario.Case.Mutant == RevocationMutant.OpenBetweenPasses && !_close && _loaded.Magazine != null)
            {
                _rules.Write(RevocationMemory.Low, _loaded.Bottom, release: true);
                _rules.Write(RevocationMemory.High, (nint)(Magazine.Rounds(_loaded.Magazine) + _loaded.Magazine->Capacity), release: true);
            }
        }

        Act(RevocationAct.WriteHeld, _scenario.NumberOf(_loaded));
        Act(RevocationAct.EndRevocation);
        _rules.Exit(RevocationScenario.Gate);
    }

    /// <summary>As <c>OwnerThread.IsOutside</c>, which a revoker of another cache asks.</summary>
    public void Prove()
    {
        _proves = true;
        Act(RevocationAct.BeginProof);
        OwnerProof<CheckedWords>.HasLeft(ref _memory.OwnerWords, this, OwnerProof<CheckedWords>.Look(ref _memory.OwnerWords), askKernel: true);
    }

    OwnerProgress IRevoked.LookAtOwner() =>
        _scenario.Case.Mutant == RevocationMutant.OpenBetweenPasses && _before.ShutAt != default ? _before.ShutAt : _rules.Look();

    bool IRevoked.OwnerHasLeft(in OwnerProgress since, bool askKernel) => Ask(since, askKernel);

    BadPointer IRevoked.Give(nint* first, int count) => GiveAll(first, count);

    void IRevoked.ReturnEmpty(Magazine* magazine) => Act(RevocationAct.Return, _memory.NumberOf(magazine));

    bool IOwnerSight.IsCaller => false;

    bool IOwnerSight.IsAlive => _proves || _rules.See(RevocationAct.SeeAlive) != 0;

    bool IOwnerSight.Waits => !_proves && _rules.See(RevocationAct.SeeWait) != 0;

    bool IOwnerSight.MayAskKernel => true;

    UninterruptibleLock IOwnerSight.Asking => _memory.AskingLock;

    bool IOwnerSight.SleepsInSystemCall() => _rules.SeeSleep();

    bool IOwnerSight.TryReadWork(out KernelWork work)
    {
        work = default;
        return false;
    }

    bool IKernelFiles.TryReadStatus(out KernelStatus status)
    {
        status = _rules.SeeStatus();
        return true;
    }

    bool IKernelFiles.IsBlockedInSystemCall() => _rules.SeeCall();

    private bool Ask(OwnerProgress since, bool askKernel) =>
        _rules.AskOwner(() => OwnerProof<CheckedWords>.HasLeft(ref _memory.OwnerWords, this, since, askKernel),
            $"{_scenario.NumberOf(_loaded)} {_scenario.NumberOf(_before)} {_close}");

    private static long Act(RevocationAct act, long value = 0) => Replay.Current.Act((int)act, value);
}
