using SlabGen.Memory;

namespace SlabGen.Stress.Scenarios;

/// <summary>Whole pages of every zone, with references, and pages of high memory that are mapped for a while.</summary>
internal sealed class WholePages : Scenario
{
    private static readonly GfpFlags[] s_zones = [GfpFlags.Kernel, GfpFlags.Kernel, GfpFlags.Dma32 | GfpFlags.Kernel, GfpFlags.Dma | GfpFlags.NoWait, GfpFlags.HighUser];

    private readonly record struct Block(PagePtr Page, int Order, ulong Stamp, bool IsWritten);

    public override string Name => "pages";

    public override void Run(Crew crew)
    {
        crew.StartAll(Work);
        crew.Join();
    }

    private static void Work(Worker worker)
    {
        PageAllocator pages = worker.Crew.Runtime.Pages;
        var mine = new List<Block>();
        long bytes = 0;
        while (!worker.IsOver)
        {
            if (bytes < worker.Crew.Round.BytesOfWorker && worker.OneIn(2))
            {
                int order = worker.OneIn(20) ? worker.Random.Next(11) : worker.Random.Next(3);
                GfpFlags gfp = s_zones[worker.Random.Next(s_zones.Length)];
                worker.Journal.Note($"allocates order {order}", gfp.ToString());
                if (TryAlloc(worker, pages, gfp, order, out PagePtr page))
                {
                    ulong stamp = worker.NewStamp();
                    bool written = Mapped(pages, page, order, address => Stamp.Write(address, PageAllocator.PageSize, stamp));
                    mine.Add(new Block(page, order, stamp, written));
                    bytes += (long)PageAllocator.PageSize << order;
                }
            }
            else if (mine.Count > 0)
            {
                int index = worker.Random.Next(mine.Count);
                bytes -= (long)PageAllocator.PageSize << mine[index].Order;
                Free(worker, pages, mine[index]);
                mine[index] = mine[^1];
                mine.RemoveAt(mine.Count - 1);
            }
        }

        mine.ForEach(block => Free(worker, pages, block));
    }

    private static bool TryAlloc(Worker worker, PageAllocator pages, GfpFlags gfp, int order, out PagePtr page)
    {
        page = default;
        try
        {
            if (!pages.TryAllocPages(gfp, order, out page, worker.OneIn(2) ? ZoneFallback.Strict : ZoneFallback.Preferred))
            {
                return false;
            }
        }
        catch (Exception error) when (Planned.InAlloc(error))
        {
            return false;
        }

        if (page.Zone.Kind != ZoneKind.HighMem)
        {
            nint address = pages.PageAddress(page);
            if (pages.PageOf(address) != page)
            {
                throw new StressException($"PageOf(0x{address:x}) is not the page that lies there.");
            }
        }

        return true;
    }

    private static void Free(Worker worker, PageAllocator pages, Block block)
    {
        worker.Journal.Note($"frees order {block.Order}");
        if (block.IsWritten)
        {
            Mapped(pages, block.Page, block.Order, address => Stamp.Check(address, PageAllocator.PageSize, block.Stamp, "pages"));
        }

        if (worker.OneIn(3))
        {
            pages.Get(block.Page);
            if (pages.Put(block.Page))
            {
                throw new StressException("A block went with the first of two references.");
            }
        }

        if (worker.OneIn(2))
        {
            pages.FreePages(block.Page);
        }
        else if (!pages.Put(block.Page))
        {
            throw new StressException("A block stayed without a reference.");
        }
    }

    /// <summary>The first and the last page of a block.</summary>
    /// <returns><see langword="false"/> for pages of high memory while the window is full.</returns>
    private static bool Mapped(PageAllocator pages, PagePtr page, int order, Action<nint> use)
    {
        PagePtr[] ends = order == 0 ? [page] : [page, page + ((1 << order) - 1)];
        foreach (PagePtr end in ends)
        {
            if (!pages.TryKmap(end, out nint address))
            {
                return false;
            }

            use(address);
            pages.Kunmap(end);
        }

        return true;
    }
}
