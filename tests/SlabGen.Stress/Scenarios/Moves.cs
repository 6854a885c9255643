namespace SlabGen.Stress.Scenarios;

/// <summary>Objects that move while their owners use them, with moves that throw, refuse, and find the object gone.</summary>
internal sealed class Moves : Scenario
{
    private const int Size = 64;

    public override string Name => "moves";

    public override void Run(Crew crew)
    {
        KmemCache[] caches =
        [
            crew.Runtime.CreateCache(crew.NameOf("plain"), Size, new SlabCacheOptions { MagazineRounds = 7, DepotBytes = 8 * 7 * Size, ReuseDistanceBytes = 0 }),
            crew.Runtime.CreateCache(crew.NameOf("large"), 3000),
        ];
        foreach (KmemCache cache in caches)
        {
            Places[] all = [.. Enumerable.Range(0, Math.Max(1, crew.Threads / 2)).Select(number => new Places(cache, number))];
            cache.SetMove((from, to) => Move(all, from, to));
            foreach (Places places in all)
            {
                crew.Start(worker => places.Work(worker));
            }
        }

        crew.Start(worker => Consolidate(worker, caches));
        crew.Start(worker => Consolidate(worker, caches));
        crew.Join();
        Array.ForEach(caches, Crew.Destroy);
    }

    private static void Consolidate(Worker worker, KmemCache[] caches)
    {
        while (!worker.IsOver)
        {
            KmemCache cache = caches[worker.Random.Next(caches.Length)];
            worker.Journal.Note("consolidates", cache.Name);
            try
            {
                cache.Consolidate();
            }
            catch (Exception error) when (Planned.InConsolidate(error))
            {
            }

            Thread.Sleep(worker.Random.Next(3));
        }
    }

    private static unsafe SlabMoveReply Move(Places[] all, nint from, nint to)
    {
        Throwing.Perhaps(Throwing.Move);
        ulong first = *(ulong*)from; // of any object, perhaps a free one
        return all[(first >> 32) % (uint)all.Length].Move(from, to);
    }

    /// <summary>The objects of one worker. The first word of each says whose it is and at which place; a place is the one reference to its object.</summary>
    private sealed unsafe class Places(KmemCache cache, int number)
    {
        private readonly Lock _lock = new();
        private readonly nint[] _places = new nint[2000];

        public void Work(Worker worker)
        {
            while (!worker.IsOver)
            {
                bool fill = worker.OneIn(3); // mostly sparse
                int start = worker.Random.Next(_places.Length), count = worker.Random.Next(_places.Length / 2);
                for (int i = 0; i < count && !worker.IsOver; i++)
                {
                    int place = (start + i) % _places.Length;
                    if (fill || worker.OneIn(20))
                    {
                        Fill(worker, place);
                    }
                    else
                    {
                        Clear(worker, place);
                    }
                }
            }

            for (int place = 0; place < _places.Length; place++)
            {
                Clear(worker, place);
            }
        }

        public SlabMoveReply Move(nint from, nint to)
        {
            lock (_lock)
            {
                int place = (int)(*(ulong*)from & 0xffffffff);
                if ((uint)place >= (uint)_places.Length || _places[place] != from)
                {
                    return SlabMoveReply.DontKnow;
                }

                if (place % 50 == 0)
                {
                    return place % 100 == 0 ? SlabMoveReply.No : SlabMoveReply.Later;
                }

                Stamp.Check(from, cache.ObjectSize, StampOf(place), cache.Name);
                Stamp.Write(to, cache.ObjectSize, StampOf(place));
                Stamp.WriteFreed(from, cache.ObjectSize);
                _places[place] = to;
                return SlabMoveReply.Yes;
            }
        }

        private void Fill(Worker worker, int place)
        {
            if (_places[place] != 0)
            {
                return;
            }

            worker.Journal.Note("allocates", cache.Name);
            try
            {
                if (!cache.TryAlloc(out nint address))
                {
                    return;
                }

                lock (_lock)
                {
                    Stamp.Write(address, cache.ObjectSize, StampOf(place));
                    _places[place] = address;
                }
            }
            catch (Exception error) when (Planned.InReclaim(error))
            {
            }
        }

        private void Clear(Worker worker, int place)
        {
            nint address;
            lock (_lock)
            {
                address = _places[place];
                _places[place] = 0;
                if (address != 0)
                {
                    Stamp.Check(address, cache.ObjectSize, StampOf(place), cache.Name);
                }
            }

            if (address != 0)
            {
                worker.Journal.Note("frees", cache.Name, address);
                try
                {
                    cache.Free(address);
                }
                catch (Exception error) when (Planned.InConsolidate(error))
                {
                    // The object is freed; a move threw in the background, and a slow call of its cache tells.
                }
            }
        }

        private ulong StampOf(int place) => ((ulong)(uint)number << 32) | (uint)place;
    }
}
