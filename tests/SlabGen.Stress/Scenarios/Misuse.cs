namespace SlabGen.Stress.Scenarios;

/// <summary>
/// What must not be done, in a runtime of its own and on one thread: it is told, at the latest by the next Shrink, nothing else is harmed, and nothing
/// that was to be told is lost by it.
/// </summary>
internal sealed class Misuse : Scenario
{
    public override string Name => "misuse";

    public override void Run(Crew crew)
    {
        using var runtime = new SlabRuntime(new SlabRuntimeOptions { MemoryLimit = 16 << 20, ReapInterval = Timeout.InfiniteTimeSpan });
        crew.Start(worker =>
        {
            while (!worker.IsOver)
            {
                FreeTwice(worker, runtime);
                FreeTwiceToAFullPool(worker, runtime);
                LoseNoException(worker, runtime);
                worker.Journal.Note("validates");
                ValidationReport report = runtime.Validate();
                if (!report.IsClean)
                {
                    throw new StressException(report.ToString());
                }
            }
        });
        crew.Join();
    }

    private static void FreeTwice(Worker worker, SlabRuntime runtime)
    {
        worker.Journal.Note("frees twice");
        KmemCache cache = runtime.CreateCache("twice", 64, new SlabCacheOptions { Checked = worker.OneIn(2) });
        nint address = cache.Alloc();
        cache.Free(address);
        ExpectTold(cache, () => cache.Free(address), SlabFault.DoubleFree, "A double free");
        Crew.Destroy(cache);
    }

    /// <summary>To a mempool whose reserve is full: of an element that is in the reserve, at once; of one that the cache has, as the cache tells it.</summary>
    private static void FreeTwiceToAFullPool(Worker worker, SlabRuntime runtime)
    {
        worker.Journal.Note("frees twice to a full mempool");
        bool isReserved = worker.OneIn(2), isChecked = worker.OneIn(2);
        KmemCache cache = runtime.CreateCache("pooled", 64, new SlabCacheOptions { Checked = isChecked, MaxObjects = isReserved ? 4 : 0 });
        using (var pool = new Mempool(cache, 4))
        {
            nint element = pool.Alloc();
            pool.Free(element);
            string what = $"A double free to a mempool whose reserve is full, {(isReserved ? "of an element in it" : "of one in the cache")}{(isChecked ? ", checked" : "")}";
            bool atOnce = ExpectTold(cache, () => pool.Free(element), SlabFault.DoubleFree, what);
            if ((isReserved || isChecked) && (!atOnce || pool.Outstanding != 0))
            {
                throw new StressException($"{what}: told {(atOnce ? "at once" : "by Shrink")}, and {pool.Outstanding} elements are out.");
            }
        }

        Crew.Destroy(cache);
    }

    /// <summary>A bad pointer and a destructor's exception, found by one Shrink: both come out, one after the other.</summary>
    private static void LoseNoException(Worker worker, SlabRuntime runtime)
    {
        worker.Journal.Note("has a Shrink find two things");
        KmemCache cache = runtime.CreateCache<ulong, ThrowingLife>("thrown", new SlabCacheOptions { Checked = false });
        nint address = cache.Alloc();
        cache.Free(address);
        cache.Free(address + 4);
        ThrowingLife.Throws = true;
        int bad = 0, thrown = 0;
        bool isAll = false;
        for (int i = 0; i < 40 && !isAll; i++)
        {
            try
            {
                cache.Shrink();
                isAll = true; // each object's destructor threw: so many calls tell it, and one how many were not kept
            }
            catch (SlabException error) when (error.Fault == SlabFault.InteriorPointer)
            {
                bad++;
            }
            catch (PlannedException)
            {
                thrown++;
            }
            catch (InvalidOperationException error) when (error.Message.Contains("more errors", StringComparison.Ordinal))
            {
            }
        }

        ThrowingLife.Throws = false;
        if (bad != 1 || thrown == 0 || !isAll)
        {
            throw new StressException($"Shrink found a bad pointer and a destructor threw: {bad} times the first was told, {thrown} times the second.");
        }

        Crew.Destroy(cache);
    }

    /// <returns>Whether the call itself told it.</returns>
    private static bool ExpectTold(KmemCache cache, Action misuse, SlabFault fault, string what)
    {
        foreach (Action chance in (Action[])[misuse, () => cache.Shrink()])
        {
            try
            {
                chance();
            }
            catch (SlabException told) when (told.Fault == fault)
            {
                return chance == misuse;
            }
        }

        throw new StressException($"{what} was not told, neither at once nor by Shrink.");
    }

    private sealed class ThrowingLife : ISlabLife<ulong>
    {
        public static bool Throws { get; set; }

        public static bool Construct(ref ulong value) => true;

        public static void Destruct(ref ulong value)
        {
            if (Throws)
            {
                throw new PlannedException(Throwing.Destructor);
            }
        }
    }
}
