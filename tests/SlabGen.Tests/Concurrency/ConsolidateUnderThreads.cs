using SlabGen.Tests.Generated;

namespace SlabGen.Tests.Concurrency;

/// <summary>
/// Proves that objects can be moved while other threads allocate and free in the same cache: none is lost, has two owners or
/// other contents. Catches a slab that is unmapped under a callback, an object that is handed out while it is moved, and a
/// free that meets a move.
/// </summary>
public class ConsolidateUnderThreads
{
    private const int Size = 64, Workers = 2;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void NoObjectIsLost(bool isChecked)
    {
        using var runtime = new SlabRuntime(new SlabRuntimeOptions { MemoryLimit = 1 << 26, ReapInterval = Timeout.InfiniteTimeSpan, Pressure = TestRuntime.NoPressure });
        KmemCache cache = runtime.CreateCache("moved", Size, new SlabCacheOptions { MagazineRounds = 7, DepotBytes = 8 * 7 * Size, ReuseDistanceBytes = 0, Checked = isChecked });
        Places[] places = [.. Enumerable.Range(0, Workers).Select(number => new Places(cache, number))];
        int refusals = 0;
        cache.SetMove((from, to) =>
        {
            long stamp = new SlabPtr<long>(from).Value;
            if (refusals++ % 100 == 99)
            {
                throw new FormatException("move");
            }

            return places[(uint)(stamp >> 32) % Workers].Move(from, to);
        });

        var threads = new TestThreads();
        long deadline = Environment.TickCount64 + ((long)TestThreads.StressTime.TotalMilliseconds / 2); // there are two such tests
        bool Over() => Environment.TickCount64 >= deadline || threads.HasFailed;
        foreach (Places mine in places)
        {
            threads.Start(() => mine.Work(Over));
        }

        long moved = 0, released = 0, thrown = 0;
        threads.Start(() =>
        {
            while (!Over())
            {
                try
                {
                    SlabConsolidation done = cache.Consolidate();
                    moved += done.ObjectsMoved;
                    released += done.SlabsDiscarded;
                }
                catch (FormatException)
                {
                    thrown++;
                }
            }
        });
        threads.WaitUntil(Over, "the end of the stress");
        threads.Join();

        Array.ForEach(places, p => p.FreeAll());
        TestContext.Current.SendDiagnosticMessage("{0} moved, {1} slabs released, {2} exceptions, {3} known to nobody", moved, released, thrown, places.Sum(p => p.Unknown));
        Assert.True(moved > 1000 && released > 20 && thrown > 0, $"The stress did not stress: {moved} moved, {released} slabs, {thrown} exceptions.");
        Assert.Equal(0, cache.Snapshot().LiveObjects);
        Assert.False(cache.Shrink(), cache.Snapshot().ToString());
    }

    /// <summary>
    /// The objects of one thread. Each bears its owner and its place over its whole size; a place is the one reference to its
    /// object, and a lock guards both, but not the calls to the cache: there the object is nobody's.
    /// </summary>
    private sealed class Places(KmemCache cache, int number)
    {
        private readonly Lock _lock = new();
        private readonly nint[] _places = new nint[4096];

        /// <summary>Objects that were asked for and are not known.</summary>
        public int Unknown { get; private set; }

        public void Work(Func<bool> over)
        {
            for (var random = new Random(number); !over();)
            {
                bool fill = random.Next(3) == 0; // mostly sparse
                int start = random.Next(_places.Length), count = random.Next(_places.Length / 2);
                for (int i = 0; i < count; i++)
                {
                    int place = (start + i) % _places.Length;
                    if (fill || random.Next(20) == 0)
                    {
                        Fill(place);
                    }
                    else
                    {
                        Clear(place);
                    }
                }
            }
        }

        public SlabMoveReply Move(nint from, nint to)
        {
            lock (_lock)
            {
                int place = (int)Words(from)[0];
                if ((uint)place >= (uint)_places.Length || _places[place] != from)
                {
                    Unknown++;
                    return SlabMoveReply.DontKnow;
                }

                Check(place, from);
                Words(from).CopyTo(Words(to));
                Words(from).Fill(-1);
                _places[place] = to;
                return place % 50 == 0 ? Undo(place, from, to) : SlabMoveReply.Yes;
            }
        }

        public void FreeAll()
        {
            for (int place = 0; place < _places.Length; place++)
            {
                Clear(place);
            }
        }

        /// <summary>Some stay where they are after all.</summary>
        private SlabMoveReply Undo(int place, nint from, nint to)
        {
            Words(to).CopyTo(Words(from));
            Words(to).Fill(-1);
            _places[place] = from;
            return place % 100 == 0 ? SlabMoveReply.No : SlabMoveReply.Later;
        }

        private void Fill(int place)
        {
            if (_places[place] == 0)
            {
                nint address = cache.Alloc();
                lock (_lock)
                {
                    Words(address).Fill(((long)number << 32) | (uint)place);
                    _places[place] = address;
                }
            }
        }

        private void Clear(int place)
        {
            nint address;
            lock (_lock)
            {
                address = _places[place];
                _places[place] = 0;
                if (address != 0)
                {
                    Check(place, address);
                }
            }

            if (address != 0)
            {
                cache.Free(address);
            }
        }

        private void Check(int place, nint address)
        {
            if (Words(address).ContainsAnyExcept(((long)number << 32) | (uint)place))
            {
                throw new InvalidOperationException($"The object of place {place} at 0x{address:x} was overwritten.");
            }
        }

        private static unsafe Span<long> Words(nint address) => new((void*)address, Size / sizeof(long));
    }
}
