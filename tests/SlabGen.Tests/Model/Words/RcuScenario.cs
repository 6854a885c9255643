using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SlabGen.Memory;

namespace SlabGen.Tests.Model.Words;

/// <summary>
/// A reader that enters and leaves sections, against two updaters that each publish a new version, wait for a grace period and free the
/// old one. All steps of RCU are the library's (<see cref="GracePeriod{TWords}"/>).
/// </summary>
/// <remarks>
/// Left out: nesting, which changes nothing but the depth, and a second reader, since none sees another. Who polls drives
/// the period on, so that the lock is taken again and again: a loop, and no world of its own.
/// </remarks>
internal sealed unsafe class RcuScenario : Scenario, IRcuReaders
{
    public const int Latest = 0, Completed = 1, Word = 2, Pointers = 3;

    private const int Reader = 0, FirstUpdater = 1, Words = 5;

    private readonly RcuMutant _mutant;
    private readonly int _sections, _ofA, _ofB;
    private readonly long* _memory = (long*)NativeMemory.AllocZeroed(Words, sizeof(long));
    private readonly UninterruptibleLock _gate = new();

    // Of no thread: it is the name of the reader's word, and stays 0, which is what the reader finds outside of its sections.
    private readonly RcuReader _reader = (RcuReader)RuntimeHelpers.GetUninitializedObject(typeof(RcuReader));
    private readonly RcuRules _rules;

    public RcuScenario(RcuMutant mutant, int sections, int updatesOfA, int updatesOfB, bool weak)
    {
        (_mutant, _sections, _ofA, _ofB) = (mutant, sections, updatesOfA, updatesOfB);
        _rules = new RcuRules((nint)_memory, _reader, mutant);
        bool usesLate = weak && mutant == RcuMutant.PlainEnd;
        Threads = [new Replay(() => Read(usesLate), _rules), new Replay(() => Update(0), _rules), new Replay(() => Update(1), _rules)];
    }

    ~RcuScenario() => NativeMemory.Free(_memory);

    private enum OwnByte
    {
        SectionsLeft,
        UpdatesLeft, // of A and of B
        Freed = UpdatesLeft + 2, // the newest version that is no more
        Wanted = Freed + 2, // the period that is waited for; 0 if none
        Count = Wanted + 2,
    }

    public override Shape Shape { get; } = new(Words, Locks: 1, Threads: 3, (int)OwnByte.Count);

    public override Replay[] Threads { get; }

    private ref long At(int word) => ref Unsafe.AsRef<long>(_memory + word);

    public override IEnumerable<World> Begin()
    {
        var world = new World(Shape);
        world.Set(Latest, 0);
        world.Set(Completed, 0);
        world.Set(Word, 0);
        world.Set(Pointers, 1);
        world.Set(Pointers + 1, 1);
        Own(world, OwnByte.SectionsLeft) = (byte)_sections;
        Own(world, OwnByte.UpdatesLeft) = (byte)_ofA;
        Own(world, OwnByte.UpdatesLeft + 1) = (byte)_ofB;
        return [world];
    }

    public override bool IsEnd(World world) => world.Node(0) == 0 && world.Node(1) == 0 && world.Node(2) == 0 && Own(world, OwnByte.SectionsLeft) == 0
        && Own(world, OwnByte.UpdatesLeft) == 0 && Own(world, OwnByte.UpdatesLeft + 1) == 0 && Own(world, OwnByte.Wanted) == 0 && Own(world, OwnByte.Wanted + 1) == 0;

    /// <summary>The two numbers are written by the holder of the lock alone.</summary>
    public override bool IsLocal(World world, int thread, Step step) => step.Kind switch
    {
        StepKind.Cut => true,
        StepKind.Act => (RcuAct)step.Word is RcuAct.WaitFor or RcuAct.FreeOld,
        StepKind.Load => world.Holder(0) == thread + 1 && step.Word is Latest or Completed,
        _ => false,
    };

    public override void Act(World world, int thread, Step step, List<(long Answer, World World)> ends)
    {
        World next = world.Copy();
        int which = thread - FirstUpdater;
        switch ((RcuAct)step.Word)
        {
            case RcuAct.BeginSection when Own(world, OwnByte.SectionsLeft) > 0:
                Own(next, OwnByte.SectionsLeft)--;
                ends.Add((0, next));
                ends.Add((1, next.Copy()));
                break;

            case RcuAct.Use:
                (long of, long version) = (step.Value & 1, step.Value >> 1);
                if (version <= Own(world, OwnByte.Freed + (int)of))
                {
                    Fail("the reader uses what was freed");
                }

                ends.Add((0, next));
                break;

            case RcuAct.BeginUpdate when Own(world, OwnByte.Wanted + which) > 0:
                ends.Add((Own(world, OwnByte.Wanted + which), next)); // goes on to wait
                break;

            case RcuAct.BeginUpdate when Own(world, OwnByte.UpdatesLeft + which) > 0:
                Own(next, OwnByte.UpdatesLeft + which)--;
                ends.Add((0, next));
                break;

            case RcuAct.WaitFor:
                Own(next, OwnByte.Wanted + which) = checked((byte)(step.Value / RcuReader.Step));
                ends.Add((0, next));
                break;

            case RcuAct.FreeOld:
                Own(next, OwnByte.Wanted + which) = 0;
                Own(next, OwnByte.Freed + which)++;
                ends.Add((0, next));
                break;

            default:
                break;
        }
    }

    bool IRcuReaders.AllPast(long number) => !_rules.Scan(() => GracePeriod<CheckedWords>.WaitsFor(_reader, number));

    private static ref byte Own(World world, OwnByte of) => ref world.Own[(int)of];

    private static long Do(RcuAct act, long value = 0) => Replay.Current.Act((int)act, value);

    private void Read(bool usesLate)
    {
        int of = (int)Do(RcuAct.BeginSection);
        RcuRules.Follow(Pointers + of);
        long entered = GracePeriod<CheckedWords>.Enter(_reader, ref At(Latest));
        long version = CheckedWords.Read(ref At(Pointers + of));
        long used = (version << 1) | (long)of;
        if (!usesLate)
        {
            Do(RcuAct.Use, used);
        }

        GracePeriod<CheckedWords>.Leave(_reader, entered);
        if (usesLate)
        {
            Do(RcuAct.Use, used);
        }
    }

    private void Update(int which)
    {
        long wanted = Do(RcuAct.BeginUpdate) * RcuReader.Step;
        if (wanted == 0)
        {
            long version = CheckedWords.Read(ref At(Pointers + which));
            CheckedWords.Write(ref At(Pointers + which), version + 1);
            Do(RcuAct.WaitFor, _rules.TakeNumber(() => GracePeriod<CheckedWords>.Snapshot(ref At(Latest))));
        }
        else if (GracePeriod<CheckedWords>.Poll(ref At(Latest), ref At(Completed), wanted, _gate, this))
        {
            Do(RcuAct.FreeOld);
        }
    }
}

internal enum RcuAct
{
    BeginSection,
    Use,
    BeginUpdate,
    WaitFor,
    FreeOld,
}
