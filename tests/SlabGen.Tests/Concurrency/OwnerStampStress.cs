using System.Runtime.CompilerServices;
using SlabGen.CompilerServices;

namespace SlabGen.Tests.Concurrency;

/// <summary>
/// Proves that no object has two owners and none is lost while threads come and go, free what others allocated, and a
/// revoker takes everything back in a loop. Catches what the model leaves out: a JIT that hoists the read of
/// <c>_low</c>, a wait state that does not prove what it should, a bug in the depot or in the retirement of dead threads.
/// </summary>
public class OwnerStampStress
{
    private const int Size = 64, Workers = 3, SharedSlots = 64;

    [Fact]
    public void No_object_has_two_owners_on_the_generated_path()
    {
        var runtime = new SlabRuntime(new SlabRuntimeOptions { MemoryLimit = 1 << 26 });
        GeneratedPath.Cache = runtime.CreateCache("stamped", Size, new SlabCacheOptions { MagazineRounds = 3, DepotBytes = 8 * 3 * Size, ReuseDistanceBytes = 0 });
        Stress<GeneratedPath>(GeneratedPath.Cache, new OwnerStamps(runtime, Size));
        TestRuntime.CheckHealth(runtime);
        runtime.Dispose(); // throws when an object is live
    }

    [Fact]
    public void No_object_has_two_owners_on_the_path_of_caches_made_by_hand()
    {
        var runtime = new SlabRuntime(new SlabRuntimeOptions { MemoryLimit = 1 << 26 });
        HandMadePath.Cache = runtime.CreateCache("stamped", Size);
        Stress<HandMadePath>(HandMadePath.Cache, new OwnerStamps(runtime, Size));
        TestRuntime.CheckHealth(runtime);
        runtime.Dispose();
    }

    private static void Stress<TPath>(KmemCache cache, OwnerStamps stamps)
        where TPath : struct, IPath
    {
        var threads = new TestThreads();
        var shared = new Entry[SharedSlots];
        long deadline = Environment.TickCount64 + ((long)TestThreads.StressTime.TotalMilliseconds / 2); // there are two such tests
        bool Over() => Environment.TickCount64 >= deadline || threads.HasFailed;

        // Each lane is a chain of threads: one works for a while, starts its successor, hands its objects over, and dies.
        long operations = 0, revocations = 0;
        int seeds = 0;
        void Lane(Entry[] mine)
        {
            int seed = Interlocked.Increment(ref seeds);
            var random = new Random(seed);
            long owner = (long)seed << 40, done = 0;
            for (int rounds = random.Next(10, 4000); rounds > 0 && !Over(); rounds--)
            {
                if (random.Next(100) == 0)
                {
                    lock (shared) // often a wait, in which the revoker sees the owner outside
                    {
                        for (int i = 0; i < 4; i++)
                        {
                            ref Entry theirs = ref shared[random.Next(SharedSlots)], own = ref mine[random.Next(mine.Length)];
                            (theirs, own) = (own, theirs);
                        }
                    }
                }

                // A burst in one loop: where the owner mostly is when a revocation hits it.
                int burst = random.Next(1, mine.Length);
                for (int repeat = 0; repeat < 8; repeat++)
                {
                    for (int i = 0; i < burst; i++)
                    {
                        if (mine[i].Address != 0)
                        {
                            Free<TPath>(stamps, ref mine[i]);
                        }
                        else
                        {
                            mine[i] = Alloc<TPath>(stamps, owner += Size);
                        }
                    }
                }

                done += 8 * burst;
            }

            Interlocked.Add(ref operations, done);
            if (!Over())
            {
                threads.Start(() => Lane(mine));
                return;
            }

            FreeAll<TPath>(stamps, mine);
        }

        for (int i = 0; i < Workers; i++)
        {
            threads.Start(() => Lane(new Entry[24]));
        }

        threads.Start(() =>
        {
            for (var random = new Random(1); !Over(); revocations++)
            {
                cache.Shrink();
                Thread.SpinWait(random.Next(2000)); // time to fill a magazine again
            }
        });

        threads.WaitUntil(Over, "the end of the stress");
        threads.Join();
        FreeAll<TPath>(stamps, shared);

        TestContext.Current.SendDiagnosticMessage("{0} operations, {1} threads, {2} revocations", operations, seeds, revocations);
        Assert.True(operations > 10_000 && revocations > 100 && seeds > Workers, "The stress did not stress.");
        Assert.Equal(0, cache.Snapshot().LiveObjects);
        Assert.False(cache.Shrink(), cache.Snapshot().ToString());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Entry Alloc<TPath>(OwnerStamps stamps, long owner)
        where TPath : struct, IPath
    {
        var entry = new Entry(TPath.Alloc(), owner);
        stamps.Claim(entry.Address, owner);
        return entry;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Free<TPath>(OwnerStamps stamps, ref Entry entry)
        where TPath : struct, IPath
    {
        stamps.Release(entry.Address, entry.Owner);
        TPath.Free(entry.Address);
        entry = default;
    }

    private static void FreeAll<TPath>(OwnerStamps stamps, Entry[] entries)
        where TPath : struct, IPath
    {
        for (int i = 0; i < entries.Length; i++)
        {
            if (entries[i].Address != 0)
            {
                Free<TPath>(stamps, ref entries[i]);
            }
        }
    }

    private readonly record struct Entry(nint Address, long Owner);

    private interface IPath
    {
        static abstract nint Alloc();

        static abstract void Free(nint address);
    }

    /// <summary>What the generator writes: a thread-static slot, the fast path inlined, the slow path behind it.</summary>
    private readonly struct GeneratedPath : IPath
    {
        [ThreadStatic]
        private static ThreadCache? t_cache;

        public static KmemCache Cache { get; set; } = null!;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static nint Alloc()
        {
            ThreadCache? cache = t_cache;
            return cache is not null && cache.TryAlloc(out nint address) ? address : Cache.AllocSlow(ref t_cache);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Free(nint address)
        {
            ThreadCache? cache = t_cache;
            if (cache is null || !cache.TryFree(address))
            {
                Cache.FreeSlow(ref t_cache, address);
            }
        }
    }

    private readonly struct HandMadePath : IPath
    {
        public static KmemCache Cache { get; set; } = null!;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static nint Alloc() => Cache.Alloc();

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Free(nint address) => Cache.Free(address);
    }
}
