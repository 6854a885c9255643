using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SlabGen.Memory;

namespace SlabGen.Tests.Model.Words;

/// <summary>
/// Two threads that defer work of one owner, as <c>DeferredFrees.Add</c> does, against the background that does it and leaves the owner when
/// nothing waits. Who attends is decided by the library's code (<see cref="GracePeriod{TWords}"/>); the lists and the work are here.
/// </summary>
internal sealed unsafe class AttentionScenario : Scenario, IDeferred
{
    public const int Attended = 0, Waiting = 1, Batch = 2; // the last is the lock of the batch

    private const int Words = 3, List = 0;

    private readonly int _each;
    private readonly int* _memory = (int*)NativeMemory.AllocZeroed(Words, sizeof(int));
    private readonly AttentionMutant _mutant;

    public AttentionScenario(AttentionMutant mutant, int each)
    {
        (_mutant, _each) = (mutant, each);
        var rules = new AttentionRules((nint)_memory, mutant);
        Threads = [new Replay(Defer, rules), new Replay(Defer, rules), new Replay(Round, rules)];
    }

    ~AttentionScenario() => NativeMemory.Free(_memory);

    private enum OwnByte
    {
        Left, // of each of the two
        Listed = Left + 2, // whether the background has the owner in its list
        Count,
    }

    public override Shape Shape { get; } = new(Words, Locks: 1, Threads: 3, (int)OwnByte.Count);

    public override Replay[] Threads { get; }

    bool IDeferred.IsAttended
    {
        get => CheckedWords.Read(ref At(Attended)) != 0;
        set => CheckedWords.Write(ref At(Attended), value ? 1 : 0);
    }

    bool IDeferred.Waits => CheckedWords.Read(ref At(Waiting)) > 0;

    void IDeferred.Advance() => throw new NotSupportedException("The work is in Round.");

    private ref int At(int word) => ref Unsafe.AsRef<int>(_memory + word);

    public override IEnumerable<World> Begin()
    {
        var world = new World(Shape);
        world.Set(Attended, 0);
        world.Set(Waiting, 0);
        world.Set(Batch, 0);
        world.Own[(int)OwnByte.Left] = world.Own[(int)OwnByte.Left + 1] = (byte)_each;
        return [world];
    }

    public override bool IsLocal(World world, int thread, Step step) => step.Kind == StepKind.Cut
        || (step.Kind == StepKind.Act && (AttentionAct)step.Word is AttentionAct.Enlist or AttentionAct.Strike);

    public override void Act(World world, int thread, Step step, List<(long Answer, World World)> ends)
    {
        World next = world.Copy();
        switch ((AttentionAct)step.Word)
        {
            case AttentionAct.BeginAdd when world.Own[(int)OwnByte.Left + thread] > 0:
                next.Own[(int)OwnByte.Left + thread]--;
                ends.Add((0, next));
                break;

            case AttentionAct.BeginRound when world.Own[(int)OwnByte.Listed] != 0:
                ends.Add((0, next));
                break;

            case AttentionAct.Enlist:
                next.Own[(int)OwnByte.Listed] = 1;
                ends.Add((0, next));
                break;

            case AttentionAct.Strike:
                next.Own[(int)OwnByte.Listed] = 0;
                ends.Add((0, next));
                break;

            default:
                break;
        }
    }

    /// <summary>Nothing is under way, and the background has nothing in its list: then nothing may wait.</summary>
    public override bool IsEnd(World world) => world.Get(Waiting) == 0;

    private static void Do(AttentionAct act) => Replay.Current.Act((int)act);

    private void Defer()
    {
        Do(AttentionAct.BeginAdd);
        WordRules rules = Replay.Current.Rules;
        AttentionRules.TakeBatch();
        int waiting = CheckedWords.Read(ref At(Waiting)) + 1;
        CheckedWords.Write(ref At(Waiting), waiting);
        bool first = waiting == 1 && _mutant != AttentionMutant.NobodyIsFirst;
        rules.Write(Batch, 0, release: true); // the lock happens to be left by more than a store; the protocol does not count on it
        if (GracePeriod<CheckedWords>.NeedsAttention(this, first))
        {
            rules.Enter(List);
            Do(AttentionAct.Enlist);
            ((IDeferred)this).IsAttended = true;
            rules.Exit(List);
        }
    }

    private void Round()
    {
        Do(AttentionAct.BeginRound);
        AttentionRules.IsBackground();
        WordRules rules = Replay.Current.Rules;
        AttentionRules.TakeBatch();
        CheckedWords.Write(ref At(Waiting), 0); // all of it is done
        rules.Write(Batch, 0, release: true);
        rules.Enter(List);
        if (GracePeriod<CheckedWords>.TryLeave(this))
        {
            Do(AttentionAct.Strike);
        }

        rules.Exit(List);
    }
}
