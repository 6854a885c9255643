namespace SlabGen.Stress.Scenarios;

/// <summary>
/// Several threads name a low zone of a fresh runtime at the same moment: what each gets there is its own, is found, and is taken back. The threads
/// meet before each try, and spin.
/// </summary>
internal sealed class LowZones : Scenario
{
    public override string Name => "low-zones";

    public override void Run(Crew crew)
    {
        int count = Math.Clamp(Environment.ProcessorCount, 2, 4), arrived = 0, left = 0, generation = 0;
        SlabRuntime runtime = null!;
        bool ended = false;
        for (int i = 0; i < count; i++)
        {
            int number = i;
            crew.Start(worker =>
            {
                for (int seen = 0; ;)
                {
                    worker.Journal.Note("meets the others");
                    Interlocked.Increment(ref arrived);
                    for (var spin = default(SpinWait); Volatile.Read(ref generation) == seen && !Volatile.Read(ref ended);)
                    {
                        spin.SpinOnce(-1);
                    }

                    if (Volatile.Read(ref ended))
                    {
                        return;
                    }

                    seen = Volatile.Read(ref generation);
                    Use(worker, runtime, number);
                    Interlocked.Increment(ref left);
                }
            });
        }

        while (!crew.IsOver)
        {
            crew.Journal.Note("makes a runtime");
            runtime = new SlabRuntime(new SlabRuntimeOptions { MemoryLimit = 64 << 20, ReapInterval = Timeout.InfiniteTimeSpan });
            SpinWait.SpinUntil(() => Volatile.Read(ref arrived) == count);
            Volatile.Write(ref arrived, 0);
            Interlocked.Increment(ref generation);
            SpinWait.SpinUntil(() => Volatile.Read(ref left) == count);
            Volatile.Write(ref left, 0);
            ValidationReport report = runtime.Validate();
            if (!report.IsClean)
            {
                throw new StressException(report.ToString());
            }

            runtime.Dispose();
        }

        Volatile.Write(ref ended, true);
        crew.Join();
    }

    private static void Use(Worker worker, SlabRuntime runtime, int number)
    {
        if (number % 2 == 0)
        {
            worker.Journal.Note("uses pages of Dma32");
            PagePtr page = runtime.Pages.AllocPages(GfpFlags.Kernel | GfpFlags.Dma32, 0);
            nint address = runtime.Pages.PageAddress(page);
            Own(worker, address, PageAllocator.PageSize);
            if (runtime.Pages.PageOf(address) != page)
            {
                throw new StressException($"PageOf(0x{address:x}) is another page.");
            }

            runtime.Pages.FreePages(page);
        }

        worker.Journal.Note("uses a cache in Dma32");
        KmemCache cache = runtime.CreateCache($"low-{number}", 256, new SlabCacheOptions { Zone = worker.OneIn(4) ? ZoneKind.Dma : ZoneKind.Dma32, Checked = worker.OneIn(2) });
        nint obj = cache.Alloc();
        Own(worker, obj, 256);
        cache.Free(obj);
        Crew.Destroy(cache);
    }

    private static void Own(Worker worker, nint address, int bytes)
    {
        ulong stamp = worker.NewStamp();
        Stamp.Write(address, bytes, stamp);
        Thread.SpinWait(20);
        Stamp.Check(address, bytes, stamp, "low-zones");
    }
}
