using SlabGen.Tests.Concurrency;

#pragma warning disable xUnit1051 // calls without a token are what is tested

namespace SlabGen.Tests.Pools;

/// <summary>A pool's elements are taken in the kernel's order, come back to who waits first, and none is lost.</summary>
public sealed class MempoolTests
{
    private static readonly TimeSpan s_never = TimeSpan.FromHours(1);

    [Fact]
    public void OfADisposedPool_TheTaskFails_NotTheCall()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache("o", 64);
        var pool = new Mempool(cache, 1);
        pool.Dispose();
        ValueTask<nint> task = pool.AllocAsync();
        Assert.True(task.IsFaulted);
        Assert.IsType<ObjectDisposedException>(task.AsTask().Exception!.InnerException);
    }

    [Fact]
    public void TheCacheComesFirst_ThenTheReserve_ThenReclaim_ThenTheWait()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        runtime.Background.Dispose(); // a request that fails wakes it, and it would reclaim beside this thread
        KmemCache cache = runtime.CreateCache<long>("o"), other = runtime.CreateCache("other", 512);
        using var pool = new Mempool(cache, 3);
        Assert.Equal((3, 3, true, 0), (pool.Minimum, pool.Count, pool.IsSaturated, pool.Outstanding));
        nint first = pool.Alloc();
        Assert.Equal((3, 1), (pool.Count, pool.Outstanding));

        // Without memory, but with something to reclaim.
        nint[] spare = new nint[50];
        other.AllocBulk(spare);
        other.FreeBulk(spare);
        List<nint> live = FillWithoutReclaim(cache);
        nint[] reserved = [pool.Alloc(), pool.Alloc(), pool.Alloc()];
        Assert.True(other.Snapshot().Bytes > 0, "the reserve is taken before anything is reclaimed");
        Assert.Equal((0, false), (pool.Count, pool.IsSaturated));
        Assert.False(pool.TryAlloc(out nint none));
        Assert.Equal(0, none);
        Assert.True(other.Snapshot().Bytes > 0);
        nint reclaimed = pool.Alloc();
        Assert.Equal(0, other.Snapshot().Bytes);
        live.AddRange(Caches.GfpTests.Fill(cache));
        Assert.Equal(5, pool.Outstanding);
        Assert.Equal(live.Count + 5, live.Concat(reserved).Append(first).Append(reclaimed).Distinct().Count());

        var error = Assert.Throws<TimeoutException>(() => pool.Alloc(TimeSpan.Zero));
        Assert.Contains("'o'", error.Message, StringComparison.Ordinal);
        Assert.Contains("5 are out; its minimum is 3", error.Message, StringComparison.Ordinal);

        // A free refills the reserve first.
        pool.Free(first);
        Assert.Equal((1, 4), (pool.Count, pool.Outstanding));
        Assert.True(pool.TryAlloc(out nint again));
        Assert.Equal(first, again);
        foreach (nint element in reserved.Append(again).Append(reclaimed))
        {
            pool.Free(element);
        }

        Assert.Equal((3, 0), (pool.Count, pool.Outstanding));
        cache.FreeBulk([.. live]);
        Assert.Equal(3, cache.Snapshot().LiveObjects);
    }

    [Fact]
    public async Task Waiters_AreServedFirstInFirstOut_WhetherTheyBlockOrNot()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = Exhausted(runtime, out Mempool pool, out List<nint> live);
        using Mempool disposed = pool;
        nint[] held = [pool.Alloc(), pool.Alloc()];
        var threads = new TestThreads();
        nint[] got = new nint[4];
        var tasks = new List<Task<nint>>();
        for (int i = 0; i < 4; i++)
        {
            int number = i;
            if (i % 2 == 0)
            {
                tasks.Add(pool.AllocAsync().AsTask());
            }
            else
            {
                threads.Start(() => got[number] = pool.Alloc(s_never));
            }

            threads.WaitUntil(() => pool.Waiters == number + 1, "it is in the queue");
        }

        Assert.True(pool.LongestWait >= TimeSpan.Zero);
        pool.Free(held[0]);
        Assert.Equal(held[0], await tasks[0]);
        Assert.Equal(3, pool.Waiters);
        pool.Free(held[1]);
        threads.WaitUntil(() => Volatile.Read(ref got[1]) == held[1], "the second has the second");
        Assert.False(tasks[1].IsCompleted);
        pool.Free(held[0]);
        Assert.Equal(held[0], await tasks[1]);
        Assert.Equal(0, Volatile.Read(ref got[3]));
        pool.Free(held[0]);
        threads.Join();
        Assert.Equal((held[0], 0, TimeSpan.Zero), (got[3], pool.Waiters, pool.LongestWait));
        Assert.Equal(2, pool.Outstanding);
        pool.Free(held[0]);
        pool.Free(held[1]);
        cache.FreeBulk([.. live]);
    }

    [Fact]
    public async Task Cancellation_AndTimeout_LeaveTheQueue_AndLoseNothing()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = Exhausted(runtime, out Mempool pool, out List<nint> live);
        using Mempool disposed = pool;
        nint[] held = [pool.Alloc(), pool.Alloc()];
        using var cancelled = new CancellationTokenSource();
        Task<nint> waiting = pool.AllocAsync(cancelled.Token).AsTask(), behind = pool.AllocAsync().AsTask();
        var threads = new TestThreads();
        threads.Start(() => Assert.ThrowsAny<OperationCanceledException>(() => pool.Alloc(cancelled.Token)));
        threads.WaitUntil(() => pool.Waiters == 3, "all wait");
        Assert.Throws<TimeoutException>(() => pool.Alloc(TimeSpan.FromMilliseconds(20)));
        Assert.Equal(3, pool.Waiters);
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        threads.Join();
        Assert.Equal(1, pool.Waiters);
        pool.Free(held[0]);
        Assert.Equal(held[0], await behind);
        Assert.ThrowsAny<OperationCanceledException>(() => pool.Alloc(cancelled.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await pool.AllocAsync(cancelled.Token));
        pool.Free(held[0]);
        pool.Free(held[1]);
        Assert.Equal((2, 0), (pool.Count, pool.Outstanding));
        cache.FreeBulk([.. live]);
    }

    [Fact]
    public void AnInterruptedWaiter_LeavesTheQueue()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = Exhausted(runtime, out Mempool pool, out List<nint> live);
        using Mempool disposed = pool;
        nint[] held = [pool.Alloc(), pool.Alloc()];
        var threads = new TestThreads();
        Thread waiter = threads.Start(() => Assert.Throws<ThreadInterruptedException>(() => pool.Alloc()));
        threads.WaitUntil(() => pool.Waiters == 1, "it waits");
        waiter.Interrupt();
        threads.Join();
        Assert.Equal(0, pool.Waiters);
        pool.Free(held[0]);
        pool.Free(held[1]);
        cache.FreeBulk([.. live]);
    }

    [Fact]
    public async Task AWaiter_AlsoFindsWhatOthersFreeToTheCache()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache<long>("o", new SlabCacheOptions { MaxObjects = 4 });
        using var pool = new Mempool(cache, 1) { RetryInterval = TimeSpan.FromMilliseconds(20) };
        nint[] live = [pool.Alloc(), pool.Alloc(), pool.Alloc(), pool.Alloc()];
        Task<nint> waiting = pool.AllocAsync().AsTask();
        Assert.Equal(1, pool.Waiters);
        cache.Free(live[3]);
        Assert.Equal(live[3], await waiting);
        Assert.Equal(0, pool.Waiters);
        nint late = 0;
        var threads = new TestThreads();
        threads.Start(() => late = pool.Alloc());
        threads.WaitUntil(() => pool.Waiters == 1, "it waits");
        cache.Free(live[3]);
        threads.Join();
        Assert.Equal(live[3], late);
        foreach (nint element in live)
        {
            pool.Free(element);
        }

        Assert.Equal(2, pool.Outstanding); // so many were freed to the cache, behind the pool's back
    }

    [Fact]
    public async Task Resize_FillsAtOnce_ServesWhoWaits_AndGivesTheRestBack()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache<long>("o", new SlabCacheOptions { MaxObjects = 10 });
        using var pool = new Mempool(cache, 2);
        pool.Resize(8);
        Assert.Equal((8, 8), (pool.Minimum, pool.Count));
        Assert.Throws<OutOfMemoryException>(() => pool.Resize(11));
        Assert.Equal((8, 8), (pool.Minimum, pool.Count));
        pool.Resize(3);
        Assert.Equal((3, 3, 3), (pool.Minimum, pool.Count, cache.Snapshot().LiveObjects));

        nint[] all = new nint[7];
        cache.AllocBulk(all);
        nint[] held = [pool.Alloc(), pool.Alloc(), pool.Alloc()];
        Task<nint> waiting = pool.AllocAsync().AsTask();
        cache.FreeBulk(all.AsSpan(0, 2));
        pool.Resize(5);
        Assert.Contains(await waiting, all[..2]);
        Assert.Equal((1, 5, 4), (pool.Count, pool.Minimum, pool.Outstanding));
        Assert.Throws<ArgumentOutOfRangeException>(() => pool.Resize(0));
        foreach (nint element in held)
        {
            pool.Free(element);
        }

        Assert.Equal(4, pool.Count);
        pool.Free(await waiting);
        Assert.True(pool.IsSaturated);
        cache.FreeBulk(all.AsSpan(2));
    }

    [Fact]
    public async Task Dispose_EndsTheWait_AndElementsThatAreOutCanStillBeFreed()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = Exhausted(runtime, out Mempool pool, out List<nint> live);
        nint[] held = [pool.Alloc(), pool.Alloc()];
        var threads = new TestThreads();
        threads.Start(() => Assert.Throws<ObjectDisposedException>(() => pool.Alloc()));
        Task<nint> waiting = pool.AllocAsync().AsTask();
        threads.WaitUntil(() => pool.Waiters == 2, "both wait");
        pool.Dispose();
        pool.Dispose();
        Assert.Equal(2, pool.Outstanding);
        Assert.Throws<ObjectDisposedException>(() => pool.Alloc());
        Assert.Throws<ObjectDisposedException>(() => pool.TryAlloc(out _));
        Assert.Throws<ObjectDisposedException>(() => pool.Resize(3));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
        threads.Join();
        pool.Free(held[0]);
        pool.Free(held[1]);
        Assert.Equal(0, pool.Outstanding);
        cache.FreeBulk([.. live]);
        Assert.Equal(0, cache.Snapshot().LiveObjects);
    }

    [Fact]
    public void ABadPointer_IsRefused_BeforeItReachesTheReserve()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = Exhausted(runtime, out Mempool pool, out List<nint> live), other = runtime.CreateCache<long>("other");
        using Mempool disposed = pool;
        nint[] held = [pool.Alloc(), pool.Alloc()];
        Assert.Equal(SlabFault.NullPointer, Assert.Throws<SlabException>(() => pool.Free(0)).Fault);
        Assert.Equal(SlabFault.ForeignPointer, Assert.Throws<SlabException>(() => pool.Free(4096)).Fault);
        Assert.Equal(SlabFault.InteriorPointer, Assert.Throws<SlabException>(() => pool.Free(held[0] + 4)).Fault);
        pool.Free(held[0]);
        Assert.Equal(SlabFault.DoubleFree, Assert.Throws<SlabException>(() => pool.Free(held[0])).Fault);
        pool.Free(held[1]);
        Assert.Equal((2, 0), (pool.Count, pool.Outstanding));
        Assert.Equal(SlabFault.NullPointer, Assert.Throws<SlabException>(() => pool.Free(0)).Fault);
        cache.FreeBulk([.. live]);
        GC.KeepAlive(other);
    }

    [Fact]
    public void AConstructor_IsPermitted_AndWhatItMadeStays()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache<long, Life>("o", new SlabCacheOptions { MaxObjects = 4 });
        using var pool = new Mempool<long>(cache, 2);
        SlabPtr<long>[] elements = [pool.Alloc(), pool.Alloc(), pool.Alloc(), pool.Alloc()];
        Assert.All(elements, element => Assert.Equal(Life.Mark, element.Value));
        Assert.False(pool.TryAlloc(out SlabPtr<long> none));
        Assert.True(none.IsNull);
        foreach (SlabPtr<long> element in elements)
        {
            pool.Free(element);
        }

        Assert.True(pool.Untyped.IsSaturated);
    }

    [Fact]
    public async Task TheTypedPool_WaitsAsWell()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        using var pool = new Mempool<long>(runtime.CreateCache<long>("o", new SlabCacheOptions { MaxObjects = 1 }), 1, "mine");
        SlabPtr<long> element = await pool.AllocAsync();
        Assert.Contains("'mine'", Assert.Throws<TimeoutException>(() => pool.Alloc(TimeSpan.Zero)).Message, StringComparison.Ordinal);
        ValueTask<SlabPtr<long>> waiting = pool.AllocAsync();
        Assert.False(waiting.IsCompleted);
        pool.Free(element);
        Assert.Equal(element, await waiting);
        pool.Free(element);
    }

    [Fact]
    public void ABadPointer_IsNotCounted()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache("o", 64);
        using var pool = new Mempool(cache, 2);
        Assert.Throws<SlabException>(() => pool.Free(0x12345));
        Assert.Equal(0, pool.Outstanding);
        nint element = pool.Alloc();
        Assert.Equal(1, pool.Outstanding);
        pool.Free(element);
    }

    [Fact]
    public void BadArguments()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache<int>("o");
        Assert.Throws<ArgumentNullException>(() => new Mempool(null!, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Mempool(cache, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Mempool(cache, -1));
        Assert.Throws<OutOfMemoryException>(() => new Mempool(cache, int.MaxValue));
        Assert.Throws<ArgumentNullException>(() => new Mempool<int>(null!, 1));
        Assert.Contains("'o'", Assert.Throws<ArgumentException>(() => new Mempool<decimal>(cache, 1)).Message, StringComparison.Ordinal);
        Assert.Equal(0, cache.Snapshot().LiveObjects);
        using var pool = new Mempool(cache, 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => pool.Alloc(TimeSpan.FromTicks(-2)));
        cache = runtime.CreateCache<int>("gone");
        cache.Destroy();
        Assert.Throws<ObjectDisposedException>(() => new Mempool(cache, 1));
    }

    /// <summary>A cache without a free object, and a pool of two that has both in reserve.</summary>
    private static KmemCache Exhausted(SlabRuntime runtime, out Mempool pool, out List<nint> live)
    {
        KmemCache cache = runtime.CreateCache<long>("o", new SlabCacheOptions { MaxObjects = 100 });
        pool = new Mempool(cache, 2) { RetryInterval = s_never };
        live = FillWithoutReclaim(cache);
        return cache;
    }

    private static List<nint> FillWithoutReclaim(KmemCache cache)
    {
        var live = new List<nint>();
        while (cache.TryAlloc(GfpFlags.NoWait, out nint address))
        {
            live.Add(address);
        }

        return live;
    }

    private sealed class Life : ISlabLife<long>
    {
        public const long Mark = 0x5eed;

        public static bool Construct(ref long value)
        {
            value = Mark;
            return true;
        }

        public static void Destruct(ref long value)
        {
        }
    }
}
