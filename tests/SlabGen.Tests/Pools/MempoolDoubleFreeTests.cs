using SlabGen.Tests.Concurrency;

#pragma warning disable xUnit1051 // calls without a token are what is tested

namespace SlabGen.Tests.Pools;

/// <summary>An element that is freed twice is never the reserve's and somebody else's at once, in either mode.</summary>
public sealed class MempoolDoubleFreeTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_element_that_filled_the_reserve_cannot_be_freed_again(bool isChecked)
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64, isChecked);
        KmemCache cache = runtime.CreateCache("o", 64, new SlabCacheOptions { MaxObjects = 2 });
        using var pool = new Mempool(cache, 1);
        nint first = pool.Alloc(), second = pool.Alloc(); // the second is of the reserve
        Assert.Equal(0, pool.Count);
        pool.Free(first);
        Assert.True(pool.IsSaturated);
        Assert.Equal(SlabFault.DoubleFree, Assert.Throws<SlabException>(() => pool.Free(first)).Fault);
        Assert.Equal(1, pool.Outstanding);

        // Nobody has what the reserve has.
        Assert.False(cache.TryAlloc(out _));
        pool.Free(second);
        nint[] all = [pool.Alloc(), pool.Alloc()];
        Assert.Equal(2, all.Distinct().Count());
        Array.ForEach(all, pool.Free);
        TestRuntime.CheckHealth(runtime);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_element_that_went_to_the_cache_does_not_come_into_the_reserve(bool deferred)
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache("o", 64, new SlabCacheOptions { MaxObjects = 2 });
        using var pool = new Mempool(cache, 1);
        using var freed = new ManualResetEvent(false);
        using var done = new ManualResetEvent(false);
        nint element = pool.Alloc();
        var other = new Thread(() =>
        {
            if (deferred)
            {
                using RcuReadScope reading = Rcu.Read();
                cache.FreeDeferred(element);
                freed.Set();
                done.WaitOne();
            }
            else
            {
                pool.Free(element); // into this thread's magazine
                freed.Set();
                done.WaitOne();
            }
        });
        other.Start();
        freed.WaitOne();
        Assert.True(pool.TryAlloc(out nint reserved)); // which leaves other threads' magazines alone
        Assert.Equal(0, pool.Count);
        Assert.NotEqual(element, reserved);
        Assert.Equal(SlabFault.DoubleFree, Assert.Throws<SlabException>(() => pool.Free(element)).Fault);
        Assert.Equal(0, pool.Count);
        pool.Free(reserved);
        Assert.Equal(1, pool.Count);
        done.Set();
        other.Join();
        Rcu.Barrier();
    }

    [Fact]
    public async Task An_element_that_lies_in_a_magazine_is_not_given_to_a_waiter()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache("o", 64, new SlabCacheOptions { MaxObjects = 2 });
        using var pool = new Mempool(cache, 1) { RetryInterval = TimeSpan.FromHours(1) };
        nint first = pool.Alloc(), second = pool.Alloc();
        ValueTask<nint> waiter = pool.AllocAsync(TestContext.Current.CancellationToken);
        cache.Free(first); // past the pool, and so into a magazine
        Assert.Equal(SlabFault.DoubleFree, Assert.Throws<SlabException>(() => pool.Free(first)).Fault);
        Assert.False(waiter.IsCompleted);
        pool.Free(second);
        Assert.Equal(second, await waiter);
        pool.Free(second);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void With_a_full_reserve_no_more_is_freed_than_was_taken(bool byAnotherThread)
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache("o", 64);
        using var pool = new Mempool(cache, 1, "pool");
        nint element = pool.Alloc();
        Assert.True(pool.IsSaturated);
        pool.Free(element);
        SlabException? error = null;
        void FreeAgain() => error = Assert.Throws<SlabException>(() => pool.Free(element));
        if (byAnotherThread)
        {
            var threads = new TestThreads();
            threads.Start(FreeAgain);
            threads.Join();
            Assert.Contains("Mempool 'pool'", error!.Message, StringComparison.Ordinal);
        }
        else
        {
            FreeAgain();
        }

        Assert.Equal((SlabFault.DoubleFree, element), (error!.Fault, error.Address));
        Assert.Equal(0, pool.Outstanding);
        CheckOneOwnerEach(pool);
        TestRuntime.CheckHealth(runtime);
    }

    [Theory]
    [InlineData(SlabZeroing.None)]
    [InlineData(SlabZeroing.OnAlloc)] // whose thread caches lie in other slots
    public void With_a_full_reserve_and_others_out_a_second_free_by_the_thread_is_found(SlabZeroing zeroing)
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache("o", 64, new SlabCacheOptions { Zeroing = zeroing });
        using var pool = new Mempool(cache, 1);
        nint element = pool.Alloc(), other = pool.Alloc();
        pool.Free(element);
        Assert.Equal(SlabFault.DoubleFree, Assert.Throws<SlabException>(() => pool.Free(element)).Fault);
        Assert.Equal(1, pool.Outstanding);
        CheckOneOwnerEach(pool);
        pool.Free(other);
        Assert.Equal(0, pool.Outstanding);
        TestRuntime.CheckHealth(runtime);
    }

    [Fact]
    public void What_was_never_taken_from_the_pool_is_refused_while_none_is_out()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache("o", 64);
        using var pool = new Mempool(cache, 1);
        nint element = cache.Alloc();
        Assert.Equal(SlabFault.DoubleFree, Assert.Throws<SlabException>(() => pool.Free(element)).Fault);
        Assert.Equal(0, pool.Outstanding);
        cache.Free(element);
    }

    private static void CheckOneOwnerEach(Mempool pool)
    {
        nint[] taken = [pool.Alloc(), pool.Alloc(), pool.Alloc(), pool.Alloc()];
        Assert.Equal(taken.Length, taken.Distinct().Count());
        Array.ForEach(taken, pool.Free);
    }
}
