namespace SlabGen.Tests;

/// <summary>A request that must not fail waits for what somebody may free, and for nothing that can never be.</summary>
public sealed class NoFailInBulkTests
{
    private const GfpFlags NoFail = GfpFlags.Kernel | GfpFlags.NoFail;

    [Theory]
    [InlineData(1 << 20, 70, 0)] // of whole pages, above the limit of 64 MiB
    [InlineData(1 << 20, 9, 8 << 20)] // above the account's
    [InlineData(4096, 300, 1 << 20)] // of a cache, above the account's
    [InlineData(8192, 10_000, 0)] // of a cache, above the limit
    public void What_can_never_be_is_refused_at_once(int size, int count, int accountLimit)
    {
        using var runtime = new SlabRuntime(new SlabRuntimeOptions { MemoryLimit = 64 << 20, ReapInterval = Timeout.InfiniteTimeSpan, Pressure = TestRuntime.NoPressure });
        SlabAccount? account = accountLimit == 0 ? null : new SlabAccount("tenant", accountLimit);
        Kmalloc kmalloc = runtime.CreateKmalloc("mine", account);
        nint[] blocks = new nint[count];
        Assert.False(InTime(() => kmalloc.TryAllocBulk((nuint)size, blocks, NoFail)));
        Assert.All(blocks, block => Assert.Equal(0, block));
        Assert.IsType<OutOfMemoryException>(InTime(() => Record.Exception(() => kmalloc.AllocBulk((nuint)size, blocks, NoFail))));
        Assert.Equal((0L, 0L), (kmalloc.Snapshot().LiveBlocks, runtime.Pages.CountUserBytes()));
        Assert.Equal(account is null ? 0 : 2, account?.Failures ?? 0);
        Assert.True(kmalloc.Destroy().IsClean);
    }

    [Fact]
    public void An_account_whose_limit_falls_ends_the_wait()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(1024);
        var account = new SlabAccount("tenant", 1 << 20);
        KmemCache cache = runtime.CreateCache("o", 4096, new SlabCacheOptions { Account = account });
        nint[] all = new nint[256], live = new nint[100];
        cache.AllocBulk(live);
        var lowering = new Timer(_ => account.Limit = 100 * 4096, null, 100, Timeout.Infinite);
        Assert.False(InTime(() => cache.TryAllocBulk(all, NoFail)));
        lowering.Dispose();
        account.Limit = 0;
        Thread.Sleep(150); // for some moments after a refusal slabs that become empty go at once
        cache.FreeBulk(live);
        cache.AllocBulk(live, NoFail); // what the slabs have room for is there, whatever the limit is now
        cache.FreeBulk(live);
    }

    /// <summary>What a call returns that might never return.</summary>
    private static T InTime<T>(Func<T> call)
    {
        T result = default!;
        var thread = new Thread(() => result = call()) { IsBackground = true };
        thread.Start();
        Assert.True(thread.Join(TimeSpan.FromSeconds(60)), "It still waits.");
        return result;
    }
}
