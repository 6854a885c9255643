using SlabGen.Slabs;
using SlabGen.Tests.Generated;

namespace SlabGen.Tests.Model;

/// <summary>One state of <see cref="RevocationModel"/>: all of memory, and where both threads stand.</summary>
/// <remarks>
/// Addresses are small numbers: the rounds of magazine m (1 or 2) lie from <c>BaseOf(m)</c> on. Objects are numbered
/// from 1; a set of objects has one bit for each.
/// </remarks>
internal record struct RevocationState
{
    public const byte NoLow = 255, NoHigh = 0, TwoWanted = 15;

    // Memory, as a processor without a store buffer of its own sees it.
    public byte Top, Low, High;
    public ulong Rounds;            // by address, four bits each
    public byte Loaded, Bottom;     // under the gate: the loaded magazine or 0, and its first entry
    public bool Closed;             // under the gate
    public Side Gate;
    public bool OwnerWaits;         // what Thread.ThreadState tells
    public byte Visits;             // of the owner, to slow paths

    // What the kernel knows of the owner.
    public OwnerRest Rest;
    public bool InHandler, InFault; // a signal is blocked; a sleep is not one in a system call
    public byte Switches, RestsLeft, InterruptsLeft;

    // Where the objects are that no magazine has.
    public byte Held, Slab;

    // The owner thread: the step that comes next, its registers, its store buffer.
    public OwnerStep Owner;
    public bool OwnerFrees;         // the operation in the slow path is a free
    public byte OwnerTop, OwnerObject, OperationsLeft;
    public byte OwnerSecond;        // of two objects the other one, while they are freed; when two are taken, the upper one, or TwoWanted

    public StoreBuffer OwnerStores;

    // The revoker.
    public RevokerStep Revoker;
    public bool SawOutside, WasShut, HasSeen;
    public byte Seen, SeenBegun;    // visits and proofs begun at the last look, if HasSeen
    public byte Count;              // switches at the first of three reads
    public byte End, Cursor, RevocationsLeft;
    public StoreBuffer RevokerStores;

    // Who asks the kernel for another cache's sake, and the numbers that its proofs leave.
    public RevokerStep Prover;
    public byte ProverCount, Number, Begun, Proven, ProofsLeft;

    public readonly byte Round(int address) => (byte)((Rounds >> (address * 4)) & 15);

    public void SetRound(int address, byte value) =>
        Rounds = (Rounds & ~(15UL << (address * 4))) | ((ulong)value << (address * 4));
}

internal enum Side : byte
{
    Nobody,
    Owner,
    Revoker,
}

internal enum OwnerRest : byte
{
    Awake,
    AboutToSleep, // the state says so already, and the thread still runs
    Asleep,
}

internal enum OwnerStep : byte
{
    Outside,
    Waiting,
    AllocReadTop,
    AllocCompare,
    AllocReadRound,
    AllocStoreTop,
    AllocReadRoundLate, // weak memory: the load came after the store of the top
    AllocClaim,         // of two objects, from here on
    AllocLookAgain,
    AllocReadUpper,
    AllocReadLower,
    AllocPutBack,
    FreeReadTop,
    FreeCompare,
    FreeStoreRound,
    FreeStoreTop,
    FreeStoreUpper,
    FreeStoreTopOfTwo,
    SlowEnter,
    SlowWaiting,
    SlowBody,
    SlowLeave,
    Gone,
}

internal enum RevokerStep : byte
{
    Idle,
    ShutLow,
    ShutHigh,
    LookEarly,
    Barrier,
    Look,
    ReadState,
    ReadCount,
    ReadSleeps,
    ReadMask,
    ReadCall,
    ReadCountAgain,
    ReadVisits,
    ReadTop,
    Take,
    ReturnMagazine,
    RestoreLow,
    RestoreHigh,
    Leave,
}

/// <summary>Stores that their processor has executed and no other one sees yet: variable, value, and whether it is a release.</summary>
internal record struct StoreBuffer
{
    public const int Capacity = 4, Top = 0, Low = 1, High = 2, FirstRound = 3, Visits = 100;

    private ulong _entries; // 16 bits each, the oldest lowest: value, variable, release

    public byte Count { get; private set; }

    public readonly bool IsEmpty => Count == 0;

    public readonly bool IsFull => Count == Capacity;

    public void Add(int variable, byte value, bool release)
    {
        _entries |= ((ulong)value | ((ulong)variable << 8) | (release ? 1UL << 15 : 0)) << (Count * 16);
        Count++;
    }

    /// <summary>A processor sees its own stores at once.</summary>
    public readonly bool TryForward(int variable, out byte value)
    {
        for (int i = Count - 1; i >= 0; i--)
        {
            if (VariableAt(i) == variable)
            {
                value = ValueAt(i);
                return true;
            }
        }

        value = 0;
        return false;
    }

    /// <summary>Whether a store may become visible now. In order: the oldest only. Else: unless it is a release, or an older one is to the same variable.</summary>
    public readonly bool MayLeave(int index, bool inOrder)
    {
        if (index == 0)
        {
            return true;
        }

        if (inOrder || ((_entries >> (index * 16)) & (1UL << 15)) != 0)
        {
            return false;
        }

        for (int i = 0; i < index; i++)
        {
            if (VariableAt(i) == VariableAt(index))
            {
                return false;
            }
        }

        return true;
    }

    public (int Variable, byte Value) RemoveAt(int index)
    {
        (int, byte) entry = (VariableAt(index), ValueAt(index));
        ulong below = (1UL << (index * 16)) - 1;
        _entries = (_entries & below) | ((index == Capacity - 1 ? 0 : _entries >> ((index + 1) * 16)) << (index * 16));
        Count--;
        return entry;
    }

    private readonly int VariableAt(int index) => (int)(_entries >> ((index * 16) + 8)) & 0x7f;

    private readonly byte ValueAt(int index) => (byte)(_entries >> (index * 16));
}
