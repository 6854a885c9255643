namespace SlabGen.Tests;

/// <summary>
/// Proves that the end of a runtime and that of one of its caches may meet, as they do when a program shuts down. Catches memory
/// that is unmapped while another thread still takes objects home.
/// </summary>
public sealed class TwoEndsMeetTests
{
    [Theory]
    [InlineData("cache")]
    [InlineData("typed")]
    [InlineData("kmalloc")]
    public void A_cache_is_destroyed_while_its_runtime_is_disposed(string what)
    {
        long deadline = Environment.TickCount64 + 1500;
        var random = new Random(1);
        for (int round = 0; round < 20 || Environment.TickCount64 < deadline; round++)
        {
            using SlabRuntime runtime = TestRuntime.OfPages(8192);
            KmemCache cache = runtime.CreateCache("c", 64);
            var typed = new KmemCache<long>(runtime, "t");
            Kmalloc kmalloc = runtime.CreateKmalloc("k");
            cache.Free(cache.Alloc());
            typed.Free(typed.Alloc());
            kmalloc.Free(kmalloc.Alloc(100));
            int spins = random.Next(2000);
            using var both = new Barrier(2);
            var other = new Thread(() =>
            {
                both.SignalAndWait();
                Exception? thrown = Record.Exception(what switch
                {
                    "cache" => () => cache.Destroy(),
                    "typed" => typed.Dispose,
                    _ => () => kmalloc.Destroy(),
                });
                Assert.True(thrown is null or ObjectDisposedException, $"{thrown}");
            });
            other.Start();
            both.SignalAndWait(TestContext.Current.CancellationToken);
            Thread.SpinWait(spins);
            runtime.Dispose();
            other.Join();
            Assert.True(runtime.Report!.IsClean, $"{runtime.Report}");
        }
    }

    /// <summary>Catches a refusal that takes the end of one runtime's cache for that of another's.</summary>
    [Fact]
    public void A_destructor_may_end_another_runtime_and_not_its_own()
    {
        SlabRuntime inner = TestRuntime.OfPages(256);
        using SlabRuntime outer = TestRuntime.OfPages(256);
        Exception? refused = null;
        KmemCache cache = outer.CreateCache("o", 2048, null, null, (_, _) =>
        {
            inner.Dispose();
            refused ??= Record.Exception(outer.Dispose);
        });
        cache.Free(cache.Alloc());
        Assert.True(cache.Destroy().IsClean);
        Assert.True(inner.Report!.IsClean);
        Assert.IsType<InvalidOperationException>(refused);
    }

    [Fact]
    public void A_cache_of_a_Kmalloc_ends_and_is_emptied_by_that_alone()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(8192);
        Kmalloc own = runtime.CreateKmalloc("own");
        using KmallocBlock block = runtime.Kmalloc.AllocBlock(64), ownBlock = own.AllocBlock(64);
        foreach (KmemCache cache in runtime.Caches)
        {
            Assert.Contains("belongs to Kmalloc", Assert.Throws<InvalidOperationException>(() => cache.Reset()).Message, StringComparison.Ordinal);
            Assert.Contains("belongs to Kmalloc", Assert.Throws<InvalidOperationException>(() => cache.Destroy()).Message, StringComparison.Ordinal);
        }

        // Refused before any block counts as freed.
        using (var pool = new Mempool(runtime.Caches.First(cache => cache.Name == "own-64"), 2))
        {
            Assert.Throws<InvalidOperationException>(() => own.Reset());
            ownBlock.Span[0] = 1;
        }

        Assert.Equal(1, own.Reset());
        Assert.Throws<ObjectDisposedException>(() => ownBlock.Span[0]);
    }

    [Fact]
    public void A_warning_that_evicts_lets_the_request_in()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        var live = new Queue<nint>();
        KmemCache cache = null!;
        cache = runtime.CreateCache("lru", 64, new SlabCacheOptions { MaxObjects = 10, LimitWarningInterval = TimeSpan.Zero, LimitWarning = _ => cache.Free(live.Dequeue()) });
        for (int i = 0; i < 50; i++)
        {
            live.Enqueue(cache.Alloc());
        }

        Assert.Equal(10, live.Count);
        cache.FreeBulk([.. live]);
    }
}
