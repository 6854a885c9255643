using SlabGen.Memory;
using SlabGen.Tests.Concurrency;

namespace SlabGen.Tests;

/// <summary>An instance of one's own shares no slab, can be limited and ended, and frees as kfree does.</summary>
public sealed class PrivateKmallocTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(100_000)]
    [InlineData(long.MaxValue)]
    public void OfADestroyedInstance_NoSizeCanBeHad(long size)
    {
        using SlabRuntime runtime = TestRuntime.OfPages(4096);
        Kmalloc instance = runtime.CreateKmalloc("gone");
        instance.Destroy();
        Assert.Throws<ObjectDisposedException>(() => instance.Alloc((nuint)size));
    }

    [Fact]
    public void Inside_a_read_side_section_it_is_not_destroyed_as_it_would_wait_for_that()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(4096);
        Kmalloc instance = runtime.CreateKmalloc("own");
        using (Rcu.Read())
        {
            Assert.Contains("'own'", Assert.Throws<InvalidOperationException>(instance.Destroy).Message, StringComparison.Ordinal);
            instance.FreeDeferred(instance.Alloc(100));
            Assert.Throws<InvalidOperationException>(instance.Destroy);
        }

        instance.Free(instance.Alloc(100)); // nothing was done
        Assert.True(instance.Destroy().IsClean);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)] // then its memory stays
    public void Of_a_disposed_runtime_no_size_can_be_had_and_nothing_is_said_of_slabs(bool leaks)
    {
        SlabRuntime runtime = TestRuntime.OfPages(4096);
        KmemCache cache = runtime.CreateCache("o", 64);
        var pool = new Mempool(cache, 1);
        nint element = pool.Alloc(TestContext.Current.CancellationToken);
        Kmalloc own = runtime.CreateKmalloc("own"), common = runtime.Kmalloc;
        if (!leaks)
        {
            pool.Free(element);
            pool.Dispose();
        }

        Record.Exception(runtime.Dispose);
        Assert.Equal(leaks, runtime.Report!.HasLeaks);
        foreach (nuint size in (nuint[])[0, 1, 100, 100_000, nuint.MaxValue])
        {
            Assert.Throws<ObjectDisposedException>(() => own.Alloc(size));
            Assert.Throws<ObjectDisposedException>(() => common.Alloc(size));
            Assert.Throws<ObjectDisposedException>(() => common.TryAlloc(size, out _));
            Assert.Throws<ObjectDisposedException>(() => common.AllocBulk(size, new nint[2]));
        }

        if (!leaks)
        {
            Assert.Contains("'o' was destroyed", Assert.Throws<ObjectDisposedException>(() => pool.Free(element)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void ABlockOfADestroyedInstance_IsNotReallocated_AndNoNewOneIsLost()
    {
        SlabRuntime runtime = TestRuntime.OfPages(4096);
        Kmalloc gone = runtime.CreateKmalloc("gone");
        nint block = gone.Alloc(100);
        Assert.False(gone.Destroy().IsClean);
        Assert.Throws<ObjectDisposedException>(() => runtime.Kmalloc.Realloc(block, 1000));
        Assert.All(runtime.Caches, cache => Assert.Equal(0, cache.Snapshot().LiveObjects));
        Assert.Contains("gone-112", Assert.Throws<InvalidOperationException>(runtime.Close).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ItsCachesAreItsOwn_AndBearItsName()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(1024);
        Kmalloc mine = runtime.CreateKmalloc("mine"), common = runtime.Kmalloc;
        Assert.Equal(("mine", "kmalloc"), (mine.Name, common.Name));
        Assert.Contains("mine-64", runtime.Caches.Select(c => c.Name));
        Assert.Contains("mine-8k", runtime.Caches.Select(c => c.Name));
        nint a = mine.Alloc(64), b = common.Alloc(64);
        Assert.Equal("mine-64", Owner(runtime, a));
        Assert.Equal("kmalloc-64", Owner(runtime, b));
        mine.Free(b); // by the page's cache
        common.Free(a);
        Assert.All(runtime.Caches, c => Assert.Equal(0, c.Snapshot().LiveObjects));
        nint large = mine.Alloc(100_000);
        Assert.InRange(mine.UsableSize(large), 100_000u, 110_000u);
        common.Free(large);
        mine.Free(common.Alloc(100_000));
        Assert.True(mine.Destroy().IsClean);
    }

    [Fact]
    public void Destroy_ReportsWhatIsLive_OfEverySize()
    {
        SlabRuntime runtime = TestRuntime.OfPages(4096);
        Kmalloc mine = runtime.CreateKmalloc("mine");
        nint[] live = [mine.Alloc(10), mine.Alloc(3000), mine.Alloc(20_000), mine.Alloc(5 << 20)];
        mine.Free(mine.Alloc(50));
        mine.Free(mine.Alloc(50_000));
        LeakReport report = mine.Destroy();
        Assert.Equal(("mine", 4), (report.CacheName, report.LiveObjects));
        Assert.Equal(live.Order(), report.Addresses.Order());
        Assert.DoesNotContain(runtime.Caches, c => c.Name.StartsWith("mine", StringComparison.Ordinal));
        Assert.Throws<ObjectDisposedException>(() => mine.Alloc(10));
        Assert.Throws<ObjectDisposedException>(() => mine.Alloc(20_000));
        Assert.Throws<ObjectDisposedException>(() => mine.Free(live[0]));
        Assert.Throws<ObjectDisposedException>(mine.Destroy);
        Assert.Throws<ObjectDisposedException>(() => runtime.Kmalloc.Free(live[2]));
        mine.Free(live[3]); // more than any cache has
        string left = Assert.Throws<InvalidOperationException>(runtime.Close).Message;
        Assert.Contains("mine-16", left, StringComparison.Ordinal);
        Assert.Contains("mine-20k", left, StringComparison.Ordinal);
    }

    [Fact]
    public void AnAccount_IsChargedForSlabsAndWholePages()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(8192);
        var account = new SlabAccount("tenant", 64L * Page.Size);
        Kmalloc mine = runtime.CreateKmalloc("mine", account);
        Assert.Same(account, mine.Account);
        nint large = mine.Alloc((nuint)((10 * Page.Size) + 1));
        Assert.Equal(11L * Page.Size, account.Used);
        nint small = mine.Alloc(64);
        Assert.True(account.Used > 11L * Page.Size);
        var error = Assert.Throws<OutOfMemoryException>(() => mine.Alloc((nuint)(60 * Page.Size)));
        Assert.Contains("'mine'", error.Message, StringComparison.Ordinal);
        Assert.Contains("Account 'tenant'", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, account.Failures);
        Assert.Throws<OutOfMemoryException>(() => mine.Alloc(16 << 20)); // beyond the limit by far
        runtime.Kmalloc.Free(large); // discharged, whoever frees it
        mine.Free(small);

        // What lies free in its caches makes room.
        nint all = mine.Alloc((nuint)(64 * Page.Size));
        Assert.Equal(64L * Page.Size, account.Used);
        Assert.Throws<OutOfMemoryException>(() => mine.Alloc(64));
        mine.Free(all);
        Assert.Equal(0, account.Used);
        Assert.True(mine.Destroy().IsClean);
        Assert.Equal(0, account.Used);
    }

    [Fact]
    public void SeveralThreads_OnOneAccount_LeaveItExact()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(4096);
        long limit = 200L * Page.Size;
        var account = new SlabAccount("tenant", limit);
        Kmalloc mine = runtime.CreateKmalloc("mine", account);
        KmemCache cache = runtime.CreateCache("mine-too", 100, new SlabCacheOptions { Account = account });
        TestThreads.Run(4, number =>
        {
            var random = new Random(number);
            var held = new Queue<nint>();
            for (int i = 0; i < 20_000; i++)
            {
                try
                {
                    held.Enqueue(random.Next(10) == 0 ? cache.Alloc() : mine.Alloc((nuint)random.Next(1, random.Next(20) == 0 ? 40_000 : 2000)));
                }
                catch (OutOfMemoryException)
                {
                }

                while (held.Count > random.Next(5, 60))
                {
                    runtime.Kmalloc.Free(held.Dequeue());
                }

                Assert.InRange(account.Used, 0, limit);
            }

            while (held.TryDequeue(out nint address))
            {
                mine.Free(address);
            }
        });

        Assert.True(mine.Destroy().IsClean);
        cache.Shrink();
        Assert.Equal(0, account.Used);
    }

    [Fact]
    public void BadArguments()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        Assert.Throws<ArgumentNullException>(() => runtime.CreateKmalloc(null!));
        foreach (string name in new[] { "", " ", "two words", "tab\t" })
        {
            Assert.Throws<ArgumentException>(() => runtime.CreateKmalloc(name));
        }

        Assert.Empty(runtime.Caches);
        Assert.Throws<InvalidOperationException>(runtime.Kmalloc.Destroy);
        runtime.Kmalloc.Free(runtime.Kmalloc.Alloc(8));
        using SlabRuntime tiny = TestRuntime.OfPages(1);
        Assert.Throws<InvalidOperationException>(() => tiny.CreateKmalloc("k"));
        var ended = TestRuntime.OfPages(64);
        ended.Dispose();
        Assert.Throws<ObjectDisposedException>(() => ended.CreateKmalloc("k"));
    }

    private static string Owner(SlabRuntime runtime, nint address) =>
        runtime.Caches.Single(c => c.Slabs.Check(address) == SlabFault.None).Name;
}
