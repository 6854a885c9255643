namespace SlabGen.Stress.Scenarios;

/// <summary>
/// RCU: what a reader found in a section does not change while the section lasts, however it is freed: deferred, after Synchronize, by Call. Of a
/// cache with TypeSafeByRcu it may become another object, but it stays one of the cache.
/// </summary>
internal sealed class Readers : Scenario
{
    private const int Size = 104; // of the objects that no reader may see changed

    public override string Name => "readers";

    public override void Run(Crew crew)
    {
        KmemCache plain = crew.Runtime.CreateCache(crew.NameOf("plain"), Size);
        KmemCache typed = crew.Runtime.CreateCache<Words8, PatternLife<Words8>>(crew.NameOf("typed"), new SlabCacheOptions { TypeSafeByRcu = true });
        nint[] slots = new nint[16], typedSlots = new nint[16];
        for (int i = 0; i < Math.Max(2, crew.Threads); i++)
        {
            bool reads = i % 2 == 0;
            crew.Start(worker =>
            {
                while (!worker.IsOver)
                {
                    if (reads)
                    {
                        Read(worker, slots, typedSlots);
                    }
                    else
                    {
                        Replace(worker, plain, slots);
                        ReplaceTyped(worker, typed, typedSlots);
                    }
                }
            });
        }

        crew.Join();
        Array.ForEach([.. slots.Where(address => address != 0)], plain.Free);
        foreach (nint address in typedSlots.Where(address => address != 0))
        {
            FreeTyped(typed, address, deferred: false);
        }

        Rcu.Barrier();
        Crew.Destroy(plain);
        Crew.Destroy(typed);
    }

    private static unsafe void Read(Worker worker, nint[] slots, nint[] typedSlots)
    {
        worker.Journal.Note("reads");
        using RcuReadScope section = Rcu.Read();
        nint address = Volatile.Read(ref slots[worker.Random.Next(slots.Length)]), typed = Volatile.Read(ref typedSlots[worker.Random.Next(slots.Length)]);
        ulong stamp = address == 0 ? 0 : *(ulong*)address;
        for (int i = worker.Random.Next(20); i >= 0; i--)
        {
            if (address != 0)
            {
                Stamp.Check(address, Size, stamp, "read-side section");
            }

            if (typed != 0)
            {
                Pattern.Check(Pattern.Words(typed, 64)[1..], "read-side section of a cache with TypeSafeByRcu"); // the first word is the owner's
            }

            if (worker.OneIn(10))
            {
                Thread.Yield();
            }
        }
    }

    private static void Replace(Worker worker, KmemCache cache, nint[] slots)
    {
        worker.Journal.Note("replaces", cache.Name);
        nint address;
        try
        {
            if (!cache.TryAlloc(out address))
            {
                return;
            }
        }
        catch (Exception error) when (Planned.InReclaim(error))
        {
            return;
        }

        Stamp.Write(address, Size, worker.NewStamp());
        nint before = Interlocked.Exchange(ref slots[worker.Random.Next(slots.Length)], address);
        if (before == 0)
        {
            return;
        }

        worker.Journal.Note("frees", cache.Name, before);
        switch (worker.Random.Next(6))
        {
            case 0:
                Rcu.Synchronize();
                Stamp.WriteFreed(before, Size);
                cache.Free(before);
                break;
            case 1:
                Rcu.Call(() => FreeCalled(worker, cache, before));
                break;
            default:
                cache.FreeDeferred(before);
                break;
        }
    }

    /// <summary>An exception of a callback would be told to whoever waits for callbacks: it is this worker's.</summary>
    private static void FreeCalled(Worker worker, KmemCache cache, nint address)
    {
        try
        {
            Stamp.WriteFreed(address, Size);
            cache.Free(address);
        }
        catch (Exception error)
        {
            worker.Crew.Round.Fail(worker.Journal, error);
        }
    }

    private static unsafe void ReplaceTyped(Worker worker, KmemCache cache, nint[] slots)
    {
        worker.Journal.Note("replaces", cache.Name);
        nint address;
        try
        {
            if (!cache.TryAlloc(out address))
            {
                return;
            }
        }
        catch (Exception error) when (Planned.InReclaim(error))
        {
            return;
        }

        Pattern.Check(Pattern.Words(address, 64), cache.Name);
        *(ulong*)address = worker.NewStamp();
        nint before = Interlocked.Exchange(ref slots[worker.Random.Next(slots.Length)], address);
        if (before != 0)
        {
            FreeTyped(cache, before, worker.OneIn(3));
        }
    }

    private static void FreeTyped(KmemCache cache, nint address, bool deferred)
    {
        Pattern.Write(Pattern.Words(address, 64)[..1]);
        try
        {
            if (deferred)
            {
                cache.FreeDeferred(address);
            }
            else
            {
                cache.Free(address);
            }
        }
        catch (Exception error) when (Planned.InFree(error))
        {
        }
    }
}
