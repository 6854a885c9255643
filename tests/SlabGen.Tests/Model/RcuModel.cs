namespace SlabGen.Tests.Model;

/// <summary>
/// The protocol of <see cref="Rcu"/> as a state machine: a reader that enters and leaves sections, against two updaters that each
/// publish a new version, wait for a grace period and free the old one. Every access to shared memory is a step of its own.
/// </summary>
/// <remarks>
/// <para>Memory is TSO by default: each thread has a store buffer that drains in order at any moment. A fence and the lock empty that of their
/// thread, the process-wide barrier empties all. With <c>weak</c>, stores that are no releases leave it in any order, and a use may come
/// after an end that is none.</para>
/// <para>Left out: nesting, which changes nothing but the depth, and a second reader, since none sees another. Who polls drives
/// the period on, so that the lock is taken again and again: a loop, and no state of its own.</para>
/// </remarks>
internal sealed class RcuModel(RcuMutant mutant, bool weak)
{
    private const int Latest = 0, Word = 1, Pointers = 2;

    /// <summary>What went wrong in the step made last.</summary>
    public string? Violation { get; private set; }

    public static RcuState Initial(int sections, int updatesOfA, int updatesOfB) => new()
    {
        PointerA = 1,
        PointerB = 1,
        Reader = new RcuReaderState { SectionsLeft = (byte)sections },
        A = new RcuUpdaterState { UpdatesLeft = (byte)updatesOfA },
        B = new RcuUpdaterState { UpdatesLeft = (byte)updatesOfB },
    };

    /// <summary>Whether nothing is left to do: any other state without a next step is a deadlock.</summary>
    public static bool IsEnd(in RcuState state) => state is
    {
        Reader: { Step: RcuReaderStep.Outside, SectionsLeft: 0 },
        A: { Step: RcuUpdaterStep.Idle, UpdatesLeft: 0 },
        B: { Step: RcuUpdaterStep.Idle, UpdatesLeft: 0 },
    };

    /// <summary>All steps that any thread can make.</summary>
    public void AddSuccessors(in RcuState state, List<(string Step, RcuState State)> successors)
    {
        AddReaderSteps(state, successors);
        AddUpdaterStep(state, 0, successors);
        AddUpdaterStep(state, 1, successors);
        AddDrains(state, successors);
    }

    private void AddReaderSteps(in RcuState state, List<(string Step, RcuState State)> successors)
    {
        RcuState next = state;
        ref RcuReaderState reader = ref next.Reader;
        switch (reader.Step)
        {
            case RcuReaderStep.Outside:
                for (int of = 0; of < 2 && reader.SectionsLeft > 0; of++)
                {
                    RcuState entered = state;
                    entered.Reader.Of = (byte)of;
                    entered.Reader.SectionsLeft--;
                    entered.Reader.Step = mutant == RcuMutant.PointerBeforeNumber ? RcuReaderStep.ReadPointer : RcuReaderStep.ReadNumber;
                    successors.Add(($"reader enters, for {(char)('A' + of)}", entered));
                }

                return;

            case RcuReaderStep.ReadNumber:
                reader.Number = Read(next, reader.Stores, Latest);
                reader.Step = mutant == RcuMutant.PointerBeforeWord ? RcuReaderStep.ReadPointer : RcuReaderStep.StoreWord;
                break;

            case RcuReaderStep.StoreWord:
                if (reader.Stores.IsFull)
                {
                    return;
                }

                reader.Stores.Add(Word, (byte)(reader.Number + 1), release: true);
                reader.Step = mutant is RcuMutant.PointerBeforeWord or RcuMutant.PointerBeforeNumber ? RcuReaderStep.Use : RcuReaderStep.ReadPointer;
                break;

            case RcuReaderStep.ReadPointer:
                reader.Version = Read(next, reader.Stores, Pointers + reader.Of);
                reader.Step = mutant switch
                {
                    RcuMutant.PointerBeforeNumber => RcuReaderStep.ReadNumber,
                    RcuMutant.PointerBeforeWord => RcuReaderStep.StoreWord,
                    _ => RcuReaderStep.Use,
                };
                break;

            case RcuReaderStep.Use or RcuReaderStep.UseLate:
                if (weak && mutant == RcuMutant.PlainEnd && reader.Step == RcuReaderStep.Use)
                {
                    RcuState late = state;
                    late.Reader.Stores.Add(Word, 0, release: false);
                    late.Reader.Step = RcuReaderStep.UseLate;
                    successors.Add(("reader ends, with its use to come", late));
                }

                if (reader.Version <= state.Updater(reader.Of).Freed)
                {
                    Violation ??= "the reader uses what was freed";
                }

                reader.Step = reader.Step == RcuReaderStep.Use ? RcuReaderStep.Leave : RcuReaderStep.Outside;
                break;

            case RcuReaderStep.Leave:
                if (reader.Stores.IsFull)
                {
                    return;
                }

                reader.Stores.Add(Word, 0, release: mutant != RcuMutant.PlainEnd);
                reader.Step = RcuReaderStep.Outside;
                break;
        }

        successors.Add(($"reader: {state.Reader.Step}", next));
    }

    private void AddUpdaterStep(in RcuState state, int which, List<(string Step, RcuState State)> successors)
    {
        RcuState next = state;
        RcuUpdaterState updater = state.Updater(which);
        switch (updater.Step)
        {
            case RcuUpdaterStep.Idle:
                if (updater.UpdatesLeft == 0)
                {
                    return;
                }

                updater.UpdatesLeft--;
                updater.Step = RcuUpdaterStep.Unlink;
                break;

            case RcuUpdaterStep.Unlink:
                updater.Stores.Add(Pointers + which, (byte)(Read(next, updater.Stores, Pointers + which) + 1), release: true);
                updater.Step = mutant == RcuMutant.NoFence ? RcuUpdaterStep.Snapshot : RcuUpdaterStep.Fence;
                break;

            case RcuUpdaterStep.Fence:
                Drain(ref next, ref updater.Stores);
                updater.Step = RcuUpdaterStep.Snapshot;
                break;

            case RcuUpdaterStep.Snapshot:
                byte latest = Read(next, updater.Stores, Latest);
                bool joins = mutant == RcuMutant.JoinsThePeriodUnderWay && latest != state.Completed;
                updater.Wanted = mutant == RcuMutant.ParityInOnePhase ? (byte)(state.Completed + (latest == (state.Completed & 1) ? 1 : 2)) : (byte)(latest + (joins ? 0 : 1));
                updater.Step = RcuUpdaterStep.Enter;
                break;

            case RcuUpdaterStep.Enter:
                if (state.Lock != 0)
                {
                    return;
                }

                Drain(ref next, ref updater.Stores);
                next.Lock = (byte)(which + 1);
                updater.Step = RcuUpdaterStep.Begin;
                break;

            case RcuUpdaterStep.Begin:
                Begin(ref next, ref updater);
                break;

            case RcuUpdaterStep.Barrier:
                if (mutant != RcuMutant.NoBarrier)
                {
                    BarrierOfAll(ref next, which, ref updater);
                }

                updater.Step = mutant == RcuMutant.ScanBeforeBarrier ? RcuUpdaterStep.Judge : RcuUpdaterStep.Scan;
                break;

            case RcuUpdaterStep.Scan:
                updater.Seen = Read(next, updater.Stores, Word);
                bool begins = Number(next, updater) != state.Completed && mutant == RcuMutant.ScanBeforeBarrier;
                updater.Step = begins ? RcuUpdaterStep.Barrier : RcuUpdaterStep.Judge;
                break;

            case RcuUpdaterStep.Judge:
                Judge(ref next, ref updater);
                break;

            case RcuUpdaterStep.Free:
                updater.Freed++;
                updater.Step = RcuUpdaterStep.Idle;
                break;
        }

        next.Set(which, updater);
        successors.Add(($"{(char)('A' + which)}: {state.Updater(which).Step}", next));
    }

    /// <summary>Under the lock: the period wanted has passed, or the one to wait for is under way, or begins.</summary>
    private void Begin(ref RcuState next, ref RcuUpdaterState updater)
    {
        if (next.Completed >= updater.Wanted)
        {
            Unlock(ref next, ref updater, RcuUpdaterStep.Free);
        }
        else if (Number(next, updater) != next.Completed)
        {
            updater.Step = RcuUpdaterStep.Scan; // another's, and that one had the barrier
        }
        else
        {
            if (mutant == RcuMutant.BarrierBeforeNumber)
            {
                BarrierOfAll(ref next, which: next.Lock - 1, ref updater);
            }

            byte number = (byte)(next.Completed + 1);
            updater.Stores.Add(Latest, mutant == RcuMutant.ParityInOnePhase ? (byte)(number & 1) : number, release: true);
            updater.Step = mutant switch
            {
                RcuMutant.BarrierBeforeNumber or RcuMutant.ScanBeforeBarrier => RcuUpdaterStep.Scan,
                _ => RcuUpdaterStep.Barrier,
            };
        }
    }

    private void Judge(ref RcuState next, ref RcuUpdaterState updater)
    {
        byte number = Read(next, updater.Stores, Latest);
        bool waits = updater.Seen != 0 && mutant switch
        {
            RcuMutant.ParityInOnePhase => updater.Seen - 1 != number,
            RcuMutant.OneTooFew => updater.Seen < number,
            _ => updater.Seen - 1 < number,
        };
        updater.Seen = 0;
        if (waits)
        {
            Unlock(ref next, ref updater, RcuUpdaterStep.Enter);
        }
        else
        {
            next.Completed++;
            updater.Step = RcuUpdaterStep.Begin;
        }
    }

    /// <summary>The unlocking is the last store to leave the buffer.</summary>
    private void Unlock(ref RcuState next, ref RcuUpdaterState updater, RcuUpdaterStep then)
    {
        Drain(ref next, ref updater.Stores);
        next.Lock = 0;
        updater.Step = then;
    }

    /// <summary>The latest period begun, which the model tells from one bit by that at most one is under way.</summary>
    private byte Number(in RcuState state, in RcuUpdaterState updater)
    {
        byte latest = Read(state, updater.Stores, Latest);
        return mutant != RcuMutant.ParityInOnePhase ? latest : (byte)(state.Completed + (latest == (state.Completed & 1) ? 0 : 1));
    }

    private static void BarrierOfAll(ref RcuState next, int which, ref RcuUpdaterState updater)
    {
        Drain(ref next, ref updater.Stores);
        RcuReaderState reader = next.Reader;
        Drain(ref next, ref reader.Stores);
        next.Reader = reader;
        RcuUpdaterState other = next.Updater(1 - which);
        Drain(ref next, ref other.Stores);
        next.Set(1 - which, other);
    }

    private static byte Read(in RcuState state, in StoreBuffer own, int variable) =>
        own.TryForward(variable, out byte value) ? value : variable switch
        {
            Latest => state.Latest,
            Word => state.Word,
            Pointers => state.PointerA,
            _ => state.PointerB,
        };

    private static void Write(ref RcuState state, (int Variable, byte Value) store)
    {
        switch (store.Variable)
        {
            case Latest:
                state.Latest = store.Value;
                break;
            case Word:
                state.Word = store.Value;
                break;
            case Pointers:
                state.PointerA = store.Value;
                break;
            default:
                state.PointerB = store.Value;
                break;
        }
    }

    private static void Drain(ref RcuState state, ref StoreBuffer stores)
    {
        while (!stores.IsEmpty)
        {
            Write(ref state, stores.RemoveAt(0));
        }
    }

    private void AddDrains(in RcuState state, List<(string Step, RcuState State)> successors)
    {
        for (int i = 0; i < state.Reader.Stores.Count; i++)
        {
            if (state.Reader.Stores.MayLeave(i, inOrder: !weak))
            {
                RcuState next = state;
                Write(ref next, next.Reader.Stores.RemoveAt(i));
                successors.Add(("reader's store becomes visible", next));
            }
        }

        for (int which = 0; which < 2; which++)
        {
            RcuUpdaterState updater = state.Updater(which);
            for (int i = 0; i < updater.Stores.Count; i++)
            {
                if (updater.Stores.MayLeave(i, inOrder: !weak))
                {
                    RcuState next = state;
                    RcuUpdaterState drained = updater;
                    Write(ref next, drained.Stores.RemoveAt(i));
                    next.Set(which, drained);
                    successors.Add(($"{(char)('A' + which)}'s store becomes visible", next));
                }
            }
        }
    }
}
