using SlabGen.Tests.Concurrency;

namespace SlabGen.Tests;

/// <summary>A private Kmalloc as an arena: everything is freed at once, whole pages too, and it is filled anew.</summary>
[Collection("Rcu")]
public sealed class KmallocResetTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_arena_is_emptied_and_filled_anew(bool isChecked)
    {
        using SlabRuntime runtime = TestRuntime.OfPages(16 * 1024, isChecked);
        var account = new SlabAccount("tenant", 32L << 20);
        Kmalloc arena = runtime.CreateKmalloc("arena", account);
        nint others = runtime.Kmalloc.Alloc(100), othersLarge = runtime.Kmalloc.Alloc(100_000);
        for (int request = 0; request < 3; request++)
        {
            for (int i = 0; i < 500; i++)
            {
                arena.Alloc((nuint)(i * 61));
            }

            arena.Alloc(5 << 20);
            arena.Free(arena.Alloc(100));
            Assert.True(account.Used > 5 << 20);
            Assert.Equal(500, arena.Reset()); // 0 bytes are no block
            Assert.Equal((0, 0, 0), (account.Used, arena.Snapshot().LiveBlocks, arena.Snapshot().Bytes));
        }

        Assert.Equal(2, runtime.Kmalloc.Snapshot().LiveBlocks);
        runtime.Kmalloc.Free(others);
        runtime.Kmalloc.Free(othersLarge);
        Assert.True(arena.Destroy().IsClean);
        Assert.Throws<ObjectDisposedException>(() => arena.Reset());
        TestRuntime.CheckHealth(runtime);
    }

    [Fact]
    public void Owning_blocks_and_reservations_are_stale_and_free_nothing()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(1024);
        Kmalloc arena = runtime.CreateKmalloc("arena");
        KmallocBlock small = arena.AllocBlock(100), large = arena.AllocBlock(100_000);
        Memory<byte> memory = small.Memory;
        KmallocReservation reserved = arena.Reserve(100, 3), pages = arena.Reserve(20_000, 2);
        Kmalloc.KeptLocal local = arena.KeepLocal();
        local.Alloc(64);
        Assert.Equal(8, arena.Reset());

        nint[] next = new nint[10];
        arena.AllocBulk(100, next);
        nint nextLarge = arena.Alloc(100_000);
        foreach (Action use in new Action[] { () => _ = small.Span, () => _ = large.Address, () => memory.Span.Clear(), () => small.Pin(), () => reserved.Alloc(), () => pages.TryAlloc(out _) })
        {
            Assert.Contains("Reset", Assert.Throws<ObjectDisposedException>(use).Message, StringComparison.Ordinal);
        }

        small.Dispose();
        large.Dispose();
        reserved.Dispose();
        pages.Dispose();
        Assert.Equal(10, arena.Snapshot().LiveBlocks);
        local.Free(local.Alloc(64)); // goes on
        arena.FreeBulk(next);
        arena.Free(nextLarge);
        Assert.True(arena.Destroy().IsClean);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(100_000)]
    public void What_was_deferred_is_waited_for(int size)
    {
        using SlabRuntime runtime = TestRuntime.OfPages(1024);
        Kmalloc arena = runtime.CreateKmalloc("arena");
        nint block = arena.Alloc((nuint)size);
        var threads = new TestThreads();
        using (var reader = new RcuReaderThread())
        {
            runtime.Kmalloc.FreeDeferred(block); // of whichever instance
            long live = -1;
            Thread resetting = threads.Start(() => live = arena.Reset());
            threads.WaitUntil(() => (resetting.ThreadState & ThreadState.WaitSleepJoin) != 0, "it waits");
            Assert.Equal(-1, Volatile.Read(ref live));
            reader.Leave();
            threads.Join();
            Assert.Equal(0, live);
        }

        Assert.True(arena.Destroy().IsClean);
        Rcu.Barrier();
        Assert.Equal(0, runtime.Pages.CountUserBytes());
    }

    [Fact]
    public void Where_it_cannot_be_it_says_so()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(1024);
        Assert.Contains("CreateKmalloc", Assert.Throws<InvalidOperationException>(() => runtime.Kmalloc.Reset()).Message, StringComparison.Ordinal);
        Kmalloc arena = runtime.CreateKmalloc("arena");
        nint block = arena.Alloc(100);
        using (Rcu.Read())
        {
            Assert.Throws<InvalidOperationException>(() => arena.Reset());
        }

        Exception? inCallback = null;
        Rcu.Call(() => inCallback = Record.Exception(() => arena.Reset()));
        Rcu.Barrier();
        Assert.IsType<InvalidOperationException>(inCallback);
        Assert.Equal(1, arena.Snapshot().LiveBlocks);
        arena.Free(block);
    }
}
