using SlabGen.Memory;

namespace SlabGen.Tests;

/// <summary>Many blocks at once, aligned blocks, deferred frees, and what an instance has as a whole.</summary>
public sealed class KmallocBulkTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(8)]
    [InlineData(100)]
    [InlineData(8192)]
    [InlineData(8193)]
    public void Bulk_takes_distinct_blocks_and_gives_them_back(int size)
    {
        using SlabRuntime runtime = TestRuntime.OfPages(2048);
        Kmalloc kmalloc = runtime.CreateKmalloc("mine");
        nint[] blocks = new nint[50];
        kmalloc.AllocBulk((nuint)size, blocks);
        Assert.Equal(size == 0 ? 1 : 50, blocks.Distinct().Count());
        Assert.All(blocks, block => Assert.True(kmalloc.UsableSize(block) >= (nuint)size));
        kmalloc.FreeBulk(blocks);
        Assert.True(kmalloc.TryAllocBulk((nuint)size, blocks));
        kmalloc.FreeBulk(blocks);
        kmalloc.AllocBulk((nuint)size, []);
        Assert.Equal(0, runtime.Pages.CountUserBytes());
        Assert.True(kmalloc.Destroy().IsClean);
    }

    [Theory]
    [InlineData(4096)]
    [InlineData(16_384)]
    public void A_bulk_that_does_not_fit_takes_none(int size)
    {
        using SlabRuntime runtime = TestRuntime.OfPages(512);
        Kmalloc kmalloc = runtime.CreateKmalloc("mine");
        nint[] blocks = new nint[(512 * Page.Size / size) + 1];
        Assert.Throws<OutOfMemoryException>(() => kmalloc.AllocBulk((nuint)size, blocks));
        Assert.Equal((0L, 0L), (kmalloc.Snapshot().LiveBlocks, runtime.Pages.CountUserBytes()));
        Array.Fill(blocks, 1);
        Assert.False(kmalloc.TryAllocBulk((nuint)size, blocks));
        Assert.All(blocks, block => Assert.Equal(0, block));
        Assert.Equal((0L, 0L), (kmalloc.Snapshot().LiveBlocks, runtime.Pages.CountUserBytes()));
    }

    [Fact]
    public void A_bulk_of_mixed_sizes_goes_back_whatever_is_wrong_with_one()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(2048, isChecked: true);
        Kmalloc mine = runtime.CreateKmalloc("mine"), other = runtime.CreateKmalloc("other");
        nint twice = mine.Alloc(64);
        mine.Free(twice);
        nint[] blocks = [mine.Alloc(64), mine.Alloc(64), 0, 0x1230, other.Alloc(64), twice, mine.Alloc(100_000), Kmalloc.ZeroSizePointer, mine.Alloc(5000)];
        AggregateException error = Assert.Throws<AggregateException>(() => mine.FreeBulk(blocks));
        Assert.Equal([(SlabFault.ForeignPointer, 0x1230), (SlabFault.DoubleFree, twice)], error.InnerExceptions.Cast<SlabException>().Select(fault => (fault.Fault, fault.Address)));
        Assert.Equal((0L, 0L, 0L), (mine.Snapshot().LiveBlocks, other.Snapshot().LiveBlocks, runtime.Pages.CountUserBytes()));
        TestRuntime.CheckHealth(runtime);
    }

    [Fact]
    public void A_destroyed_instance_refuses_all()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(2048);
        Kmalloc mine = runtime.CreateKmalloc("mine");
        mine.Destroy();
        nint[] blocks = new nint[2];
        foreach (nuint size in new nuint[] { 0, 100, 100_000 })
        {
            Assert.Throws<ObjectDisposedException>(() => mine.AllocBulk(size, blocks));
            Assert.Throws<ObjectDisposedException>(() => mine.TryAllocBulk(size, blocks));
            Assert.Throws<ObjectDisposedException>(() => mine.Alloc(size, 64));
        }

        Assert.Throws<ObjectDisposedException>(() => mine.Shrink());
    }

    [Fact]
    public void Every_call_after_the_runtime_is_gone_is_refused()
    {
        SlabRuntime runtime = TestRuntime.OfPages(2048);
        Kmalloc kmalloc = runtime.Kmalloc;
        nint[] gone = [kmalloc.Alloc(100), kmalloc.Alloc(5000), kmalloc.Alloc(100_000), kmalloc.Alloc(5 << 20)], blocks = new nint[2];
        KmallocBlock block = kmalloc.AllocBlock(100);
        kmalloc.FreeBulk(gone);
        block.Dispose();
        runtime.Dispose();
        block.Dispose();
        Assert.Throws<ObjectDisposedException>(() => kmalloc.FreeBulk(gone));
        Assert.All(gone, address => Assert.Throws<ObjectDisposedException>(() => kmalloc.FreeDeferred(address)));
        Assert.Throws<ObjectDisposedException>(() => kmalloc.Shrink());
        Assert.Throws<ObjectDisposedException>(() => kmalloc.AllocBlock(100));
        foreach (nuint size in new nuint[] { 100, 100_000 })
        {
            Assert.Throws<ObjectDisposedException>(() => kmalloc.AllocBulk(size, blocks));
            Assert.Throws<ObjectDisposedException>(() => kmalloc.TryAllocBulk(size, blocks));
            Assert.Throws<ObjectDisposedException>(() => kmalloc.Alloc(size, 64));
        }

        Assert.Equal(0, kmalloc.Snapshot().LiveBlocks);
    }

    [Fact]
    public void Every_size_has_every_alignment_up_to_the_page()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(8192);
        Kmalloc kmalloc = runtime.Kmalloc;
        var between = new List<nint>(); // so that what comes next lies elsewhere
        foreach (int size in new[] { 1, 7, 8, 9, 24, 48, 100, 112, 129, 1030, 4097, 5000, 8192, 8193, 100_000 })
        {
            for (int alignment = 1; alignment <= Page.Size; alignment *= 2)
            {
                for (int i = 0; i < 3; i++)
                {
                    nint block = kmalloc.Alloc((nuint)size, alignment);
                    Assert.True((block & (alignment - 1)) == 0 && kmalloc.UsableSize(block) >= (nuint)size, $"{size} bytes aligned to {alignment} at 0x{block:x}");
                    Assert.True(kmalloc.TryAlloc((nuint)size, alignment, out nint next));
                    Assert.Equal(0, next & (alignment - 1));
                    kmalloc.FreeBulk([block, next]);
                    between.Add(kmalloc.Alloc((nuint)size));
                }
            }
        }

        between.ForEach(kmalloc.Free);
        Assert.Equal(Kmalloc.ZeroSizePointer, kmalloc.Alloc(0, 64));
        foreach (int bad in new[] { 0, -1, -8, 3, 24, 2 * Page.Size, int.MinValue })
        {
            string text = Assert.Throws<ArgumentOutOfRangeException>(() => kmalloc.Alloc(10, bad)).Message;
            Assert.Contains($"{bad}", text, StringComparison.Ordinal);
            Assert.Contains($"{Page.Size}", text, StringComparison.Ordinal);
            Assert.Throws<ArgumentOutOfRangeException>(() => kmalloc.TryAlloc(10, bad, out _));
        }

        Assert.Throws<OutOfMemoryException>(() => kmalloc.Alloc(nuint.MaxValue, 64));
    }

    /// <summary>What the remarks say of Realloc: a block that stays is aligned as it was, and one that moves as a new one is.</summary>
    [Fact]
    public void Realloc_to_a_power_of_two_gives_its_alignment_only_where_the_block_moves()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(2048);
        Kmalloc kmalloc = runtime.Kmalloc;
        nint[] blocks = new nint[8];
        kmalloc.AllocBulk(112, blocks);
        nint odd = blocks.First(block => (block & 63) != 0);
        Assert.Equal(odd, kmalloc.Realloc(odd, 64)); // it fits, and so it stays
        Assert.NotEqual(0, odd & 63);
        nint moved = kmalloc.Realloc(odd, 256);
        Assert.Equal(0, moved & 255);
        kmalloc.Free(moved);
        kmalloc.FreeBulk(blocks.Where(block => block != odd).ToArray());
    }

    [Fact]
    public void A_deferred_free_waits_for_readers()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(2048);
        Kmalloc mine = runtime.CreateKmalloc("mine");
        nint small = mine.Alloc(100), whole = mine.Alloc(100_000), large = mine.Alloc(2_000_000);
        using (Rcu.Read())
        {
            mine.FreeDeferred(small);
            mine.FreeDeferred(whole);
            mine.FreeDeferred(large);
            mine.FreeDeferred(0);
            mine.FreeDeferred(Kmalloc.ZeroSizePointer);
            Assert.Equal((0L, 2L), (mine.Snapshot().LiveBlocks, mine.Snapshot().DeferredBlocks));
            Assert.True(mine.UsableSize(large) >= 2_000_000);
        }

        Rcu.Barrier();
        Assert.Equal((0L, 0L), (mine.Snapshot().DeferredBlocks, runtime.Pages.CountUserBytes()));
        foreach (nint bad in new[] { 0x1230, large, -1 })
        {
            Assert.Equal(bad, Assert.Throws<SlabException>(() => mine.FreeDeferred(bad)).Address);
        }

        Assert.True(mine.Destroy().IsClean);
    }

    [Fact]
    public void A_snapshot_sums_the_caches_and_shrink_empties_them()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(2048);
        Kmalloc mine = runtime.CreateKmalloc("mine");
        nint[] live = [mine.Alloc(8), mine.Alloc(100), mine.Alloc(100), mine.Alloc(8000)];
        mine.Free(mine.Alloc(300));
        KmallocSnapshot now = mine.Snapshot();
        Assert.Equal(("mine", 4L, 8L + 112 + 112 + 8192), (now.Name, now.LiveBlocks, now.LiveBytes));
        int[] whole = [.. KmallocSizes.WholePages(runtime.Pages.UsableLimit).Select(pages => pages << Page.Shift)];
        Assert.Equal([.. KmallocSizes.All, .. whole], now.Caches.Select(cache => cache.SlotSize));
        Assert.True(now.CachedBlocks + now.FreeBlocks > 0 && now.Bytes >= now.LiveBytes && now.MetadataBytes > 0);
        Assert.True(mine.Shrink()); // something is live
        mine.FreeBulk(live);
        Assert.False(mine.Shrink());
        Assert.Equal((0L, 0L), (mine.Snapshot().Bytes, mine.Snapshot().CachedBlocks));
        mine.Destroy();
        Assert.Equal(0, mine.Snapshot().LiveBlocks);
    }
}
