namespace SlabGen.Tests.Concurrency;

/// <summary>
/// Threads whose context runs users' code in every wait of theirs, and allocates and frees there from the same cache: no wait of the
/// allocator lets it, and no object has two owners.
/// </summary>
public sealed class WaitsRunUsersCode
{
    [Fact]
    public void No_wait_of_the_allocator_runs_the_code_of_a_context()
    {
        const int Size = 64;
        using SlabRuntime runtime = TestRuntime.OfPages(16384);

        // Tiny magazines and no depot: the slow path at nearly every call. Every other thread takes thousands at once, and holds the list lock
        // so long that the others, which hold their gates, wait for it in the kernel. A thread that shrinks holds the gates.
        KmemCache cache = runtime.CreateCache("waits", Size, new SlabCacheOptions { MagazineRounds = 2, DepotBytes = 256 });
        var stamps = new OwnerStamps(runtime, Size);
        bool stop = false;
        var threads = new TestThreads();
        int calls = 0;
        threads.Start(() =>
        {
            while (!Volatile.Read(ref stop))
            {
                cache.Shrink();
            }
        });
        for (int i = 0; i < 16; i++)
        {
            long owner = (i + 1L) << 32;
            bool takesMany = i % 2 == 0;
            threads.Start(() =>
            {
                var context = new AllocatingContext(cache, stamps, owner);
                SynchronizationContext.SetSynchronizationContext(context);
                var live = new Queue<(nint Address, long Owner)>();
                for (long turn = 0; !Volatile.Read(ref stop) && !threads.HasFailed; turn++)
                {
                    if (takesMany)
                    {
                        nint[] many = new nint[3000];
                        cache.AllocBulk(many);
                        Array.ForEach(many, address => stamps.Claim(address, owner));
                        Array.ForEach(many, address => stamps.Release(address, owner));
                        cache.FreeBulk(many);
                        continue;
                    }

                    for (int n = 0; n < 40; n++)
                    {
                        nint address = cache.Alloc();
                        long mine = owner | (turn & 0xffff) | 1;
                        stamps.Claim(address, mine);
                        live.Enqueue((address, mine));
                    }

                    while (live.TryDequeue(out (nint Address, long Owner) oldest))
                    {
                        stamps.Release(oldest.Address, oldest.Owner);
                        cache.Free(oldest.Address);
                    }
                }

                Interlocked.Add(ref calls, context.Calls);
            });
        }

        for (long end = Environment.TickCount64 + 2000; Environment.TickCount64 < end && !threads.HasFailed;)
        {
            Thread.Sleep(10);
        }

        Volatile.Write(ref stop, true);
        threads.Join();
        Assert.Equal(0, calls);
        Assert.Equal(0, cache.Snapshot().LiveObjects);
        Assert.Equal(0, cache.Validate().Violations);
    }

    private sealed class AllocatingContext : SynchronizationContext
    {
        private readonly KmemCache _cache;
        private readonly OwnerStamps _stamps;
        private readonly long _owner;
        private bool _inside;

        public AllocatingContext(KmemCache cache, OwnerStamps stamps, long owner)
        {
            (_cache, _stamps, _owner) = (cache, stamps, owner);
            SetWaitNotificationRequired();
        }

        public int Calls { get; private set; }

        public override int Wait(IntPtr[] waitHandles, bool waitAll, int millisecondsTimeout)
        {
            Calls++;
            if (!_inside)
            {
                _inside = true;
                long mine = _owner | 0x10000 | 1;
                nint first = _cache.Alloc(), second = _cache.Alloc(), third = _cache.Alloc();
                _stamps.Claim(first, mine);
                _stamps.Claim(second, mine);
                _stamps.Claim(third, mine);
                _stamps.Release(first, mine);
                _cache.Free(first);
                _stamps.Release(second, mine);
                _cache.Free(second);
                _stamps.Release(third, mine);
                _cache.Free(third);
                _inside = false;
            }

            return WaitHelper(waitHandles, waitAll, millisecondsTimeout);
        }
    }
}
