using SlabGen.Memory;
using SlabGen.Tests.Concurrency;

namespace SlabGen.Tests.Caches;

/// <summary>Several caches share a quota of bytes: it is exact, and what lies free under it serves the others.</summary>
public sealed class AccountTests
{
    [Fact]
    public void TheSlabsOfAllItsCaches_AreCharged_AndDischarged()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(1024);
        var account = new SlabAccount("tenant", 1 << 20);
        var options = new SlabCacheOptions { Account = account };
        KmemCache small = runtime.CreateCache("small", 64, options), large = runtime.CreateCache("large", 1024, options), other = runtime.CreateCache("other", 64);
        nint[] objects = new nint[500];
        small.AllocBulk(objects);
        nint one = large.Alloc(), foreign = other.Alloc();
        Assert.Equal(small.Snapshot().Bytes + large.Snapshot().Bytes, account.Used);
        Assert.Equal(account.Used, account.Peak);
        small.FreeBulk(objects);
        large.Free(one);
        other.Free(foreign);
        long peak = account.Used;
        runtime.Shrink();
        Assert.Equal((0, peak, 0), (account.Used, account.Peak, account.Failures));
    }

    [Fact]
    public void AtTheLimit_ItsOwnCachesAreReclaimed_ThenTheAllocationFails()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(1024);
        var account = new SlabAccount("tenant", 16L * Page.Size);
        var options = new SlabCacheOptions { Account = account };
        KmemCache first = runtime.CreateCache("first", 64, options), second = runtime.CreateCache("second", 256, options), other = runtime.CreateCache("other", 64);
        List<nint> live = GfpTests.Fill(first);
        Assert.Equal(16L * Page.Size, account.Used);
        first.FreeBulk([.. live]); // into magazines
        other.Free(other.Alloc());
        live = GfpTests.Fill(second);
        Assert.Equal(16L * Page.Size, second.Snapshot().Bytes);
        Assert.Equal(0, first.Snapshot().Bytes);
        Assert.True(other.Snapshot().Bytes > 0, "the caches of others are left alone");

        long failures = account.Failures;
        var error = Assert.Throws<OutOfMemoryException>(() => first.Alloc());
        Assert.Contains("'first'", error.Message, StringComparison.Ordinal);
        Assert.Contains($"Account 'tenant' has {16 * Page.Size} of at most {16 * Page.Size} bytes in use", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("refused", error.Message, StringComparison.Ordinal);
        Assert.False(second.TryAlloc(GfpFlags.NoWait, out _));
        Assert.Equal(failures + 2, account.Failures);
        other.Free(other.Alloc());
        second.FreeBulk([.. live]);
    }

    [Fact]
    public void TheLimit_CanBeChanged_AndBelowTheUseItOnlyStopsGrowth()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(1024);
        var account = new SlabAccount("tenant", 8L * Page.Size);
        KmemCache cache = runtime.CreateCache("o", Page.Size, new SlabCacheOptions { Account = account });
        List<nint> live = GfpTests.Fill(cache);
        long used = account.Used;
        account.Limit = Page.Size;
        Assert.Equal(used, account.Used);
        cache.Free(live[0]);
        live[0] = cache.Alloc(); // no growth
        Assert.False(cache.TryAlloc(out _));
        account.Limit = 9L * Page.Size;
        live.Add(cache.Alloc());
        Assert.Equal(9L * Page.Size, account.Used);
        cache.FreeBulk([.. live]);
    }

    [Fact]
    public void ADestroyedCache_IsChargedForWhatIsStillLive_AndARuntimeThatEndsForNothing()
    {
        var account = new SlabAccount("tenant", 1 << 20);
        SlabRuntime runtime = TestRuntime.OfPages(256);
        KmemCache cache = runtime.CreateCache("o", 64, new SlabCacheOptions { Account = account });
        cache.Alloc();
        Assert.False(cache.Destroy().IsClean);
        Assert.Equal(Page.Size, account.Used);
        Assert.Throws<InvalidOperationException>(runtime.Close);

        using (SlabRuntime clean = TestRuntime.OfPages(256))
        {
            KmemCache mine = clean.CreateCache("o", 64, new SlabCacheOptions { Account = account });
            mine.Free(mine.Alloc());
            Assert.Equal(2 * Page.Size, account.Used);
        }

        Assert.Equal(Page.Size, account.Used);
    }

    [Fact]
    public void ManyThreadsAndCaches_NeverExceedTheLimit_AndTheUseIsExactInTheEnd()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(4096);
        long limit = 64L * Page.Size;
        var account = new SlabAccount("tenant", limit);
        KmemCache[] caches = [.. new[] { 64, 200, 1024 }.Select(size => runtime.CreateCache($"o-{size}", size, new SlabCacheOptions { Account = account }))];
        long until = Environment.TickCount64 + (long)TestThreads.StressTime.TotalMilliseconds;
        TestThreads.Run(4, number =>
        {
            var random = new Random(number);
            var mine = new List<(KmemCache Cache, nint Address)>();
            while (Environment.TickCount64 < until)
            {
                KmemCache cache = caches[random.Next(caches.Length)];
                if (random.Next(100) < 55 && cache.TryAlloc(out nint address))
                {
                    mine.Add((cache, address));
                }
                else if (mine.Count > 0)
                {
                    int index = random.Next(mine.Count);
                    mine[index].Cache.Free(mine[index].Address);
                    mine[index] = mine[^1];
                    mine.RemoveAt(mine.Count - 1);
                }

                Assert.InRange(account.Used, 0, limit);
            }

            mine.ForEach(o => o.Cache.Free(o.Address));
        });

        Assert.InRange(account.Peak, limit - (8 * Page.Size), limit);
        Assert.True(account.Failures > 0);
        Assert.Equal(caches.Sum(c => c.Snapshot().Bytes), account.Used);
        runtime.Shrink();
        Assert.Equal(0, account.Used);
    }

    [Fact]
    public void RunningOutOfPages_ChargesNothing()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(16);
        var account = new SlabAccount("tenant", 1 << 30);
        KmemCache cache = runtime.CreateCache("o", 512, new SlabCacheOptions { Account = account });
        List<nint> live = GfpTests.Fill(cache);
        Assert.Equal((cache.Snapshot().Bytes, 0), (account.Used, account.Failures));
        cache.FreeBulk([.. live]);
    }

    [Fact]
    public void BadArguments()
    {
        Assert.Throws<ArgumentException>(() => new SlabAccount(" ", 1));
        Assert.Throws<ArgumentNullException>(() => new SlabAccount(null!, 1));
        Assert.Contains("'a'", Assert.Throws<ArgumentOutOfRangeException>(() => new SlabAccount("a", -1)).Message, StringComparison.Ordinal);
        var account = new SlabAccount("a", 0);
        Assert.Throws<ArgumentOutOfRangeException>(() => account.Limit = -1);
        using SlabRuntime runtime = TestRuntime.OfPages(16);
        KmemCache cache = runtime.CreateCache("o", 64, new SlabCacheOptions { Account = account });
        Assert.False(cache.TryAlloc(out _));
    }
}
