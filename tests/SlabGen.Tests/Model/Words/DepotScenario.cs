using System.Runtime.InteropServices;
using SlabGen.Magazines;

namespace SlabGen.Tests.Model.Words;

/// <summary>
/// One object, which is free all the time, and moves: an owner thread takes it from the slabs or the depot into its magazine and puts it into either, and
/// another thread drains the depot, or takes home what the owner has. A third looks for it without a lock, and must not say that nothing is free. Or there is no
/// object, and nothing moves: then it must say so.
/// </summary>
/// <remarks>
/// The order of a depot's words and of the look are the library's code (<see cref="DepotSteps{TWords}"/>, <see cref="FreeSearch{TWords}"/>). Left to this scenario: what a
/// thread's magazines hold, which changes under the thread's gate and is seen at one moment, as <c>ThreadCache.MayHoldFree</c> sees to; and the two words of a visit
/// to the slabs. A magazine has one object.
/// </remarks>
internal sealed unsafe class DepotScenario : Scenario, IFreePlaces
{
    public const int FullCount = 0, OnTheWay = 1, FullsTaken = 2, Visits = 3, InUse = 4;

    private const int Words = 5, Gate = 0, Lock = 1, List = 2, Magazine = 77;
    private const int LooksTaken = 1, DepotsSeen = 2; // keys

    private readonly Block* _memory = (Block*)NativeMemory.AllocZeroed(1, (nuint)sizeof(Block));
    private readonly DepotRules _rules;
    private readonly DepotMutant _mutant;
    private readonly int _moves, _drains;

    public DepotScenario(DepotMutant mutant, int moves, int drains)
    {
        (_mutant, _moves, _drains) = (mutant, moves, drains);
        _rules = new DepotRules(WordAt, mutant);
        Threads = [new Replay(Move, _rules), new Replay(TakeHome, _rules), new Replay(Look, _rules)];
    }

    ~DepotScenario() => NativeMemory.Free(_memory);

    private enum DepotAct
    {
        Move,
        TakeHome,
        Look,
        Hold,
        Drop,
        SeeThread,
        Conclude,
    }

    private enum Order
    {
        ToDepot,
        ToSlabs,
        FromDepot,
        FromSlabs,
        Drain,
        Revoke,
    }

    private enum OwnByte
    {
        MovesLeft,
        DrainsLeft,
        Held, // whether the owner's magazine has the object
        Nothing, // no object is free
        Count,
    }

    public override Shape Shape { get; } = new(Words, Locks: 3, Threads: 3, (int)OwnByte.Count);

    public override Replay[] Threads { get; }

    long IFreePlaces.SlabVisits
    {
        get
        {
            int looks = (int)Replay.Current.Kept.GetValueOrDefault(LooksTaken);
            Replay.Current.Kept[LooksTaken] = looks + 1;
            Replay.Current.Kept.Remove(DepotsSeen);
            if (looks % 2 == 0)
            {
                Replay.Current.Cut("looks"); // again: it knows nothing of the last time
            }

            return _rules.See(Visits);
        }
    }

    long IFreePlaces.FullsTaken => _rules.See(FullsTaken);

    bool IFreePlaces.DepotsMayHaveFull => (Replay.Current.Kept.TryAdd(DepotsSeen, 1) || _mutant != DepotMutant.OneLookAtDepots)
        && DepotSteps<CheckedWords>.MayHaveFull(ref _memory->Depot);

    bool IFreePlaces.OthersMayHaveFree => Do(DepotAct.SeeThread) != 0;

    bool IFreePlaces.SlabsHaveRoom => CheckedWords.Read(ref _memory->InUse) == 0;

    /// <summary>The object is in the slabs, in the depot or with the owner; or there is none, and all are in use.</summary>
    public override IEnumerable<World> Begin()
    {
        for (int place = 0; place < 4; place++)
        {
            var world = new World(Shape);
            world.Set(FullCount, place == 1 ? 1 : 0);
            world.Set(OnTheWay, 0);
            world.Set(FullsTaken, 0);
            world.Set(Visits, 0);
            world.Set(InUse, place == 0 ? 0 : 1);
            Own(world, OwnByte.Held) = (byte)(place == 2 ? 1 : 0);
            Own(world, OwnByte.Nothing) = (byte)(place == 3 ? 1 : 0);
            Own(world, OwnByte.MovesLeft) = (byte)(place == 3 ? 0 : _moves);
            Own(world, OwnByte.DrainsLeft) = (byte)(place == 3 ? 0 : _drains);
            yield return world;
        }
    }

    /// <summary>What a thread does under the owner's gate to what the owner holds is seen when the gate is free.</summary>
    public override bool IsLocal(World world, int thread, Step step) => step.Kind == StepKind.Cut
        || (step.Kind == StepKind.Act && (DepotAct)step.Word is DepotAct.Hold or DepotAct.Drop or DepotAct.Conclude);

    public override void Act(World world, int thread, Step step, List<(long Answer, World World)> ends)
    {
        World next = world.Copy();
        bool held = Own(world, OwnByte.Held) != 0;
        switch ((DepotAct)step.Word)
        {
            case DepotAct.Move when Own(world, OwnByte.MovesLeft) > 0:
                Own(next, OwnByte.MovesLeft)--;
                ends.Add(((long)(held ? Order.ToDepot : Order.FromDepot), next));
                ends.Add(((long)(held ? Order.ToSlabs : Order.FromSlabs), next.Copy()));
                break;

            case DepotAct.TakeHome when Own(world, OwnByte.DrainsLeft) > 0:
                Own(next, OwnByte.DrainsLeft)--;
                ends.Add(((long)Order.Drain, next));
                ends.Add(((long)Order.Revoke, next.Copy()));
                break;

            case DepotAct.Look:
                ends.Add((0, next));
                break;

            case DepotAct.Hold:
            case DepotAct.Drop:
                Own(next, OwnByte.Held) = (byte)((DepotAct)step.Word == DepotAct.Hold ? 1 : 0);
                ends.Add((held ? 1 : 0, next));
                break;

            case DepotAct.SeeThread:
                ends.Add((held || (world.Holder(Gate) != 0 && _mutant != DepotMutant.GateNotAsked) ? 1 : 0, next));
                break;

            case DepotAct.Conclude:
                if (step.Value != 0 == (Own(world, OwnByte.Nothing) != 0))
                {
                    Fail(step.Value != 0 ? "it says that something may be free, and all is at rest" : "it says that nothing is free");
                }

                ends.Add((0, next));
                break;

            default:
                break;
        }
    }

    public override bool IsEnd(World world) => true;

    private static ref byte Own(World world, OwnByte of) => ref world.Own[(int)of];

    private static long Do(DepotAct act, long value = 0) => Replay.Current.Act((int)act, value);

    private int WordAt(nint address) => address switch
    {
        _ when address == (nint)(&_memory->Depot.FullCount) => FullCount,
        _ when address == (nint)(&_memory->Depot.OnTheWay) => OnTheWay,
        _ when address == (nint)(&_memory->Depot.FullsTaken) => FullsTaken,
        _ when address == (nint)(&_memory->Visits) => Visits,
        _ when address == (nint)(&_memory->InUse) => InUse,
        _ => -1,
    };

    private void Look()
    {
        Do(DepotAct.Look);
        bool may = FreeSearch<CheckedWords>.MayFind(this, orRoom: true) || _mutant == DepotMutant.AlwaysYes;
        Do(DepotAct.Conclude, may ? 1 : 0);
    }

    /// <summary>The owner's slow path, under its gate.</summary>
    private void Move()
    {
        var order = (Order)Do(DepotAct.Move);
        _rules.Enter(Gate);
        switch (order)
        {
            case Order.ToDepot when Do(DepotAct.Drop) != 0:
                _rules.Enter(Lock);
                DepotSteps<CheckedWords>.Put(ref _memory->Depot);
                _rules.Exit(Lock);
                break;

            case Order.ToSlabs when Do(DepotAct.Drop) != 0:
                Visit(out _, give: true);
                break;

            case Order.FromDepot:
                _rules.Enter(Lock);
                bool isFull = CheckedWords.Read(ref _memory->Depot.FullCount) > 0;
                if (isFull)
                {
                    DepotSteps<CheckedWords>.Take(ref _memory->Depot);
                }

                _rules.Exit(Lock);
                HoldIf(isFull);
                break;

            case Order.FromSlabs:
                Visit(out bool got, give: false);
                HoldIf(got);
                break;

            default:
                break;
        }

        _rules.Exit(Gate);
    }

    /// <summary>Another thread: drains the depot as <c>CacheMagazines.EmptyFulls</c> does, or revokes.</summary>
    private void TakeHome()
    {
        if ((Order)Do(DepotAct.TakeHome) == Order.Revoke)
        {
            _rules.Enter(Gate);
            if (Do(DepotAct.Drop) != 0)
            {
                Visit(out _, give: true);
            }

            _rules.Exit(Gate);
            return;
        }

        _rules.Enter(Lock);
        bool isFull = CheckedWords.Read(ref _memory->Depot.FullCount) > 0;
        if (isFull)
        {
            DepotSteps<CheckedWords>.TakeForDrain(ref _memory->Depot, Magazine);
        }

        _rules.Exit(Lock);
        if (isFull)
        {
            bool early = _mutant == DepotMutant.ReturnedBeforeGiven;
            if (!early)
            {
                Visit(out _, give: true);
            }

            _rules.Enter(Lock);
            DepotSteps<CheckedWords>.EndDrain(ref _memory->Depot, Magazine);
            _rules.Exit(Lock);
            if (early)
            {
                Visit(out _, give: true);
            }
        }
    }

    /// <summary>As <c>CacheSlabs.Take</c> and <c>Give</c>: the visit is counted first, by a plain store.</summary>
    private void Visit(out bool got, bool give)
    {
        _rules.Enter(List);
        _rules.Write(Visits, _rules.Read(Visits) + 1, release: false);
        long inUse = CheckedWords.Read(ref _memory->InUse);
        got = give || inUse == 0;
        if (got)
        {
            CheckedWords.Write(ref _memory->InUse, give ? 0 : 1);
        }

        _rules.Exit(List);
    }

    private static void HoldIf(bool got)
    {
        if (got)
        {
            Do(DepotAct.Hold);
        }
    }

    private struct Block
    {
        public DepotWords Depot;
        public long Visits, InUse;
    }
}
