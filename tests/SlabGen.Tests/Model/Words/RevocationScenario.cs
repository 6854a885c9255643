using SlabGen.CompilerServices;
using SlabGen.Magazines;

namespace SlabGen.Tests.Model.Words;

/// <summary>
/// An owner thread that allocates, frees, waits and ends in any order, against a revoker. Both run the library's code:
/// the methods of <see cref="ThreadBin"/> or of <see cref="ThreadCache"/>, <see cref="Revocation{TWords}"/>,
/// <see cref="OwnerProof{TWords}"/> and <see cref="SlabGen.Memory.KernelSleep{TWords}"/>. What the steps of the slow path are is the
/// library's too; which of them an operation needs is here (<see cref="RevocationOwner"/>).
/// </summary>
/// <remarks>
/// <para>With <c>Bulk</c>, the owner also takes and frees two objects at once. With <c>Rests</c>, it also sleeps where the kernel alone
/// sees it: in system calls outside of an operation, and in the middle of one in a signal handler or a page fault. It may then visit the
/// slow path of another cache. With <c>Proofs</c>, another revoker asks the kernel too, for another cache, at any moment.</para>
/// <para>Left out: the previous magazine, which nobody touches without the gate, and the time in user mode, which proves by its length and not by
/// an order. An owner in a managed wait is what <c>Waits</c> sees. Here one that waits for the gate is seen so too.</para>
/// </remarks>
internal sealed partial class RevocationScenario : Scenario
{
    public const int Owner = 0, Revoker = 1, Prover = 2, Gate = 0, Asking = 1, Junk = 15;

    private readonly RevocationCase _case;
    private readonly Shape _shape;
    private readonly List<Held> _held = [];

    public RevocationScenario(RevocationCase of)
    {
        _case = of;
        Memory = new RevocationMemory(of.Rounds, of.Objects);
        _shape = new Shape(Memory.Words, Locks: 2, of.Proofs > 0 ? 3 : 2, (int)OwnByte.Count);
        var rules = new RevocationRules(Memory, of.Mutant);
        var owner = new RevocationOwner(this, of.Twin);
        var revoker = new RevocationRevoker(this, rules);
        Threads = [new Replay(owner.Operate, rules), new Replay(revoker.Revoke, rules)];
        if (of.Proofs > 0)
        {
            Threads = [.. Threads, new Replay(revoker.Prove, rules)];
        }
    }

    public override Shape Shape => _shape;

    public override Replay[] Threads { get; }

    public RevocationMemory Memory { get; }

    public RevocationCase Case => _case;

    /// <summary>Every world in which a run may start: some objects in the magazine, one with the user, the others in the slab.</summary>
    public override unsafe IEnumerable<World> Begin()
    {
        var worlds = new List<World>();
        for (int count = 0; count <= Math.Min(_case.Rounds, _case.Objects - 1); count++)
        {
            var world = new World(_shape);
            Own(world, OwnByte.OperationsLeft) = (byte)_case.Operations;
            Own(world, OwnByte.RevocationsLeft) = (byte)_case.Revocations;
            Own(world, OwnByte.RestsLeft) = (byte)_case.Rests;
            Own(world, OwnByte.InterruptsLeft) = (byte)Math.Min(_case.Rests, 1);
            Own(world, OwnByte.ProofsLeft) = (byte)_case.Proofs;
            Own(world, OwnByte.User) = 1;
            Own(world, OwnByte.Slab) = (byte)(((1 << _case.Objects) - 1) & ~((1 << (count + 1)) - 1));
            Own(world, OwnByte.Loaded) = 1;
            nint first = Memory.RoundAt(1, 0);
            for (int word = 0; word < Memory.Words; word++)
            {
                world.Set(word, word < RevocationMemory.FirstRound ? 1 : Junk); // numbers begin at 1: 0 is "never looked"
            }

            for (int i = 0; i < count; i++)
            {
                world.Set(Memory.WordAt(first + (i * sizeof(nint))), Memory.ObjectAt(i + 2));
            }

            world.Set(RevocationMemory.Top, first + (count * sizeof(nint)));
            world.Set(RevocationMemory.Low, first);
            world.Set(RevocationMemory.High, first + (_case.Rounds * sizeof(nint)));
            world.Set(RevocationMemory.KnownSleep, -1);
            SetHeld(world, NumberOf(new LoadedMagazine { Magazine = Memory.Magazine(1), Bottom = first }));
            worlds.Add(world);
        }

        return worlds;
    }

    public override bool IsEnd(World world) => Own(world, OwnByte.Gone) != 0 && world.Node(Revoker) == 0
        && Own(world, OwnByte.RevocationsLeft) == 0 && Own(world, OwnByte.ProofsLeft) == 0 && (_case.Proofs == 0 || world.Node(Prover) == 0);

    public override bool Runs(World world, int thread) => thread != Owner
        || ((Rest)Own(world, OwnByte.Rest) == Rest.Awake && Own(world, OwnByte.InHandler) == 0);

    /// <summary>At rest, every object is in exactly one place.</summary>
    public override string? CheckAtRest(World world)
    {
        bool rest = world.Node(Owner) == 0 && world.Stores(Owner) == 0 && world.Node(Revoker) == 0 && world.Stores(Revoker) == 0;
        if (!rest)
        {
            return null;
        }

        int user = Own(world, OwnByte.User), slab = Own(world, OwnByte.Slab), seen = user | slab;
        string? problem = (user & slab) != 0 ? "an object is with the user and in the slab" : null;
        Held held = HeldOf(world);
        for (nint round = held.Bottom; held.Magazine != 0 && round < world.Get(RevocationMemory.Top); round += nint.Size)
        {
            int bit = Memory.BitOf(world.Get(Memory.WordAt(round)));
            problem ??= bit == 0 ? "the magazine holds no object where it says one is" : (seen & bit) != 0 ? "an object is in the magazine and elsewhere" : null;
            seen |= bit;
        }

        return problem ?? (seen != (1 << _case.Objects) - 1 ? "an object is lost" : null);
    }

    /// <summary>The gate of an owner that has it hides all that it does to the words; what only the holder of the gate writes, only others read late.</summary>
    public override bool IsLocal(World world, int thread, Step step)
    {
        bool gated = world.Holder(Gate) == thread + 1;
        bool empty = world.Stores(thread) == 0;
        bool proof = step.Word is RevocationMemory.Begun or RevocationMemory.Proven or RevocationMemory.KnownSleep;
        return step.Kind switch
        {
            StepKind.Cut => true,
            StepKind.Act => !IsSeen(step),
            StepKind.Load when thread == Owner => gated && empty && (step.Word != RevocationMemory.Visits || _case.Proofs == 0),
            StepKind.Load => (gated && step.Word == RevocationMemory.Low && _case.Mutant != RevocationMutant.SlowPathWithoutGate) || (proof && _case.Proofs == 0),
            StepKind.Store or StepKind.Release when thread == Owner => gated && empty && (step.Word != RevocationMemory.Visits || _case.Proofs == 0),
            StepKind.Store or StepKind.Release or StepKind.Add => proof && empty && _case.Proofs == 0,
            StepKind.Enter => empty && ((step.Word == Gate && thread == Revoker && world.Holder(Gate) == 0) || (step.Word == Asking && _case.Proofs == 0)),
            StepKind.Exit => empty && ((step.Word == Gate && thread == Owner) || (step.Word == Asking && _case.Proofs == 0)),
            StepKind.Fence => empty,
            _ => false,
        };
    }

    public override void Loaded(World world, int thread, int word, long value)
    {
        if (thread == Owner)
        {
            CheckIsLoaded(world, word, "reads");
            if (_case.Compares && Own(world, OwnByte.Revoking) != 0 && Own(world, OwnByte.InFast) != 0
                && ((word == RevocationMemory.Low && value != ThreadBin.NoLow) || (word == RevocationMemory.High && value != ThreadBin.NoHigh)))
            {
                Fail("a compare passes although everything is revoked");
            }
        }
    }

    public override void Stored(World world, int thread, int word)
    {
        if (thread == Owner)
        {
            CheckIsLoaded(world, word, "writes");
        }
    }

    /// <summary>TryAlloc's load of the round may come after its store of the top: it is the last thing that the object is for.</summary>
    public override bool TryLoadLate(World world, int thread, int word, out long answer)
    {
        answer = RevocationMemory.Late;
        if (thread != Owner || word < RevocationMemory.FirstRound || Own(world, OwnByte.InFast) != 1)
        {
            return false;
        }

        Own(world, OwnByte.LateWord) = (byte)word;
        return true;
    }

    public static ref byte Own(World world, OwnByte of) => ref world.Own[(int)of];

    /// <summary>What the gate guards, as a number for a world to hold.</summary>
    public unsafe long NumberOf(in LoadedMagazine loaded)
    {
        var held = new Held((nint)loaded.Magazine, loaded.Magazine == null ? 0 : loaded.Bottom, loaded.Magazine == null ? default : loaded.ShutAt);
        int number = _held.IndexOf(held);
        if (number < 0)
        {
            number = _held.Count;
            _held.Add(held);
        }

        return number;
    }

    public unsafe LoadedMagazine LoadedOf(long number)
    {
        Held held = _held[(int)number];
        return new LoadedMagazine { Magazine = (Magazine*)held.Magazine, Bottom = held.Bottom, ShutAt = held.ShutAt };
    }

    private Held HeldOf(World world) => _held[Own(world, OwnByte.HeldLow) | (Own(world, OwnByte.HeldHigh) << 8)];

    private static void SetHeld(World world, long number)
    {
        Own(world, OwnByte.HeldLow) = (byte)number;
        Own(world, OwnByte.HeldHigh) = checked((byte)(number >> 8));
    }

    /// <summary>A magazine that is not the one loaded belongs to somebody else by now.</summary>
    private void CheckIsLoaded(World world, int word, string what)
    {
        if (word >= RevocationMemory.FirstRound && Memory.MagazineOf(word) != Own(world, OwnByte.Loaded))
        {
            Fail($"the owner {what} a round of a magazine that was returned");
        }
    }

    private readonly record struct Held(nint Magazine, nint Bottom, OwnerProgress ShutAt);
}

/// <summary>What is explored.</summary>
internal sealed record RevocationCase(RevocationMutant Mutant, int Rounds, int Objects, int Operations, int Revocations)
{
    public bool Weak { get; init; }

    /// <summary>Whether a compare that passes during a revocation is a fault by itself, and not by the harm that it does.</summary>
    public bool Compares { get; init; }

    public int Rests { get; init; }

    public int Proofs { get; init; }

    public bool Bulk { get; init; }

    /// <summary>Whether any free object of the magazine is taken, and not the last.</summary>
    public bool TakesAny { get; init; }

    /// <summary>Whether the methods of one object are those of the thread cache, and not those of the bin.</summary>
    public bool Twin { get; init; }
}

/// <summary>What a world of this scenario has besides words.</summary>
internal enum OwnByte
{
    OperationsLeft,
    RevocationsLeft,
    RestsLeft,
    InterruptsLeft,
    ProofsLeft,
    User, // sets of objects
    Slab,
    Loaded, // the magazine, or 0
    Last, // the one loaded before
    HeldLow, // what the gate guards
    HeldHigh,
    Closed,
    Waits,
    Gone,
    Rest,
    InHandler,
    InFault,
    Switches,
    InFast, // 1: one object; 2: two
    Revoking, // from after the barrier to the end of the revocation
    LateWord,
    Count,
}

internal enum Rest : byte
{
    Awake,
    AboutToSleep, // the state says so already, and the thread still runs
    Asleep,
}
