using System.Collections.Concurrent;

namespace SlabGen.Stress.Scenarios;

/// <summary>Blocks of 1 byte to 6 MiB, of the shared Kmalloc and of private ones with an account; with Realloc, which keeps the contents; freed by any of them.</summary>
internal sealed class Kmallocs : Scenario
{
    private readonly record struct Block(nint Address, int Bytes, ulong Stamp);

    public override string Name => "kmalloc";

    public override void Run(Crew crew)
    {
        var account = new SlabAccount(crew.NameOf("account"), 16 << 20);
        Kmalloc[] all = [Make(() => crew.Runtime.Kmalloc), Make(() => crew.Runtime.CreateKmalloc(crew.NameOf("own"))), Make(() => crew.Runtime.CreateKmalloc(crew.NameOf("charged"), account))];
        var handed = new ConcurrentQueue<Block>();
        crew.StartAll(worker => Work(worker, all, handed));
        crew.Join();
        while (handed.TryDequeue(out Block block))
        {
            Free(all[0], block);
        }

        foreach (Kmalloc kmalloc in all[1..])
        {
            LeakReport leak = kmalloc.Destroy();
            if (!leak.IsClean)
            {
                throw new StressException($"Every block was freed, and yet: {leak}");
            }
        }

        if (account.Used != 0)
        {
            throw new StressException($"Every block was freed, and yet {account}.");
        }
    }

    private static void Work(Worker worker, Kmalloc[] all, ConcurrentQueue<Block> handed)
    {
        var mine = new List<Block>();
        long bytes = 0;
        while (!worker.IsOver)
        {
            Kmalloc kmalloc = all[worker.Random.Next(all.Length)];
            int index = worker.Random.Next(Math.Max(1, mine.Count));
            switch (worker.Random.Next(8))
            {
                case < 3 when bytes < worker.Crew.Round.BytesOfWorker:
                    if (TryAlloc(worker, kmalloc, out Block made))
                    {
                        mine.Add(made);
                        bytes += made.Bytes;
                    }

                    break;
                case 3 when mine.Count > 0:
                    bytes -= mine[index].Bytes;
                    mine[index] = Resize(worker, kmalloc, mine[index]);
                    bytes += mine[index].Bytes;
                    break;
                case 4 when mine.Count > 0:
                    Stamp.Check(mine[index].Address, mine[index].Bytes, mine[index].Stamp, "kmalloc");
                    break;
                case 5 when mine.Count > 0 && handed.Count < 200:
                    handed.Enqueue(mine[index]);
                    bytes -= mine[index].Bytes;
                    mine.RemoveAt(index);
                    break;
                case 6 when handed.TryDequeue(out Block theirs):
                    worker.Journal.Note("frees another's", kmalloc.Name, theirs.Address);
                    Free(kmalloc, theirs);
                    break;
                case 7 when worker.OneIn(4):
                    Loop(worker, kmalloc);
                    break;
                default:
                    if (mine.Count > 0)
                    {
                        worker.Journal.Note("frees", kmalloc.Name, mine[index].Address);
                        bytes -= mine[index].Bytes;
                        Free(kmalloc, mine[index]);
                        mine.RemoveAt(index);
                    }

                    break;
            }
        }

        mine.ForEach(block => Free(all[0], block));
    }

    private static int AnySize(Random random) => random.Next(1, 1 << random.Next(1, random.Next(100) == 0 ? 23 : 15));

    private static bool TryAlloc(Worker worker, Kmalloc kmalloc, out Block block)
    {
        block = default;
        int size = AnySize(worker.Random);
        bool zero = worker.OneIn(4);
        worker.Journal.Note($"allocates {size}", kmalloc.Name);
        nint address;
        try
        {
            address = zero ? kmalloc.AllocZeroed((nuint)size) : kmalloc.Alloc((nuint)size);
        }
        catch (Exception error) when (Planned.InAlloc(error))
        {
            return false;
        }

        if (zero)
        {
            Stamp.CheckZero(address, size, kmalloc.Name);
        }

        block = Own(worker, address, size);
        return true;
    }

    private static Block Resize(Worker worker, Kmalloc kmalloc, Block block)
    {
        int size = AnySize(worker.Random);
        worker.Journal.Note($"reallocates {block.Bytes} as {size}", kmalloc.Name, block.Address);
        Stamp.Check(block.Address, block.Bytes, block.Stamp, "kmalloc");
        nint moved;
        try
        {
            moved = kmalloc.Realloc(block.Address, (nuint)size);
        }
        catch (Exception error) when (Planned.InAlloc(error))
        {
            Stamp.Check(block.Address, block.Bytes, block.Stamp, "kmalloc, after a Realloc that failed"); // unchanged
            return block;
        }

        Stamp.Check(moved, Math.Min(size, block.Bytes) & ~7, block.Stamp, "kmalloc, after Realloc");
        return Own(worker, moved, size);
    }

    private static void Free(Kmalloc kmalloc, Block block)
    {
        Stamp.Check(block.Address, block.Bytes, block.Stamp, "kmalloc");
        Stamp.WriteFreed(block.Address, block.Bytes);
        kmalloc.Free(block.Address);
    }

    /// <summary>A loop over the thread's own part, looked up once.</summary>
    private static void Loop(Worker worker, Kmalloc kmalloc)
    {
        worker.Journal.Note("loops over a Local", kmalloc.Name);
        Kmalloc.Local local = kmalloc.OpenLocal();
        for (int i = 0; i < 50; i++)
        {
            int size = worker.Random.Next(1, 2000);
            nint address;
            try
            {
                address = local.Alloc((nuint)size);
            }
            catch (Exception error) when (Planned.InAlloc(error))
            {
                continue;
            }

            Block block = Own(worker, address, size);
            Stamp.Check(address, size, block.Stamp, "kmalloc");
            local.Free(address);
        }
    }

    private static Block Own(Worker worker, nint address, int size)
    {
        ulong stamp = worker.NewStamp();
        Stamp.Write(address, size, stamp);
        worker.Crew.Round.Sightings.Add(address);
        return new Block(address, size, stamp);
    }

    private static Kmalloc Make(Func<Kmalloc> make)
    {
        while (true)
        {
            try
            {
                return make();
            }
            catch (OutOfMemoryException)
            {
                Thread.Sleep(1);
            }
        }
    }
}
