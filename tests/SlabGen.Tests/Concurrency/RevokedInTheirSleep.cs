using System.Runtime.InteropServices;
using SlabGen.Tests.Generated;

namespace SlabGen.Tests.Concurrency;

/// <summary>
/// Proves that no object has two owners while a revoker believes what the kernel says of threads that sleep in native code, wake
/// at random moments, and use the cache at once; beside threads that never rest, and that collections park anywhere. Catches a
/// sleep that proves nothing: one that is over by the time it is believed, or one in a signal handler.
/// </summary>
public sealed partial class RevokedInTheirSleep
{
    private const int Size = 64, Sleepers = 4, Runners = 2, Most = 24;

    [Fact]
    public void No_object_has_two_owners()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The native sleep is Linux's.");
        SlabRuntime runtime = TestRuntime.OfPages(4096);
        KmemCache cache = runtime.CreateCache("stamped", Size, new SlabCacheOptions { MagazineRounds = 5, DepotBytes = 0 });
        var stamps = new OwnerStamps(runtime, Size);
        var threads = new TestThreads();
        long deadline = Environment.TickCount64 + ((long)TestThreads.StressTime.TotalMilliseconds / 2);
        bool Over() => Environment.TickCount64 >= deadline || threads.HasFailed;

        long sleeps = 0, revocations = 0, taken = 0;
        for (int number = 1; number <= Sleepers + Runners; number++)
        {
            int mine = number;
            threads.Start(() =>
            {
                var random = new Random(mine);
                while (!Over())
                {
                    if (mine <= Sleepers)
                    {
                        Use(cache, stamps, (long)mine << 40, random.Next(1, Most));
                        _ = Sleep((uint)random.Next(300));
                        Interlocked.Increment(ref sleeps);
                        continue;
                    }

                    for (int i = 0; i < 1000; i++)
                    {
                        Use(cache, stamps, (long)mine << 40, 2);
                    }
                }
            });
        }

        threads.Start(() =>
        {
            while (!Over())
            {
                cache.Shrink();
                Interlocked.Increment(ref revocations);
                taken += cache.Snapshot().CachedObjects < Sleepers + Runners ? 1 : 0;
            }
        });
        threads.Start(() =>
        {
            while (!Over())
            {
                runtime.Reclaim.Reap();
                GC.Collect(0);
            }
        });
        threads.Join();

        Assert.True(sleeps > 100 && revocations > 10, $"{sleeps} sleeps and {revocations} revocations show nothing.");
        Assert.True(taken > 0, "No revocation ever took the last object of a sleeper.");
        Assert.Equal(0, cache.Snapshot().LiveObjects);
        TestRuntime.CheckHealth(runtime);
        Assert.False(cache.Shrink());
        runtime.Dispose();
    }

    private static void Use(KmemCache cache, OwnerStamps stamps, long owner, int count)
    {
        Span<nint> objects = stackalloc nint[Most];
        for (int i = 0; i < count; i++)
        {
            objects[i] = cache.Alloc();
            stamps.Claim(objects[i], owner + i);
        }

        for (int i = 0; i < count; i++)
        {
            stamps.Release(objects[i], owner + i);
            cache.Free(objects[i]);
        }
    }

    [LibraryImport("libc", EntryPoint = "usleep")]
    private static partial int Sleep(uint microseconds);
}
