using System.Collections.Concurrent;

namespace SlabGen.Stress.Scenarios;

/// <summary>Shrinkers of users who keep what they can do without: some throw, some register and leave while they are called.</summary>
internal sealed class Hoards : Scenario
{
    public override string Name => "hoards";

    public override void Run(Crew crew)
    {
        KmemCache cache = crew.Runtime.CreateCache(crew.NameOf("kept"), 1000, new SlabCacheOptions { Reclaimable = true });
        Hoard[] hoards = [.. Enumerable.Range(0, 3).Select(number => new Hoard(crew.NameOf($"{number}"), cache, crew.Round))];
        Array.ForEach(hoards, crew.Runtime.Shrinkers.Register);
        crew.StartAll(worker =>
        {
            while (!worker.IsOver)
            {
                hoards[worker.Random.Next(hoards.Length)].Keep(worker);
            }
        });
        crew.Start(worker =>
        {
            while (!worker.IsOver)
            {
                Hoard hoard = hoards[worker.Random.Next(hoards.Length)];
                worker.Journal.Note("unregisters", hoard.Name);
                crew.Runtime.Shrinkers.Unregister(hoard);
                hoard.ExpectQuiet();
                Thread.Sleep(worker.Random.Next(4));
                hoard.Resume();
                crew.Runtime.Shrinkers.Register(hoard);
                Thread.Sleep(worker.Random.Next(20));
            }
        });
        crew.Join();
        foreach (Hoard hoard in hoards)
        {
            crew.Runtime.Shrinkers.Unregister(hoard);
            hoard.FreeAll();
        }

        Crew.Destroy(cache);
    }

    /// <summary>Objects, the oldest first, each stamped with its own address.</summary>
    private sealed class Hoard(string name, KmemCache cache, Round round) : Shrinker(name)
    {
        private readonly ConcurrentQueue<nint> _kept = new();
        private int _isOut;

        public void Keep(Worker worker)
        {
            worker.Journal.Note("allocates", cache.Name);
            try
            {
                nint address = cache.Alloc();
                Stamp.Write(address, cache.ObjectSize, (ulong)address);
                _kept.Enqueue(address);
            }
            catch (Exception error) when (Planned.InAlloc(error))
            {
                FreeOne(); // as a user would
            }

            if ((long)_kept.Count * cache.ObjectSize > round.Runtime.MemoryLimit / 2)
            {
                Thread.Sleep(1);
            }
        }

        /// <summary>Nobody calls it from now on.</summary>
        public void ExpectQuiet() => Volatile.Write(ref _isOut, 1);

        public void Resume() => Volatile.Write(ref _isOut, 0);

        public void FreeAll()
        {
            while (FreeOne())
            {
            }
        }

        protected internal override long CountObjects(in ShrinkControl control)
        {
            Check();
            Throwing.Perhaps(Throwing.Shrinker);
            return Called(() => _kept.Count);
        }

        protected internal override long ScanObjects(ref ShrinkControl control)
        {
            Check();
            long toScan = control.ToScan;
            long result = Called(() =>
            {
                long freed = 0;
                for (; freed < toScan && FreeOne(); freed++)
                {
                }

                return freed;
            });
            Throwing.Perhaps(Throwing.Shrinker);
            return result;
        }

        /// <summary>The queue may wait, and the thread that needs memory may be one that is interrupted: that is this shrinker's exception, not the runtime's.</summary>
        private static long Called(Func<long> body)
        {
            try
            {
                return body();
            }
            catch (ThreadInterruptedException)
            {
                throw new PlannedException(Throwing.Shrinker);
            }
        }

        private bool FreeOne()
        {
            if (!_kept.TryDequeue(out nint address))
            {
                return false;
            }

            Stamp.Check(address, cache.ObjectSize, (ulong)address, cache.Name);
            Stamp.WriteFreed(address, cache.ObjectSize);
            cache.Free(address);
            return true;
        }

        private void Check()
        {
            if (Volatile.Read(ref _isOut) != 0)
            {
                throw new StressException($"Shrinker '{Name}' was called after Unregister had returned.");
            }
        }
    }
}
