using SlabGen.Memory;
using SlabGen.Tests.Concurrency;

namespace SlabGen.Tests.Caches;

/// <summary>At the limit of an account or a runtime a request is refused at once, without garbage, while nothing came back; and whatever came back, to any of its caches, is found.</summary>
public sealed class ShortageTests
{
    private const long Limit = 256L * 4096;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Try_else_evict_makes_no_garbage_though_blocks_have_many_sizes(bool ofAccount)
    {
        using SlabRuntime runtime = TestRuntime.OfPages(ofAccount ? 4096 : 512);
        Kmalloc kmalloc = runtime.CreateKmalloc("bounded", ofAccount ? new SlabAccount("bounded", Limit) : null);
        var random = new Random(7);
        var blocks = new Queue<nint>(100_000);
        (double ns, long bytes) = BoundedCacheTests.Measure(() =>
        {
            nint block;
            while (!kmalloc.TryAlloc((nuint)random.Next(1, 4000), out block))
            {
                kmalloc.Free(blocks.Dequeue());
            }

            blocks.Enqueue(block);
            return true;
        });
        long refused = kmalloc.Snapshot().FailedAllocations;
        TestContext.Current.TestOutputHelper?.WriteLine($"{ns:F0} ns and {bytes} bytes of garbage for a block, {refused} refusals");
        Assert.True(refused > 1000);

        // At first magazines go home. Thereafter only where a pause of the machine ended the shortage.
        Assert.InRange(bytes, 0, refused * 10);
        foreach (nint block in blocks)
        {
            kmalloc.Free(block);
        }

        Assert.True(kmalloc.Destroy().IsClean);
        Assert.Equal(0, kmalloc.Account?.Used ?? 0);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(150)]
    public void What_comes_back_to_another_cache_of_a_full_runtime_is_found(int pause)
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        KmemCache small = runtime.CreateCache("small", 64), large = runtime.CreateCache("large", 1024);
        List<nint> others = GfpTests.Fill(large);
        int all = others.Count;
        for (int round = 0; round < 3; round++)
        {
            Assert.False(small.TryAlloc(out _));
            Thread.Sleep(pause);
            others.ForEach(large.Free);
            List<nint> live = GfpTests.Fill(small);
            Assert.False(large.TryAlloc(out _));
            Thread.Sleep(pause);
            TestThreads.Run(3, thread =>
            {
                for (int i = thread; i < live.Count; i += 3)
                {
                    small.Free(live[i]);
                }
            });
            others = GfpTests.Fill(large);
            Assert.InRange(others.Count, all - (all / 16), all + (all / 16)); // what describes slabs takes some
        }

        others.ForEach(large.Free);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(150)] // the shortage is over by then: what is freed goes into magazines again
    public void What_comes_back_to_another_cache_is_found_by_the_next_request(int pause)
    {
        using SlabRuntime runtime = TestRuntime.OfPages(1024);
        var options = new SlabCacheOptions { Account = new SlabAccount("shared", 16L * Page.Size) };
        KmemCache small = runtime.CreateCache("small", 64, options), large = runtime.CreateCache("large", 1024, options);
        List<nint> live = GfpTests.Fill(small);
        for (int round = 0; round < 3; round++)
        {
            Assert.False(large.TryAlloc(out _));
            Assert.False(large.TryAlloc(out _));
            Thread.Sleep(pause);
            if (round == 0)
            {
                live.ForEach(small.Free);
            }
            else if (round == 1)
            {
                small.FreeBulk([.. live]);
            }
            else
            {
                TestThreads.Run(3, thread =>
                {
                    for (int i = thread; i < live.Count; i += 3)
                    {
                        small.Free(live[i]);
                    }
                });
            }

            List<nint> others = GfpTests.Fill(large);
            Assert.Equal(16L * Page.Size, large.Snapshot().Bytes);
            Assert.False(small.TryAlloc(out _));
            Thread.Sleep(pause);
            others.ForEach(large.Free);
            live = GfpTests.Fill(small);
            Assert.Equal(16L * Page.Size, small.Snapshot().Bytes);
        }

        small.FreeBulk([.. live]);
    }

    [Fact]
    public void What_was_left_with_a_thread_at_work_is_asked_for_again()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(1024);
        var options = new SlabCacheOptions { Account = new SlabAccount("shared", Page.Size) };
        KmemCache small = runtime.CreateCache("small", 64, options), large = runtime.CreateCache("large", 1024, options);
        using var owner = new AtWork(small); // its one object keeps the one slab that there may be
        bool first = large.TryAlloc(out nint block);
        owner.Rest();
        for (int i = 0; !first && i < 1000 && !large.TryAlloc(out block); i++)
        {
            Thread.Sleep(1);
        }

        Assert.NotEqual(0, block);
        large.Free(block);
    }

    [Fact]
    public void Threads_that_fight_for_an_account_lose_nothing_of_it()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(4096);
        Kmalloc kmalloc = runtime.CreateKmalloc("fought-for", new SlabAccount("fought-for", Limit));
        var threads = new TestThreads();
        long until = Environment.TickCount64 + ((long)TestThreads.StressTime.TotalMilliseconds / 2);
        for (int i = 0; i < 4; i++)
        {
            int seed = i;
            threads.Start(() =>
            {
                var random = new Random(seed);
                var blocks = new Queue<nint>();
                while (Environment.TickCount64 < until)
                {
                    nint block;
                    for (int size = random.Next(1, 9000); !kmalloc.TryAlloc((nuint)size, out block);)
                    {
                        if (!blocks.TryDequeue(out nint oldest))
                        {
                            break; // the others have it all
                        }

                        kmalloc.Free(oldest);
                    }

                    if (block != 0)
                    {
                        blocks.Enqueue(block);
                    }

                    if (random.Next(5000) == 0)
                    {
                        Thread.Sleep(120); // the shortage may end
                    }
                }

                while (blocks.TryDequeue(out nint block))
                {
                    kmalloc.Free(block);
                }
            });
        }

        threads.Join();
        TestRuntime.CheckHealth(runtime);
        Assert.True(kmalloc.TryAlloc((nuint)Limit, out nint all), kmalloc.Account!.ToString()); // nothing of it is lost
        kmalloc.Free(all);
        Assert.Equal(0, kmalloc.Account!.Used);
        Assert.True(kmalloc.Destroy().IsClean);
    }
}
