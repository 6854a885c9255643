namespace SlabGen.Collections.Tests.Concurrent;

/// <summary>
/// The protocol of <see cref="RcuDictionary{TKey, TValue}"/> as a state machine: a reader that looks keys up, against the writer of
/// a stripe. Every access to shared memory is a step of its own.
/// </summary>
/// <remarks>
/// <para>A table of one bucket with two slots moves to one of two buckets with a slot each. Key A lies in the first, and stays; B
/// lies in the second, may be removed, and C may take its slot. Entries are numbers of nodes; a node's content is its key, 0 before
/// it is written.</para>
/// <para>The writer has a store buffer: it drains in order at any moment (TSO), or with <c>weak</c> in any order but that a release
/// leaves after all that came before it. The reader's loads are acquires, so in order. Writers are one after the other under a lock,
/// so one is enough.</para>
/// <para>Grace periods are taken as right (the core has a model of them): what is retired, after a fence, is freed when the
/// section ends that was open then. Left out: further buckets, shrinking (the same one store per bucket), and tags.</para>
/// </remarks>
internal sealed class RcuDictionaryModel(RcuDictionaryMutant mutant, bool weak)
{
    private const int TableWord = 0, Link = 1, OldSlots = 2, NewSlots = 4, Contents = 5; // a content's variable is 5 + its node
    private const byte A = 1, B = 2, C = 3, OldTable = 7; // of what is retired, 7 is the table, others are nodes

    /// <summary>What went wrong in the step made last.</summary>
    public string? Violation { get; private set; }

    public static RcuDictionaryState Initial(int lookups, int writes)
    {
        RcuDictionaryState state = new() { LookupsLeft = (byte)lookups, WritesLeft = (byte)writes };
        state[OldSlots] = 1;
        state[OldSlots + 1] = 2;
        state[Contents + 1] = A;
        state[Contents + 2] = B;
        return state;
    }

    public static bool IsEnd(in RcuDictionaryState state) =>
        state is { Reader: ReaderStep.Outside, LookupsLeft: 0, Writer: WriterStep.Idle } && state.Stores.Count == 0;

    public void AddSuccessors(in RcuDictionaryState state, List<(string Step, RcuDictionaryState State)> successors)
    {
        AddReaderStep(state, successors);
        AddWriterSteps(state, successors);
        for (int i = 0; i < state.Stores.Count; i++)
        {
            if (state.Stores.MayLeave(i, inOrder: !weak))
            {
                RcuDictionaryState next = state;
                (int variable, byte value) = next.Stores.RemoveAt(i);
                next[variable] = value;
                successors.Add(("a store becomes visible", next));
            }
        }

        for (int what = 1; what <= OldTable; what++)
        {
            if (state.IsRetired(what) && !state.WaitsForReader(what))
            {
                RcuDictionaryState next = state;
                next.Free(what);
                successors.Add(($"{what} is freed", next));
            }
        }
    }

    private void AddReaderStep(in RcuDictionaryState state, List<(string Step, RcuDictionaryState State)> successors)
    {
        RcuDictionaryState next = state;
        switch (state.Reader)
        {
            case ReaderStep.Outside:
                for (byte key = A; key <= B && state.LookupsLeft > 0; key++)
                {
                    next = state with { Key = key, Reader = ReaderStep.ReadTable, LookupsLeft = (byte)(state.LookupsLeft - 1) };
                    successors.Add(($"the reader enters, for {key}", next));
                }

                return;

            case ReaderStep.ReadTable:
                next.Slot = (byte)(state[TableWord] == 0 ? OldSlots : NewSlots + (state.Key - A));
                next.Reader = state[TableWord] != 0 || mutant == RcuDictionaryMutant.SlotsBeforeLink ? ReaderStep.ReadSlot : ReaderStep.ReadLink;
                break;

            case ReaderStep.ReadLink:
                ViolateIf(state.IsFreed(OldTable), "the reader reads a table that was freed");
                bool asked = mutant == RcuDictionaryMutant.SlotsBeforeLink;
                next.Slot = (byte)(state[Link] != 0 ? NewSlots + (state.Key - A) : OldSlots);
                next.Reader = asked && state[Link] == 0 ? ReaderStep.NotFound : ReaderStep.ReadSlot;
                break;

            case ReaderStep.ReadSlot:
                ViolateIf(state.Slot < NewSlots && state.IsFreed(OldTable), "the reader reads a table that was freed");
                next.Node = state[state.Slot];
                next.Reader = next.Node == 0 ? AfterSlot(ref next) : ReaderStep.Compare;
                break;

            case ReaderStep.Compare:
                ViolateIf(state.IsFreed(state.Node), "the reader compares what was freed");
                bool found = state[Contents + state.Node] == state.Key;
                next.Reader = !found ? AfterSlot(ref next)
                    : mutant == RcuDictionaryMutant.ReadsTheSlotAgain ? ReaderStep.ReadAgain : ReaderStep.Use;
                break;

            case ReaderStep.ReadAgain:
                next.Node = state[state.Slot];
                next.Reader = next.Node == 0 ? AfterSlot(ref next) : ReaderStep.Use;
                break;

            case ReaderStep.Use:
                ViolateIf(state.IsFreed(state.Node), "the reader uses what was freed");
                ViolateIf(state[Contents + state.Node] != state.Key, "the reader uses another key's value");
                Leave(ref next);
                break;

            case ReaderStep.NotFound:
                ViolateIf(state.Key == A, "the reader loses a key that stays");
                Leave(ref next);
                break;
        }

        successors.Add(($"the reader: {state.Reader}", next));
    }

    private static void Leave(ref RcuDictionaryState next)
    {
        next.EndSection();
        (next.Reader, next.Key, next.Slot, next.Node) = (ReaderStep.Outside, 0, 0, 0);
    }

    private ReaderStep AfterSlot(ref RcuDictionaryState next)
    {
        if (next.Slot == OldSlots)
        {
            next.Slot++;
            return ReaderStep.ReadSlot;
        }

        return next.Slot < NewSlots && mutant == RcuDictionaryMutant.SlotsBeforeLink ? ReaderStep.ReadLink : ReaderStep.NotFound;
    }

    /// <summary>A write is chosen freely while some are left; its stores and its retiring follow as steps.</summary>
    private void AddWriterSteps(in RcuDictionaryState state, List<(string Step, RcuDictionaryState State)> successors)
    {
        RcuDictionaryState next = state;
        switch (state.Writer)
        {
            case WriterStep.Idle:
                if (state.WritesLeft == 0 || state.Stores.Count > 2)
                {
                    return;
                }

                for (WriterStep write = WriterStep.ReplaceA; write <= WriterStep.Publish; write++)
                {
                    if (state.Allows(write))
                    {
                        next = state with { Writer = write, WritesLeft = (byte)(state.WritesLeft - 1) };
                        successors.Add(($"the writer begins: {write}", next));
                    }
                }

                return;

            case WriterStep.ReplaceA:
                Put(ref next, next.NewNode(), A, second: false);
                next.Old = state.NodeOfA;
                next.NodeOfA = next.Nodes;
                next.Writer = WriterStep.Retire;
                break;

            case WriterStep.RemoveB:
                Store(ref next, Writable(next, second: true), 0, release: true);
                next.Old = state.NodeOfSecond;
                next.NodeOfSecond = 0;
                next.Writer = WriterStep.Retire;
                break;

            case WriterStep.InsertC:
                Put(ref next, next.NewNode(), C, second: true);
                next.NodeOfSecond = next.Nodes;
                next.Writer = WriterStep.Idle;
                break;

            case WriterStep.Move:
                next.HasMoved = true;
                if (mutant == RcuDictionaryMutant.LinkBeforeWords)
                {
                    Store(ref next, Link, 1, release: true);
                }

                Store(ref next, NewSlots, state.NodeOfA, release: false);
                Store(ref next, NewSlots + 1, state.NodeOfSecond, release: false);
                if (mutant is not (RcuDictionaryMutant.NoLink or RcuDictionaryMutant.LinkBeforeWords))
                {
                    Store(ref next, Link, 1, release: mutant != RcuDictionaryMutant.PlainLink);
                }

                next.Writer = WriterStep.Idle;
                break;

            case WriterStep.Publish:
                next.HasPublished = true;
                Store(ref next, TableWord, 1, release: true);
                next.Old = OldTable;
                next.Writer = WriterStep.Retire;
                break;

            case WriterStep.Retire:
                // Who retires has a fence: the grace period begins after what was stored is seen.
                while (mutant != RcuDictionaryMutant.RetiredWithoutFence && next.Stores.Count > 0)
                {
                    (int variable, byte value) = next.Stores.RemoveAt(0);
                    next[variable] = value;
                }

                next.Retire(state.Old, waits: mutant switch
                {
                    RcuDictionaryMutant.EntryFreedAtOnce => state.Old == OldTable,
                    RcuDictionaryMutant.TableFreedAtOnce => state.Old != OldTable,
                    _ => true,
                });
                (next.Old, next.Writer) = (0, WriterStep.Idle);
                break;
        }

        successors.Add(($"the writer: {state.Writer}", next));
    }

    private void Put(ref RcuDictionaryState next, byte node, byte key, bool second)
    {
        Store(ref next, Contents + node, key, release: false);
        Store(ref next, Writable(next, second), node, release: mutant != RcuDictionaryMutant.PlainWord);
    }

    private int Writable(in RcuDictionaryState state, bool second) =>
        (state.HasMoved && mutant != RcuDictionaryMutant.WritesTheOldBucket ? NewSlots : OldSlots) + (second ? 1 : 0);

    private static void Store(ref RcuDictionaryState next, int variable, byte value, bool release) =>
        next.Stores.Add(variable, value, release);

    private void ViolateIf(bool wrong, string what)
    {
        if (wrong)
        {
            Violation ??= what;
        }
    }
}
