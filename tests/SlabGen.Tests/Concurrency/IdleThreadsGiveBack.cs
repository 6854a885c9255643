using System.Runtime.InteropServices;

namespace SlabGen.Tests.Concurrency;

/// <summary>
/// Proves what revocation is for: memory that idle threads cache comes back without their help, all of it when they
/// wait, all but one object a thread when it cannot be known that they are outside of the allocator; and that they go on
/// correctly afterwards. Catches a revocation that takes too little, and one that leaves a thread cache in disorder.
/// </summary>
public partial class IdleThreadsGiveBack
{
    private const int Threads = 8, Size = 64, Objects = 300;

    [Theory]
    [InlineData("event")]
    [InlineData("sleep")]
    [InlineData("monitor")]
    [InlineData("lock")]
    public void Threads_in_a_managed_wait_give_back_everything(string wait)
    {
        using var go = new ManualResetEventSlim(false, spinCount: 0);
        var gate = new Lock();
        object monitor = new();
        gate.Enter();
        Check(mayKeep: 0, goOn: all =>
        {
            go.Set();
            gate.Exit();
            lock (monitor)
            {
                Monitor.PulseAll(monitor);
            }

            if (wait == "sleep")
            {
                Array.ForEach(all, thread => thread.Interrupt());
            }
        }, isIdle: thread => (thread.ThreadState & ThreadState.WaitSleepJoin) != 0, idle: () =>
        {
            switch (wait)
            {
                case "event":
                    go.Wait();
                    break;
                case "sleep":
                    try
                    {
                        Thread.Sleep(Timeout.Infinite);
                    }
                    catch (ThreadInterruptedException)
                    {
                    }

                    break;
                case "monitor":
                    lock (monitor)
                    {
                        if (!go.IsSet)
                        {
                            Monitor.Wait(monitor);
                        }
                    }

                    break;
                default:
                    lock (gate)
                    {
                    }

                    break;
            }
        });
    }

    [Fact]
    public void Threads_that_run_elsewhere_give_back_all_but_one_object_each()
    {
        bool go = false;
        Check(mayKeep: Threads, goOn: _ => Volatile.Write(ref go, true), isIdle: _ => true, idle: () =>
        {
            while (!Volatile.Read(ref go))
            {
                Thread.SpinWait(10);
            }
        });
    }

    [Fact]
    public void Threads_in_native_code_give_back_all_but_one_object_each()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The native sleep is Linux's.");
        bool go = false;
        Check(mayKeep: Threads, goOn: _ => Volatile.Write(ref go, true), isIdle: _ => true, idle: () =>
        {
            while (!Volatile.Read(ref go))
            {
                _ = Sleep(250_000);
            }
        });
    }

    private static void Check(int mayKeep, Action<Thread[]> goOn, Func<Thread, bool> isIdle, Action idle)
    {
        SlabRuntime runtime = TestRuntime.OfPages(4096);
        KmemCache cache = runtime.CreateCache("idle", Size);
        var stamps = new OwnerStamps(runtime, Size);
        var threads = new TestThreads();
        int idling = 0;
        Thread[] all = [.. Enumerable.Range(1, Threads).Select(number => threads.Start(() =>
        {
            Work(cache, stamps, number);
            Interlocked.Increment(ref idling);
            idle();
            for (int i = 0; i < 3; i++)
            {
                Work(cache, stamps, number);
            }
        }))];

        threads.WaitUntil(() => Volatile.Read(ref idling) == Threads && all.All(isIdle), "all threads are idle");
        Thread.Sleep(20); // those whose idleness cannot be seen get there
        CacheSnapshot before = cache.Snapshot();
        Assert.Equal(0, before.LiveObjects);
        Assert.True(before.CachedObjects > Threads * 16, "The threads cache nothing that could be taken back.");

        // At least twice: what one revocation left, the next must cope with. More often when a thread was not there yet.
        CacheSnapshot after = before;
        for (int i = 0; i < 2 || (i < 50 && after.CachedObjects > mayKeep); i++)
        {
            cache.Shrink();
            after = cache.Snapshot();
            Assert.Equal(0, after.LiveObjects);
            Thread.Sleep(1);
        }

        Assert.True(after.CachedObjects <= mayKeep, $"{after.CachedObjects} objects stay with {Threads} idle threads.");
        Assert.True(after.Slabs <= mayKeep, $"{after.Slabs} slabs stay.");

        goOn(all);
        threads.Join();
        Assert.Equal(0, cache.Snapshot().LiveObjects);
        Assert.False(cache.Shrink());
        runtime.Dispose();
    }

    /// <summary>Allocates many objects, by one and in bulk, makes sure that they are its own, and frees them.</summary>
    private static void Work(KmemCache cache, OwnerStamps stamps, int number)
    {
        nint[] objects = new nint[Objects];
        for (int i = 0; i < Objects / 2; i++)
        {
            objects[i] = cache.Alloc();
        }

        cache.AllocBulk(objects.AsSpan(Objects / 2));
        for (int i = 0; i < Objects; i++)
        {
            stamps.Claim(objects[i], ((long)number << 32) + i);
        }

        Thread.Yield();
        for (int i = 0; i < Objects; i++)
        {
            stamps.Release(objects[i], ((long)number << 32) + i);
            cache.Free(objects[i]);
        }
    }

    [LibraryImport("libc", EntryPoint = "usleep")]
    private static partial int Sleep(uint microseconds);
}
