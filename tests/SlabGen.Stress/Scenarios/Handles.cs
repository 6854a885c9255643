namespace SlabGen.Stress.Scenarios;

/// <summary>A live handle is never refused, a stale one is always found, and of two threads that free one object one succeeds.</summary>
internal sealed class Handles : Scenario
{
    private sealed class Shared(SlabHandle<Words8> handle)
    {
        public readonly SlabHandle<Words8> Handle = handle;
        public int Freed;
    }

    public override string Name => "handles";

    public override void Run(Crew crew)
    {
        SlabHandles<Words8>[] all =
        [
            new(crew.Runtime.CreateCache<Words8>(crew.NameOf("plain"))),
            new(crew.Runtime.CreateCache<Words8>(crew.NameOf("checked"), new SlabCacheOptions { Checked = true })),
        ];
        var shared = new Shared?[64];
        crew.StartAll(worker => Work(worker, all, shared));
        crew.Join();
        foreach (Shared last in shared.OfType<Shared>())
        {
            FreeShared(all[0], last);
        }

        Array.ForEach(all, handles => Crew.Destroy(handles.Cache));
        foreach (Shared last in shared.OfType<Shared>())
        {
            ExpectStale(last.Handle); // also behind its cache
        }
    }

    private static void Work(Worker worker, SlabHandles<Words8>[] all, Shared?[] shared)
    {
        var mine = new List<(SlabHandles<Words8> Of, SlabHandle<Words8> Handle, ulong Stamp)>();
        var stale = new Queue<SlabHandle<Words8>>();
        while (!worker.IsOver)
        {
            SlabHandles<Words8> handles = all[worker.Random.Next(all.Length)];
            switch (worker.Random.Next(8))
            {
                case < 3 when mine.Count < 2000:
                    if (TryAlloc(worker, handles, out SlabHandle<Words8> made))
                    {
                        ulong stamp = worker.NewStamp();
                        Stamp.Write(made.Address, 64, stamp);
                        mine.Add((handles, made, stamp));
                    }

                    break;
                case 3 when TryAlloc(worker, all[0], out SlabHandle<Words8> handle):
                    Shared? before = Interlocked.Exchange(ref shared[worker.Random.Next(shared.Length)], new Shared(handle));
                    if (before is not null)
                    {
                        FreeShared(all[0], before);
                    }

                    break;
                case 4:
                    // Others may do the same at this moment.
                    if (Volatile.Read(ref shared[worker.Random.Next(shared.Length)]) is { } any)
                    {
                        worker.Journal.Note("frees a shared one", "", any.Handle.Address);
                        FreeShared(all[0], any);
                        stale.Enqueue(any.Handle);
                    }

                    break;
                case < 7 when mine.Count > 0:
                    int index = worker.Random.Next(mine.Count);
                    (SlabHandles<Words8> of, SlabHandle<Words8> own, ulong owned) = mine[index];
                    worker.Journal.Note("checks and frees", of.Cache.Name, own.Address);
                    if (!own.IsLive || !of.Owns(own) || !own.TryGet(out SlabPtr<Words8> found))
                    {
                        throw new StressException($"{of.Cache.Name}: the live handle {own} at 0x{own.Address:x} is refused.");
                    }

                    Stamp.Check(found.Address, 64, owned, of.Cache.Name);
                    mine[index] = mine[^1];
                    mine.RemoveAt(mine.Count - 1);
                    of.Free(own);
                    stale.Enqueue(own);
                    break;
                default:
                    if (stale.Count > 500)
                    {
                        stale.Dequeue();
                    }

                    foreach (SlabHandle<Words8> gone in stale.Take(10))
                    {
                        ExpectStale(gone);
                        ExpectRefused(handles, gone);
                    }

                    break;
            }
        }

        mine.ForEach(own => own.Of.Free(own.Handle));
    }

    private static bool TryAlloc(Worker worker, SlabHandles<Words8> handles, out SlabHandle<Words8> handle)
    {
        worker.Journal.Note("allocates", handles.Cache.Name);
        try
        {
            return handles.TryAlloc(out handle);
        }
        catch (Exception error) when (Planned.InReclaim(error))
        {
            handle = default;
            return false;
        }
    }

    private static void FreeShared(SlabHandles<Words8> handles, Shared shared)
    {
        if (handles.TryRelease(shared.Handle, out SlabPtr<Words8> obj))
        {
            if (Interlocked.Exchange(ref shared.Freed, 1) != 0)
            {
                throw new StressException($"Two threads freed the object of the handle {shared.Handle} at 0x{shared.Handle.Address:x}.");
            }

            handles.Cache.Free(obj.Address);
        }
    }

    private static void ExpectStale(SlabHandle<Words8> handle)
    {
        if (handle.IsLive || handle.TryGet(out _))
        {
            throw new StressException($"The stale handle {handle} at 0x{handle.Address:x} is taken for live.");
        }
    }

    private static void ExpectRefused(SlabHandles<Words8> handles, SlabHandle<Words8> handle)
    {
        try
        {
            handles.Free(handle);
        }
        catch (SlabException refused) when (refused.Fault == SlabFault.StaleHandle)
        {
            return;
        }

        throw new StressException($"The stale handle {handle} at 0x{handle.Address:x} was freed again.");
    }
}
