namespace SlabGen.Stress.Scenarios;

[SlabCache(HwCacheAlign = true)]
internal struct StressPlain
{
    public Words8 Words;
}

[SlabCache(Zeroing = SlabZeroing.OnAlloc, MagazineRounds = 5)]
internal struct StressZeroed
{
    public Words7 Words;
}

[SlabCache(Mode = SlabMode.Checked)]
internal struct StressChecked
{
    public Words8 Words;
}

[SlabCache(Handles = true, Zeroing = SlabZeroing.OnFree)]
internal struct StressHandled
{
    public Words8 Words;
}

/// <summary>Generated caches, in the runtime of the process: by the class, by a Local, and by handles.</summary>
internal sealed class Generated : Scenario
{
    public override string Name => "generated";

    public override void Run(Crew crew)
    {
        crew.StartAll(Work);
        crew.Start(worker =>
        {
            while (!worker.IsOver)
            {
                worker.Journal.Note("shrinks");
                StressPlainCache.Cache.Shrink();
                StressZeroedCache.Cache.Shrink();
                SlabRuntime.Default.Shrink();
                Thread.Sleep(worker.Random.Next(5));
            }
        });
        crew.Join();
        foreach (KmemCache cache in SlabRuntime.Default.Caches)
        {
            if (cache.Snapshot() is { LiveObjects: > 0 } live)
            {
                throw new StressException($"Everything was freed, and yet: {live}");
            }
        }

        ValidationReport report = SlabRuntime.Default.Validate();
        if (!report.IsClean)
        {
            throw new StressException(report.ToString());
        }
    }

    private static void Work(Worker worker)
    {
        var mine = new List<(nint Address, int Kind, ulong Stamp)>();
        var handles = new List<(SlabHandle<StressHandled> Handle, ulong Stamp)>();
        while (!worker.IsOver)
        {
            int kind = worker.Random.Next(3);
            worker.Journal.Note("allocates", $"{kind}");
            for (int i = worker.Random.Next(300); i > 0 && mine.Count < 3000; i--)
            {
                nint address = kind switch { 0 => StressPlainCache.Alloc().Address, 1 => StressZeroedCache.Alloc().Address, _ => StressCheckedCache.Alloc().Address };
                if (kind == 1)
                {
                    Stamp.CheckZero(address, 56, "generated");
                }

                Own(worker, mine, address, kind);
            }

            worker.Journal.Note("allocates by a Local");
            StressPlainCache.Local local = StressPlainCache.OpenLocal();
            for (int i = worker.Random.Next(100); i > 0; i--)
            {
                Own(worker, mine, local.Alloc().Address, 0);
            }

            SlabHandle<StressHandled> handle = StressHandledCache.AllocHandle();
            handle.TryGet(out SlabPtr<StressHandled> made);
            ulong stamp = worker.NewStamp();
            Stamp.Write(made.Address, 64, stamp);
            handles.Add((handle, stamp));
            worker.Journal.Note("frees");
            for (int i = worker.Random.Next(mine.Count); i > 0; i--)
            {
                FreeOne(mine, worker.Random.Next(mine.Count));
            }

            while (handles.Count > worker.Random.Next(100))
            {
                FreeHandle(handles);
            }
        }

        while (mine.Count > 0)
        {
            FreeOne(mine, mine.Count - 1);
        }

        while (handles.Count > 0)
        {
            FreeHandle(handles);
        }
    }

    private static void Own(Worker worker, List<(nint Address, int Kind, ulong Stamp)> mine, nint address, int kind)
    {
        ulong stamp = worker.NewStamp();
        Stamp.Write(address, BytesOf(kind), stamp);
        mine.Add((address, kind, stamp));
    }

    private static int BytesOf(int kind) => kind == 1 ? 56 : 64;

    private static void FreeOne(List<(nint Address, int Kind, ulong Stamp)> mine, int index)
    {
        (nint address, int kind, ulong stamp) = mine[index];
        mine[index] = mine[^1];
        mine.RemoveAt(mine.Count - 1);
        Stamp.Check(address, BytesOf(kind), stamp, "generated");
        switch (kind)
        {
            case 0:
                StressPlainCache.Free(new SlabPtr<StressPlain>(address));
                break;
            case 1:
                StressZeroedCache.Free(new SlabPtr<StressZeroed>(address));
                break;
            default:
                StressCheckedCache.Free(new SlabPtr<StressChecked>(address));
                break;
        }
    }

    private static void FreeHandle(List<(SlabHandle<StressHandled> Handle, ulong Stamp)> handles)
    {
        (SlabHandle<StressHandled> handle, ulong stamp) = handles[^1];
        handles.RemoveAt(handles.Count - 1);
        if (!handle.TryGet(out SlabPtr<StressHandled> found))
        {
            throw new StressException($"generated: the live handle {handle} is refused.");
        }

        Stamp.Check(found.Address, 64, stamp, "generated, by handle");
        StressHandledCache.Free(handle);
        if (handle.IsLive)
        {
            throw new StressException($"generated: the stale handle {handle} is taken for live.");
        }
    }
}
