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
        using var runtime = new SlabRuntime();
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
        using var runtime = new SlabRuntime();
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
        using var runtime = new SlabRuntime();
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

    [Fact]
    public void Every_thread_has_bins_of_its_own()
    {
        using var runtime = new SlabRuntime();
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
