namespace SlabGen.Collections.Tests.Concurrent;

/// <summary>One state of <see cref="RcuDictionaryModel"/>: memory, the writer's store buffer, and where both stand.</summary>
internal record struct RcuDictionaryState
{
    private ulong _memory; // four bits a variable
    private uint _retired, _waiting, _freed; // a bit for each node, and for the old table

    public RcuDictionaryState()
    {
        (Nodes, NodeOfA, NodeOfSecond) = (2, 1, 2);
    }

    public Buffer Stores;
    public ReaderStep Reader;
    public byte Key, Slot, Node, LookupsLeft;
    public WriterStep Writer;
    public byte Nodes, NodeOfA, NodeOfSecond, Old, WritesLeft; // what the writer knows, under its lock
    public bool HasMoved, HasPublished;

    /// <summary>A variable, as a processor without the store buffer sees it.</summary>
    public byte this[int variable]
    {
        readonly get => (byte)((_memory >> (variable * 4)) & 15);
        set => _memory = (_memory & ~(15UL << (variable * 4))) | ((ulong)value << (variable * 4));
    }

    public readonly bool Allows(WriterStep write) => write switch
    {
        WriterStep.ReplaceA => Nodes < 5,
        WriterStep.RemoveB => NodeOfSecond != 0,
        WriterStep.InsertC => NodeOfSecond == 0 && Nodes < 5,
        WriterStep.Move => !HasMoved,
        _ => HasMoved && !HasPublished,
    };

    public byte NewNode() => ++Nodes;

    public readonly bool IsRetired(int what) => (_retired & (1u << what)) != 0;

    public readonly bool IsFreed(int what) => (_freed & (1u << what)) != 0;

    public readonly bool WaitsForReader(int what) => (_waiting & (1u << what)) != 0;

    public void Retire(int what, bool waits)
    {
        _retired |= 1u << what;
        _waiting |= waits && Reader != ReaderStep.Outside ? 1u << what : 0;
    }

    public void Free(int what)
    {
        _retired &= ~(1u << what);
        _freed |= 1u << what;
    }

    public void EndSection() => _waiting = 0;

    /// <summary>Stores that are not visible yet.</summary>
    internal record struct Buffer
    {
        private ulong _stores; // a byte each, the oldest lowest: value, variable
        private byte _releases;

        public byte Count { get; private set; }

        public void Add(int variable, byte value, bool release)
        {
            Assert.InRange(Count, 0, 7);
            _stores |= (ulong)((variable << 4) | value) << (Count * 8);
            _releases |= (byte)(release ? 1 << Count : 0);
            Count++;
        }

        /// <summary>
        /// The oldest always may. In any order: one that is no release, unless an older one is to the same variable.
        /// </summary>
        public readonly bool MayLeave(int index, bool inOrder)
        {
            bool may = index == 0 || (!inOrder && (_releases & (1 << index)) == 0);
            for (int older = 0; older < index && may; older++)
            {
                may = ((_stores >> (older * 8)) & 0xF0) != ((_stores >> (index * 8)) & 0xF0);
            }

            return may;
        }

        public (int Variable, byte Value) RemoveAt(int index)
        {
            byte store = (byte)(_stores >> (index * 8));
            ulong below = (1UL << (index * 8)) - 1;
            _stores = (_stores & below) | ((index == 7 ? 0 : _stores >> ((index + 1) * 8)) << (index * 8));
            int lower = (1 << index) - 1;
            _releases = (byte)((_releases & lower) | ((_releases >> (index + 1)) << index));
            Count--;
            return (store >> 4, (byte)(store & 15));
        }
    }
}

internal enum ReaderStep : byte
{
    Outside,
    ReadTable,
    ReadLink,
    ReadSlot,
    Compare,
    ReadAgain,
    Use,
    NotFound,
}

internal enum WriterStep : byte
{
    Idle,
    ReplaceA,
    RemoveB,
    InsertC,
    Move,
    Publish,
    Retire,
}

/// <summary>A way to get the protocol wrong.</summary>
public enum RcuDictionaryMutant
{
    None,

    /// <summary>A removed entry is freed without a grace period.</summary>
    EntryFreedAtOnce,

    /// <summary>The old table is freed without a grace period.</summary>
    TableFreedAtOnce,

    /// <summary>The grace period begins before the unlinking is seen.</summary>
    RetiredWithoutFence,

    /// <summary>A bucket that has moved does not say so; only the table's word does.</summary>
    NoLink,

    /// <summary>Readers are sent on before the words are there.</summary>
    LinkBeforeWords,

    /// <summary>A write goes to a bucket that has moved.</summary>
    WritesTheOldBucket,

    /// <summary>The reader looks at the slots, and only then whether the bucket has moved.</summary>
    SlotsBeforeLink,

    /// <summary>The reader compares the key of the entry it saw, and takes the one that is there then.</summary>
    ReadsTheSlotAgain,

    /// <summary>The word of an entry is no release: on weak memory it may be seen before the entry.</summary>
    PlainWord,

    /// <summary>The link is no release: on weak memory it may be seen before the words.</summary>
    PlainLink,
}
