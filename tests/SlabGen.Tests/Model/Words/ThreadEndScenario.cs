using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SlabGen.Magazines;

namespace SlabGen.Tests.Model.Words;

/// <summary>
/// A thread that lends two bins of its own to thread caches, and ends, or whose finalizer comes first; and two others that take home what it left, when it is dead
/// or before. Who unmaps the bins is decided by the library's code (<see cref="BinUsers{TWords}"/>).
/// </summary>
internal sealed unsafe class ThreadEndScenario : Scenario
{
    public const int Users = 0, Ended = 1;

    private const int Words = 2, Owner = 0, FirstReturner = 1, Finalizer = 3;

    private readonly int* _memory = (int*)NativeMemory.AllocZeroed(Words, sizeof(int));
    private readonly ThreadEndRules _rules;

    public ThreadEndScenario(ThreadEndMutant mutant)
    {
        _rules = new ThreadEndRules((nint)_memory, mutant);
        Threads = [new Replay(Live, _rules), new Replay(TakeHome, _rules), new Replay(TakeHome, _rules), new Replay(RunFinalizer, _rules)];
    }

    ~ThreadEndScenario() => NativeMemory.Free(_memory);

    private enum OwnByte
    {
        Lent, // bins that were lent
        Dead,
        Unmapped,
        Returned, // of each of the two
        Finalized = Returned + 2,
        Count,
    }

    public override Shape Shape { get; } = new(Words, Locks: 0, Threads: 4, (int)OwnByte.Count);

    public override Replay[] Threads { get; }

    private ref int At(int word) => ref Unsafe.AsRef<int>(_memory + word);

    public override IEnumerable<World> Begin()
    {
        var world = new World(Shape);
        world.Set(Users, 1);
        world.Set(Ended, 0);
        return [world];
    }

    public override bool IsLocal(World world, int thread, Step step) =>
        step.Kind == StepKind.Act && (ThreadEndAct)step.Word is ThreadEndAct.Lent or ThreadEndAct.Returned or ThreadEndAct.Unmap;

    public override void Act(World world, int thread, Step step, List<(long Answer, World World)> ends)
    {
        World next = world.Copy();
        switch ((ThreadEndAct)step.Word)
        {
            case ThreadEndAct.Live when Own(world, OwnByte.Dead) == 0:
                if (Own(world, OwnByte.Lent) < 2)
                {
                    ends.Add((1, next));
                }

                World dead = world.Copy();
                Own(dead, OwnByte.Dead) = 1;
                ends.Add((0, dead));
                break;

            case ThreadEndAct.Lent:
                Own(next, OwnByte.Lent)++;
                ends.Add((0, next));
                break;

            case ThreadEndAct.Use:
                if (Own(world, OwnByte.Unmapped) > 0)
                {
                    Fail("bins are used that were unmapped");
                }

                ends.Add((0, next));
                break;

            case ThreadEndAct.Take when Own(world, OwnByte.Lent) >= thread && Own(world, OwnByte.Returned + thread - FirstReturner) == 0:
                ends.Add((0, next));
                break;

            case ThreadEndAct.SeeAlive:
                ends.Add((Own(world, OwnByte.Dead), next));
                break;

            case ThreadEndAct.Returned:
                Own(next, OwnByte.Returned + thread - FirstReturner) = 1;
                ends.Add((0, next));
                break;

            case ThreadEndAct.Finalize when Own(world, OwnByte.Dead) > 0 && Own(world, OwnByte.Finalized) == 0:
                Own(next, OwnByte.Finalized) = 1;
                ends.Add((0, next));
                break;

            case ThreadEndAct.Unmap:
                if (++Own(next, OwnByte.Unmapped) > 1)
                {
                    Fail("bins are unmapped twice");
                }

                ends.Add((0, next));
                break;

            default:
                break;
        }
    }

    public override bool IsEnd(World world) => Own(world, OwnByte.Unmapped) == 1;

    private static ref byte Own(World world, OwnByte of) => ref world.Own[(int)of];

    private static long Do(ThreadEndAct act) => Replay.Current.Act((int)act);

    private static void UnmapIf(bool last)
    {
        if (last)
        {
            Do(ThreadEndAct.Unmap);
        }
    }

    /// <summary>The thread: lends one more, or ends.</summary>
    private void Live()
    {
        if (Do(ThreadEndAct.Live) != 0)
        {
            BinUsers<CheckedWords>.Hold(ref At(Users));
            Do(ThreadEndAct.Use);
            Do(ThreadEndAct.Lent);
        }
    }

    /// <summary>Any thread: uses the bin of one thread cache for the last time, and returns it.</summary>
    private void TakeHome()
    {
        Do(ThreadEndAct.Take);
        Do(ThreadEndAct.Use);
        bool dead = _rules.Believe(Do(ThreadEndAct.SeeAlive) != 0);
        bool last = BinUsers<CheckedWords>.Return(ref At(Users), ref At(Ended), dead);
        Do(ThreadEndAct.Returned);
        UnmapIf(last);
    }

    private void RunFinalizer()
    {
        Do(ThreadEndAct.Finalize);
        UnmapIf(BinUsers<CheckedWords>.EndThread(ref At(Users), ref At(Ended)));
    }
}
