using SlabGen.Slabs;

namespace SlabGen.Tests.Magazines;

/// <summary>Proves that the sizes of a Kmalloc together keep what it says, whatever order they are used in. Catches a count that drifts.</summary>
public sealed class DepotBudgetTests
{
    [Fact]
    public void Each_may_keep_a_little_and_all_together_what_brings_the_runtime_back_to_the_peak()
    {
        long pages = 1000; // the peak
        var budget = new DepotBudget(() => pages, slack: 100, alone: 10);
        Assert.True(budget.HasRoom(own: 500));
        budget.CountInDepots(400); // 600 are live
        Assert.True(budget.HasRoom(own: 500));
        pages += 100; // for something else
        Assert.True(budget.HasRoom(own: 500));
        Assert.False(budget.IsOver);
        Assert.True(budget.IsOverBy(1));
        pages++;
        Assert.False(budget.HasRoom(own: 11));
        Assert.True(budget.HasRoom(own: 10));
        Assert.True(budget.IsOver);

        budget.CountInDepots(-300);
        Assert.False(budget.IsOver); // what is left is a little
    }

    [Fact]
    public void At_a_new_peak_depots_keep_the_slack_alone()
    {
        long pages = 1000;
        var budget = new DepotBudget(() => pages, slack: 100, alone: 10);
        budget.CountInDepots(500);
        pages = 5000;
        Assert.True(budget.IsOver); // 4500 are in use: that is the peak, and 500 are more than the slack
        budget.CountInDepots(-400);
        pages = 4600;
        Assert.False(budget.IsOver);
        pages = 5000; // all of it in use
        Assert.False(budget.IsOver);
    }

    [Fact]
    public void What_was_wanted_and_not_had_is_no_peak()
    {
        long pages = 1000;
        var budget = new DepotBudget(() => pages, slack: 100, alone: 10);
        Assert.True(budget.HasRoom(own: 500));
        budget.CountInDepots(500);
        Assert.True(budget.IsOverBy(1_000_000));
        pages = 1101;
        Assert.False(budget.HasRoom(own: 500));
    }

    [Fact]
    public void An_interval_that_ends_forgets_the_peak()
    {
        long pages = 1000;
        var budget = new DepotBudget(() => pages, slack: 100, alone: 10);
        Assert.True(budget.HasRoom(own: 900));
        budget.CountInDepots(900);
        budget.ForgetPeak();
        Assert.False(budget.HasRoom(own: 900));
        Assert.True(budget.IsOver);
        budget.CountInDepots(-800);
        Assert.True(budget.HasRoom(own: 100)); // they are in use again: that is the peak now
    }

    [Fact]
    public unsafe void A_large_block_is_given_what_waits_in_depots()
    {
        using SlabRuntime runtime = TestRuntime.AsUsual();
        Kmalloc kmalloc = runtime.Kmalloc;
        nint[] blocks = new nint[100_000];
        for (int i = 0; i < blocks.Length; i++)
        {
            blocks[i] = kmalloc.Alloc(100);
        }

        long peak = runtime.Pages.UsedBytes;
        Array.ForEach(blocks, kmalloc.Free);
        Assert.InRange(runtime.Pages.UsedBytes, peak / 2, peak + Kmalloc.DepotSlack);

        nint large = kmalloc.Alloc(8 << 20);
        Assert.InRange(runtime.Pages.UsedBytes, 8 << 20, peak + (2 * Kmalloc.DepotSlack));
        kmalloc.Free(large);
    }

    [Fact]
    public unsafe void What_is_out_of_slabs_is_hardly_more_than_was_in_use_at_once()
    {
        using SlabRuntime runtime = TestRuntime.AsUsual();
        Kmalloc kmalloc = runtime.Kmalloc;
        const long AtOnce = 4 << 20;
        long magazines = KmallocSizes.All.Length * (Kmalloc.DepotBytesOfOneSize + (2L * 64 * 1024));
        for (int round = 0; round < 2; round++)
        {
            foreach (int size in KmallocSizes.All)
            {
                nint[] blocks = new nint[Math.Min(200_000, AtOnce / size)];
                for (int i = 0; i < blocks.Length; i++)
                {
                    blocks[i] = kmalloc.Alloc((nuint)size);
                }

                foreach (nint block in blocks)
                {
                    kmalloc.Free(block);
                }

                long waits = runtime.Caches.Sum(cache => cache.Snapshot() is var now ? now.CachedObjects * now.SlotSize : 0);
                Assert.InRange(waits, Math.Min(AtOnce / 4, 200_000L * size / 4), AtOnce + Kmalloc.DepotSlack + magazines);
            }
        }

        runtime.Shrink();
        Assert.Equal(0, runtime.Caches.Sum(cache => cache.Snapshot().CachedObjects));
    }

    [Fact]
    public void What_was_freed_is_taken_again_from_the_depot_and_not_from_slabs()
    {
        using SlabRuntime runtime = TestRuntime.AsUsual();
        Kmalloc kmalloc = runtime.Kmalloc;
        nint[] blocks = new nint[100_000];
        kmalloc.Free(kmalloc.Alloc(100));
        KmemCache cache = runtime.Caches.Single(c => c.ObjectSize == 112);
        long visits = 0;
        for (int round = 0; round < 3; round++)
        {
            visits = cache.Slabs.Visits;
            for (int i = 0; i < blocks.Length; i++)
            {
                blocks[i] = kmalloc.Alloc(100);
            }

            Array.ForEach(blocks, kmalloc.Free);
        }

        Assert.InRange(cache.Slabs.Visits - visits, 0, 100); // 100,000 allocations and frees; the magazines need room too
    }
}
