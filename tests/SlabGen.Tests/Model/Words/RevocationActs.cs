namespace SlabGen.Tests.Model.Words;

/// <summary>What the threads of a <see cref="RevocationScenario"/> do besides loads and stores.</summary>
internal enum RevocationAct
{
    // These the other side can tell from one another.
    BeginOperation,
    WaitForGate,
    EndWait,
    BeginRevocation,
    BeginProof,
    SeeAlive,
    SeeWait,
    SeeSleep,
    SeeMask,
    SeeSwitches,
    SeeCall,
    LastSeen = SeeCall,

    EnterFast,
    LeaveFast,
    Receive,
    PutBack,
    SeeClosed,
    Close,
    ReadHeld,
    WriteHeld,
    BeginTaking,
    EndRevocation,
    Give,
    Return,
    Load,
    Refill,
    Fail,
}

// What they do to the world.
internal sealed partial class RevocationScenario
{
    private static bool IsSeen(Step step) =>
        step.Word <= (int)RevocationAct.LastSeen || ((RevocationAct)step.Word == RevocationAct.Receive && step.Value == RevocationMemory.Late);

    public override void Act(World world, int thread, Step step, List<(long Answer, World World)> ends)
    {
        World next = world.Copy();
        long answer = 0;
        switch ((RevocationAct)step.Word)
        {
            case RevocationAct.BeginOperation:
                AddOperations(world, ends);
                return;

            case RevocationAct.WaitForGate:
                if (world.Stores(Owner) > 0)
                {
                    return; // a lock is taken, and waited for, with interlocked operations
                }

                ends.Add((0, next));
                World waiting = world.Copy();
                Own(waiting, OwnByte.Waits) = 1;
                ends.Add((1, waiting));
                return;

            case RevocationAct.EndWait:
                Own(next, OwnByte.Waits) = 0;
                break;

            case RevocationAct.BeginRevocation:
                if (Own(world, OwnByte.RevocationsLeft) == 0 || world.Holder(Gate) != 0 || world.Stores(Revoker) > 0)
                {
                    return;
                }

                if (--Own(next, OwnByte.RevocationsLeft) == 0)
                {
                    ends.Add((1, next.Copy())); // to destroy
                }

                break;

            case RevocationAct.BeginProof:
                if (Own(world, OwnByte.ProofsLeft) == 0)
                {
                    return;
                }

                Own(next, OwnByte.ProofsLeft)--;
                break;

            case RevocationAct.SeeAlive:
                answer = Own(world, OwnByte.Gone) == 0 ? 1 : 0;
                break;

            case RevocationAct.SeeWait:
                answer = Own(world, OwnByte.Waits);
                break;

            case RevocationAct.SeeSleep:
                answer = (Rest)Own(world, OwnByte.Rest) != Rest.Awake ? 1 : 0;
                break;

            case RevocationAct.SeeMask:
                answer = Own(world, OwnByte.InHandler);
                break;

            case RevocationAct.SeeSwitches:
                answer = Own(world, OwnByte.Switches);
                break;

            case RevocationAct.SeeCall:
                answer = (Rest)Own(world, OwnByte.Rest) != Rest.Asleep ? 0 : Own(world, OwnByte.InFault) != 0 ? 1 : 2;
                break;

            case RevocationAct.EnterFast:
                Own(next, OwnByte.InFast) = (byte)step.Value;
                break;

            case RevocationAct.LeaveFast:
                Own(next, OwnByte.InFast) = 0;
                break;

            case RevocationAct.Receive:
                Receive(next, step.Value);
                break;

            case RevocationAct.PutBack:
                Own(next, OwnByte.User) |= (byte)Memory.BitOf(step.Value);
                break;

            case RevocationAct.SeeClosed:
                answer = Own(world, OwnByte.Closed);
                break;

            case RevocationAct.Close:
                Own(next, OwnByte.Closed) = 1;
                break;

            case RevocationAct.ReadHeld:
                answer = Own(world, OwnByte.HeldLow) | (Own(world, OwnByte.HeldHigh) << 8);
                break;

            case RevocationAct.WriteHeld:
                SetHeld(next, step.Value);
                break;

            case RevocationAct.BeginTaking:
                Own(next, OwnByte.Revoking) = 1;
                break;

            case RevocationAct.EndRevocation:
                Own(next, OwnByte.Revoking) = 0;
                break;

            case RevocationAct.Give:
                Give(next, step.Value);
                break;

            case RevocationAct.Return:
                for (int word = RevocationMemory.FirstRound; word < Memory.Words; word++)
                {
                    if (Memory.MagazineOf(word) == step.Value)
                    {
                        next.Set(word, Junk); // to the depot, and from there anywhere: its rounds are somebody else's
                    }
                }

                Own(next, OwnByte.Loaded) = 0;
                break;

            case RevocationAct.Load:
                // Never the one that was loaded last, since that may serve another thread now.
                answer = Own(world, OwnByte.Last) == 1 ? 2 : 1;
                Own(next, OwnByte.Loaded) = (byte)answer;
                break;

            case RevocationAct.Refill:
                AddRefills(world, ends);
                return;

            default:
                Fail("the slow path cannot serve");
                break;
        }

        if (Own(next, OwnByte.Loaded) != 0)
        {
            Own(next, OwnByte.Last) = Own(next, OwnByte.Loaded);
        }

        ends.Add((answer, next));
    }

    /// <summary>An allocation ends: the user has the object.</summary>
    private void Receive(World next, long obj)
    {
        if (obj == RevocationMemory.Late)
        {
            int word = Own(next, OwnByte.LateWord);
            obj = next.Load(Owner, word);
            CheckIsLoaded(next, word, "reads");
        }

        int bit = Memory.BitOf(obj);
        if (bit == 0)
        {
            Fail("an allocation returns no object");
        }
        else if ((Own(next, OwnByte.User) & bit) != 0)
        {
            Fail("an allocation returns an object that the user has already");
        }
        else if ((Own(next, OwnByte.Slab) & bit) != 0)
        {
            Fail("an allocation returns an object that is in the slab as well");
        }

        Own(next, OwnByte.User) |= (byte)bit;
        Own(next, OwnByte.InFast) = Own(next, OwnByte.LateWord) = 0;
    }

    /// <summary>An object goes to the slab.</summary>
    private void Give(World next, long obj)
    {
        int bit = Memory.BitOf(obj);
        if (bit == 0)
        {
            Fail("the slab is given something that is no object");
        }
        else if ((Own(next, OwnByte.Slab) & bit) != 0)
        {
            Fail("the slab is given an object that it has");
        }
        else if ((Own(next, OwnByte.User) & bit) != 0)
        {
            Fail("the slab is given an object that the user has");
        }

        Own(next, OwnByte.Slab) |= (byte)bit;
    }
}
