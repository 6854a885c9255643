using SlabGen.CompilerServices;
using SlabGen.Magazines;

namespace SlabGen.Tests.Magazines;

/// <summary>Proves that the bins of a thread last as long as anyone may look at them, and no longer. Catches a bin with two thread caches.</summary>
public sealed class ThreadBinsTests
{
    [Fact]
    public void A_bin_of_zeros_is_shut()
    {
        ThreadBin bin = default;
        Assert.False(bin.TryAlloc(out nint address));
        Assert.Equal(0, address);
        Assert.False(bin.TryFree(0x1000));
        Assert.Equal(0, bin.Top);
    }

    [Fact]
    public void A_dead_threads_bins_go_with_its_last_magazine()
    {
        using SlabRuntime runtime = TestRuntime.AsUsual();
        ThreadBins? bins = null;
        OnThread(() =>
        {
            runtime.Kmalloc.Free(runtime.Kmalloc.Alloc(64));
            runtime.Kmalloc.Free(runtime.Kmalloc.Alloc(500));
            bins = OwnerThread.Current.TryGetBins();
            Assert.True(bins!.IsMapped);
        });

        for (int i = 0; i < 100 && bins!.IsMapped; i++)
        {
            GC.Collect(); // a dead thread's magazines come home
            GC.WaitForPendingFinalizers();
        }

        Assert.False(bins!.IsMapped);
    }

    [Fact]
    public void A_kept_local_may_be_asked_after_its_threads_end()
    {
        using SlabRuntime runtime = TestRuntime.AsUsual();
        Kmalloc.KeptLocal? kept = null;
        OnThread(() =>
        {
            kept = runtime.Kmalloc.KeepLocal();
            kept.Free(kept.Alloc(64));
        });
        for (int i = 0; i < 3; i++)
        {
            runtime.Shrink();
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.Throws<InvalidOperationException>(() => kept!.Alloc(64));
        nint block = runtime.Kmalloc.Alloc(64);
        Assert.Throws<InvalidOperationException>(() => kept!.Free(block));
        runtime.Kmalloc.Free(block);
    }

    [Fact]
    public void An_id_that_is_used_again_finds_no_block_of_the_cache_before()
    {
        using SlabRuntime runtime = TestRuntime.AsUsual();
        var ids = new HashSet<int>();
        int again = 0;
        for (int i = 0; i < 50; i++)
        {
            Kmalloc mine = runtime.CreateKmalloc($"again{i}");
            again += ids.Add(Named(runtime, $"again{i}-64").Id) ? 0 : 1;
            nint[] blocks = new nint[200];
            for (int n = 0; n < blocks.Length; n++)
            {
                blocks[n] = mine.Alloc(64);
                Assert.Same(Named(runtime, $"again{i}-64"), runtime.Describe(blocks[n]).Cache);
            }

            foreach (nint block in blocks)
            {
                mine.Free(block);
            }

            Assert.Equal(0, mine.Destroy().LiveObjects);
        }

        Assert.True(again > 10, $"Only {again} of 50 instances had an id that was used before: the test shows nothing.");
    }

    /// <summary>It would shut the bin of the cache that has the id now, behind that cache's back.</summary>
    [Fact]
    public void A_destroyed_instance_takes_no_bin_of_the_one_that_has_its_ids()
    {
        using SlabRuntime runtime = TestRuntime.AsUsual();
        Kmalloc before = runtime.CreateKmalloc("before");
        before.Free(before.Alloc(64));
        before.Destroy();
        Kmalloc after = runtime.CreateKmalloc("after");
        nint block = after.Alloc(64);
        ThreadCache mine = ThreadSlots.Peek(Named(runtime, "after-64").Id)!;
        Assert.True(mine.IsOpen);
        Assert.Throws<ObjectDisposedException>(() => before.Alloc(64));
        Assert.True(mine.IsOpen);
        after.Free(block);
        Assert.Equal(0, after.Destroy().LiveObjects);
    }

    /// <summary>An operation in flight may be about to put something into it: who searches for memory must not call it settled.</summary>
    [Fact]
    public void An_empty_magazine_of_a_running_thread_counts_as_left()
    {
        using SlabRuntime runtime = TestRuntime.AsUsual();
        KmemCache cache = runtime.CreateCache("empty", 64, new SlabCacheOptions { MagazineRounds = 1 });
        nint taken = 0;
        bool go = false;
        var thread = new Thread(() =>
        {
            Volatile.Write(ref taken, cache.Alloc());
            while (!Volatile.Read(ref go))
            {
                Thread.SpinWait(10);
            }
        });
        thread.Start();
        SpinWait.SpinUntil(() => Volatile.Read(ref taken) != 0);
        var atWork = new HashSet<OwnerThread>();
        cache.Magazines.Drain(close: false, out long left, atWork);
        Volatile.Write(ref go, true);
        thread.Join();
        cache.Free(taken);
        Assert.Equal((1, 1), (left, atWork.Count));
    }

    [Fact]
    public void Every_thread_has_bins_of_its_own()
    {
        using SlabRuntime runtime = TestRuntime.AsUsual();
        nint here = runtime.Kmalloc.Alloc(64);
        runtime.Kmalloc.Free(here);
        OnThread(() =>
        {
            nint there = runtime.Kmalloc.Alloc(64);
            Assert.NotEqual(here, there);
            runtime.Kmalloc.Free(there);
        });
        Assert.Equal(here, runtime.Kmalloc.Alloc(64));
        runtime.Kmalloc.Free(here);
    }

    private static KmemCache Named(SlabRuntime runtime, string name) => runtime.Caches.Single(cache => cache.Name == name);

    private static void OnThread(Action action)
    {
        Exception? thrown = null;
        var thread = new Thread(() =>
        {
            try
            {
                action();
            }
            catch (Exception failure)
            {
                thrown = failure;
            }
        });
        thread.Start();
        thread.Join();
        Assert.Null(thrown);
    }
}
