using SlabGen.Magazines;
using SlabGen.Memory;

namespace SlabGen.Tests;

/// <summary>Proves that blocks of whole pages up to 1 MiB come from caches, and what threads may keep of them.</summary>
public sealed class WholePagesTests
{
    [Fact]
    public void Sizes_rise_by_a_page_and_then_by_an_eighth()
    {
        int[] pages = KmallocSizes.WholePages(1L << 40);
        Assert.Equal(KmallocSizes.LargestWhole, pages[^1] << Page.Shift);
        Assert.True(pages[0] << Page.Shift > KmallocSizes.Largest && (pages[0] - 1) << Page.Shift <= KmallocSizes.Largest);
        for (int i = 1; i < pages.Length; i++)
        {
            Assert.InRange(pages[i] - pages[i - 1], 1, Math.Max(1, pages[i - 1] / 8));
        }
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(64 * 3 << 12, 1)] // a 64th of it is three pages
    [InlineData(64 << 20, 46)]
    public void A_small_limit_has_fewer_sizes(long limit, int sizesOfFourKib)
    {
        Assert.SkipUnless(Page.Size == 4096, "the numbers are those of pages of 4 KiB");
        Assert.Equal(sizesOfFourKib, KmallocSizes.WholePages(limit).Length);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public unsafe void Blocks_of_every_size_are_whole_pages_and_go_back(bool isChecked)
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64 * 1024, isChecked);
        var random = new Random(5);
        var live = new List<(nint Address, int Size)>();
        for (int i = 0; i < 400; i++)
        {
            int size = random.Next(KmallocSizes.Largest + 1, KmallocSizes.LargestWhole + 1);
            nint address = runtime.Kmalloc.Alloc(size);
            Assert.Equal(0, address & (Page.Size - 1));
            Assert.InRange((long)runtime.Kmalloc.UsableSize(address), size, Page.RoundUp(size + (size / 8), Page.Size));
            (*(int*)address, *(int*)(address + size - 4)) = (size, ~size);
            live.Add((address, size));
            if (live.Count > 100)
            {
                int at = random.Next(live.Count);
                Free(live[at]);
                live.RemoveAt(at);
            }
        }

        Assert.Equal(live.Count, runtime.Kmalloc.Snapshot().LiveBlocks);
        TestRuntime.CheckHealth(runtime);
        live.ForEach(Free);
        runtime.Shrink();
        TestRuntime.CheckHealth(runtime);
        Assert.Equal(0, runtime.CommittedBytes);

        void Free((nint Address, int Size) block)
        {
            Assert.Equal((block.Size, ~block.Size), (*(int*)block.Address, *(int*)(block.Address + block.Size - 4)));
            runtime.Kmalloc.Free(block.Address);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_thread_keeps_no_more_than_its_share_of_all_sizes_together(bool inBulk)
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64 * 1024);
        for (int round = 0; round < 20; round++)
        {
            foreach (int pages in KmallocSizes.WholePages(runtime.MemoryLimit))
            {
                nint[] some = new nint[10];
                runtime.Kmalloc.AllocBulk((nuint)(pages << Page.Shift), some);
                if (inBulk)
                {
                    runtime.Kmalloc.FreeBulk(some);
                }
                else
                {
                    Array.ForEach(some, runtime.Kmalloc.Free);
                }

                // A bulk asks for room once, so that what another size has may stay.
                long most = inBulk ? WholePageShare.Most : Math.Max(WholePageShare.Least, KmallocSizes.WholeRounds(pages << Page.Shift) * (long)(pages << Page.Shift));
                Assert.InRange(Kept(runtime), 0, most);
            }
        }

        Assert.InRange(Kept(runtime), 1, WholePageShare.Most); // it is used
        TestRuntime.CheckHealth(runtime);
    }

    [Fact]
    public void One_block_comes_and_goes_in_the_magazine()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64 * 1024);
        foreach (int size in new[] { 9000, 65536, 100_000, KmallocSizes.LargestWhole })
        {
            nint first = 0;
            for (int i = 0; i < 5; i++) // until it has its turn
            {
                first = runtime.Kmalloc.Alloc(size);
                runtime.Kmalloc.Free(first);
            }

            long visits = runtime.Caches.Sum(cache => cache.Slabs.Visits);
            for (int i = 0; i < 100; i++)
            {
                Assert.Equal(first, runtime.Kmalloc.Alloc(size));
                runtime.Kmalloc.Free(first);
            }

            Assert.Equal(visits, runtime.Caches.Sum(cache => cache.Slabs.Visits));
        }
    }

    [Fact]
    public void A_block_of_a_private_instance_is_charged_and_freed_by_any()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64 * 1024);
        var account = new SlabAccount("tenant", 1 << 20);
        Kmalloc mine = runtime.CreateKmalloc("mine", account);
        nint address = mine.Alloc(500_000);
        Assert.InRange(account.Used, 500_000, 600_000);
        Assert.False(mine.TryAlloc(600_000, out _));
        runtime.Kmalloc.Free(address);
        Assert.True(mine.TryAlloc(600_000, out nint other)); // what waited in the magazine made room
        runtime.Kmalloc.Free(other);
        Assert.True(mine.Destroy().IsClean);
        Assert.Equal(0, account.Used);
    }

    [Fact]
    public void Pages_that_lie_in_no_one_piece_are_still_a_block()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(4096);
        var pages = new List<PagePtr>();
        while (runtime.Pages.TryAllocPages(GfpFlags.Kernel, 0, out PagePtr page))
        {
            pages.Add(page);
        }

        for (int i = 0; i < pages.Count; i += 2)
        {
            runtime.Pages.FreePages(pages[i]); // half of the memory, a page here and a page there
        }

        nint address = runtime.Kmalloc.Alloc(100_000);
        Assert.Equal(AddressKind.PageBlock, runtime.Describe(address).Kind);
        runtime.Kmalloc.Free(address);
        for (int i = 1; i < pages.Count; i += 2)
        {
            runtime.Pages.FreePages(pages[i]);
        }
    }

    [Fact]
    public void What_a_thread_kept_comes_home_when_it_ends()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64 * 1024);
        var thread = new Thread(() =>
        {
            foreach (int size in new[] { 10_000, 20_000, 65_536, 300_000 })
            {
                runtime.Kmalloc.Free(runtime.Kmalloc.Alloc(size));
            }
        });
        thread.Start();
        thread.Join();
        Assert.True(Kept(runtime) > 10_000);
        runtime.Shrink();
        Assert.Equal((0, 0), (Kept(runtime), runtime.CommittedBytes));
    }

    private static long Kept(SlabRuntime runtime) => runtime.Kmalloc.Snapshot().Caches
        .Where(cache => cache.SlotSize > KmallocSizes.Largest).Sum(cache => cache.CachedObjects * (long)cache.SlotSize);
}
