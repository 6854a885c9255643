using System.Runtime.InteropServices;

namespace SlabGen.Tests.Concurrency;

/// <summary>
/// Proves that memory comes back from threads which nobody can wake: pool threads without work, threads in native code,
/// threads that compute. Of living caches at <c>Shrink</c>, of destroyed ones also by the background. Catches what made
/// servers grow: a slab for each thread of each cache that was ever made.
/// </summary>
public sealed partial class RestingThreadsKeepNothing
{
    private const int Caches = 60, Size = 1000, Objects = 300;

    public RestingThreadsKeepNothing() => Assert.SkipUnless(OperatingSystem.IsLinux(), "Elsewhere nobody tells that a thread sleeps in native code.");

    [Fact]
    public void Pool_threads_keep_nothing_of_living_caches()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(65536);
        KmemCache[] caches = Make(runtime);
        for (int round = 0; round < 3; round++)
        {
            using var done = new CountdownEvent(8);
            for (int i = 0; i < 8; i++)
            {
                ThreadPool.UnsafeQueueUserWorkItem(_ =>
                {
                    Use(caches);
                    done.Signal();
                }, null);
            }

            done.Wait(TestContext.Current.CancellationToken);
        }

        AssertShrinksToNothing(runtime);
    }

    [Fact]
    public void Threads_in_native_waits_keep_nothing_of_living_caches()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(131072);
        KmemCache[] caches = Make(runtime);
        using var waiters = new NativeWaiters(32, () => Use(caches));
        AssertShrinksToNothing(runtime);
    }

    /// <summary>Catches a proof for each cache and thread by itself: then some caches have luck each time, and most of the memory stays.</summary>
    [Fact]
    public void Threads_that_sleep_for_moments_only_keep_nothing_of_living_caches()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(65536);
        KmemCache[] caches = Make(runtime);
        var threads = new TestThreads();
        int used = 0;
        bool end = false;
        for (int i = 0; i < 8; i++)
        {
            threads.Start(() =>
            {
                Use(caches);
                Interlocked.Increment(ref used);
                while (!Volatile.Read(ref end))
                {
                    _ = SleepFor(50);
                }
            });
        }

        threads.WaitUntil(() => Volatile.Read(ref used) == 8, "all have used the caches");
        Assert.True(runtime.CommittedBytes > 4 << 20, "Nothing is cached that could come back.");
        for (int i = 0; i < 4 && runtime.CommittedBytes > 0; i++)
        {
            runtime.Shrink();
        }

        Assert.InRange(runtime.CommittedBytes, 0, 1 << 20);
        Volatile.Write(ref end, true);
        threads.Join();
    }

    [Fact]
    public void Destroyed_caches_leave_nothing_with_pool_threads()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(65536);
        for (int i = 0; i < 200; i++)
        {
            KmemCache cache = runtime.CreateCache("short", Size);
            using var done = new ManualResetEvent(false);
            ThreadPool.UnsafeQueueUserWorkItem(_ =>
            {
                cache.Free(cache.Alloc());
                done.Set();
            }, null);
            done.WaitOne();
            Assert.True(cache.Destroy().IsClean);
        }

        AssertComesToNothing(runtime, runtime.Reclaim.Reap);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_destroyed_cache_leaves_nothing_with_a_thread_that_computes(bool isKmalloc)
    {
        using SlabRuntime runtime = TestRuntime.OfPages(4096);
        KmemCache? cache = isKmalloc ? null : runtime.CreateCache("short", Size);
        Kmalloc? kmalloc = isKmalloc ? runtime.CreateKmalloc("private") : null;
        bool used = false, end = false;
        var threads = new TestThreads();
        threads.Start(() =>
        {
            cache?.Free(cache.Alloc());
            kmalloc?.Free(kmalloc.Alloc(Size));
            Volatile.Write(ref used, true);
            while (!Volatile.Read(ref end))
            {
            }
        });
        threads.WaitUntil(() => Volatile.Read(ref used), "it has used the cache");
        Assert.True((cache?.Destroy() ?? kmalloc!.Destroy()).IsClean);
        AssertComesToNothing(runtime, runtime.Reclaim.Reap);
        Volatile.Write(ref end, true);
        threads.Join();
    }

    [Fact]
    public void A_destroyed_cache_is_collected_once_nothing_remains()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(4096);
        var weak = new WeakReference(null);
        var maker = new Thread(() => weak.Target = runtime.CreateCache("short", Size));
        maker.Start();
        maker.Join();
        using var waiters = new NativeWaiters(1, () => ((KmemCache)weak.Target!).Free(((KmemCache)weak.Target!).Alloc()));
        var ender = new Thread(() => ((KmemCache)weak.Target!).Destroy());
        ender.Start();
        ender.Join();
        AssertComesToNothing(runtime, () =>
        {
            runtime.Reclaim.Reap();
            GC.Collect();
        });
        Assert.True(SpinWait.SpinUntil(() =>
        {
            GC.Collect();
            return !weak.IsAlive;
        }, 60_000), "Something holds the destroyed cache.");
    }

    [Fact]
    public void All_objects_of_a_limit_can_be_had_while_threads_rest()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(1024);
        KmemCache cache = runtime.CreateCache("few", 64, new SlabCacheOptions { MaxObjects = 32 });
        using var waiters = new NativeWaiters(8, () => cache.Free(cache.Alloc()));
        var live = new List<nint>();
        long deadline = Environment.TickCount64 + 60_000;
        while (live.Count < 32 && Environment.TickCount64 < deadline) // a thread that is not there yet is asked again
        {
            if (cache.TryAlloc(out nint address))
            {
                live.Add(address);
            }
            else
            {
                Thread.Sleep(1);
            }
        }

        Assert.Equal(32, live.Count);
        Assert.False(cache.TryAlloc(out _));
        cache.FreeBulk([.. live]);
    }

    private static KmemCache[] Make(SlabRuntime runtime) => [.. Enumerable.Range(0, Caches).Select(i => runtime.CreateCache($"c{i}", Size))];

    private static void Use(KmemCache[] caches)
    {
        nint[] objects = new nint[Objects];
        foreach (KmemCache cache in caches)
        {
            for (int i = 0; i < Objects; i++)
            {
                objects[i] = cache.Alloc();
            }

            Array.ForEach(objects, cache.Free);
        }
    }

    private static void AssertShrinksToNothing(SlabRuntime runtime)
    {
        Assert.True(runtime.CommittedBytes > 4 << 20, "Nothing is cached that could come back.");
        AssertComesToNothing(runtime, () => runtime.Shrink());
    }

    /// <summary>Again and again, until those threads that are not at rest yet are.</summary>
    private static void AssertComesToNothing(SlabRuntime runtime, Action giveBack)
    {
        long deadline = Environment.TickCount64 + 60_000;
        do
        {
            giveBack();
            Thread.Sleep(20);
        }
        while (runtime.CommittedBytes > 0 && Environment.TickCount64 < deadline);

        Assert.Equal(0, runtime.CommittedBytes);
    }

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int Poll(ref PollRequest request, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "usleep")]
    private static partial int SleepFor(uint microseconds);

    private struct PollRequest
    {
        public int File;
        public short Events, Returned;
    }

    /// <summary>Threads that use caches once, and then wait in native code until the end of the test.</summary>
    private sealed class NativeWaiters : IDisposable
    {
        private readonly System.IO.Pipes.AnonymousPipeServerStream _end = new();
        private readonly TestThreads _threads = new();

        public NativeWaiters(int count, Action use)
        {
            int waiting = 0;
            for (int i = 0; i < count; i++)
            {
                _threads.Start(() =>
                {
                    use();
                    Interlocked.Increment(ref waiting);
                    var request = new PollRequest { File = (int)_end.ClientSafePipeHandle.DangerousGetHandle(), Events = 1 };
                    _ = Poll(ref request, 1, 60_000);
                });
            }

            _threads.WaitUntil(() => Volatile.Read(ref waiting) == count, "all wait");
        }

        public void Dispose()
        {
            _end.WriteByte(1);
            _threads.Join();
            _end.Dispose();
        }
    }
}
