namespace SlabGen.Tests.Model.Words;

// What may happen: operations, refills, and what the kernel does with the owner.
internal sealed partial class RevocationScenario
{
    private void AddOperations(World world, List<(long Answer, World World)> ends)
    {
        World next = world.Copy();
        if (Own(world, OwnByte.OperationsLeft) == 0)
        {
            if (world.Stores(Owner) == 0 && Own(world, OwnByte.Gone) == 0)
            {
                Own(next, OwnByte.Gone) = 1;
                ends.Add((RevocationOwner.Ends, next));
            }

            return;
        }

        Own(next, OwnByte.OperationsLeft)--;
        for (int random = 0; _case.TakesAny && random < RevocationOwner.Randoms.Length; random++)
        {
            ends.Add((RevocationOwner.AllocatesAny + random, next.Copy()));
        }

        if (!_case.TakesAny)
        {
            ends.Add((RevocationOwner.Allocates, next));
        }

        if (_case.Bulk)
        {
            ends.Add((RevocationOwner.AllocatesTwo, next.Copy()));
        }

        if (_case.Rests > 0 && world.Stores(Owner) < Shape.Buffer)
        {
            ends.Add((RevocationOwner.VisitsAnother, next.Copy()));
        }

        int user = Own(world, OwnByte.User);
        for (int one = 1; one <= _case.Objects; one++)
        {
            for (int two = 0; two <= _case.Objects; two++)
            {
                int both = (1 << (one - 1)) | (two == 0 ? 0 : 1 << (two - 1));
                if ((user & both) == both && (two == 0 || (_case.Bulk && two > one)))
                {
                    World freed = next.Copy();
                    Own(freed, OwnByte.User) &= (byte)~both;
                    ends.Add((RevocationOwner.Frees + (16 * two) + one, freed));
                }
            }
        }

        if (world.Stores(Owner) == 0)
        {
            World waiting = next.Copy();
            Own(waiting, OwnByte.Waits) = 1;
            ends.Add((RevocationOwner.Waits, waiting));
        }
    }

    private void AddRefills(World world, List<(long Answer, World World)> ends)
    {
        int slab = Own(world, OwnByte.Slab);
        for (int refill = 1, taken = 0; refill <= Math.Min(_case.Rounds, int.PopCount(slab)); refill++)
        {
            int rest = slab & ~taken;
            taken |= rest & -rest;
            World next = world.Copy();
            Own(next, OwnByte.Slab) = (byte)(slab & ~taken);
            ends.Add((taken, next));
        }

        if (slab == 0)
        {
            ends.Add((0, world.Copy()));
        }
    }

    /// <summary>In the middle of an operation a signal or a page fault may come; outside of one, the owner may make a system call.</summary>
    public override void AddOwnSteps(World world, List<(string Step, World World)> steps)
    {
        var rest = (Rest)Own(world, OwnByte.Rest);
        bool inHandler = Own(world, OwnByte.InHandler) != 0, mayRest = Own(world, OwnByte.RestsLeft) > 0;
        if (rest == Rest.Awake && !inHandler)
        {
            Step step = Threads[Owner].NextOf(world.Node(Owner));
            if (Own(world, OwnByte.InFast) != 0 && step.Kind != StepKind.Act && Own(world, OwnByte.InterruptsLeft) > 0)
            {
                Add("a signal interrupts the owner", next => Own(next, OwnByte.InHandler) = 1, interrupt: true);
                if (step.Word >= RevocationMemory.FirstRound && mayRest)
                {
                    Add("the owner must wait for a page", next => Own(Sleep(next), OwnByte.InFault) = 1, interrupt: true);
                }
            }

            if (world.Node(Owner) == 0 && mayRest && Own(world, OwnByte.Gone) == 0)
            {
                Add("the owner makes a system call that waits", next => Sleep(next));
            }
        }
        else if (rest == Rest.Awake)
        {
            Add("the owner's signal handler returns", next => Own(next, OwnByte.InHandler) = 0);
            if (mayRest)
            {
                Add("the owner's signal handler makes a system call that waits", next => Sleep(next));
            }
        }
        else
        {
            Add("what the owner waits for is there", next => Own(next, OwnByte.Rest) = Own(next, OwnByte.InFault) = 0);
            if (rest == Rest.AboutToSleep)
            {
                Add("the owner leaves the processor", next =>
                {
                    Own(next, OwnByte.Rest) = (byte)Rest.Asleep;
                    Own(next, OwnByte.Switches)++;
                    while (next.Stores(Owner) > 0) // a switch is a barrier
                    {
                        Stored(next, Owner, next.Drain(Owner, 0));
                    }
                });
            }
        }

        void Add(string name, Action<World> change, bool interrupt = false)
        {
            World next = world.Copy();
            Own(next, OwnByte.InterruptsLeft) -= (byte)(interrupt ? 1 : 0);
            change(next);
            steps.Add((name, next));
        }

        static World Sleep(World next)
        {
            Own(next, OwnByte.RestsLeft)--;
            Own(next, OwnByte.Rest) = (byte)Rest.AboutToSleep;
            return next;
        }
    }
}
