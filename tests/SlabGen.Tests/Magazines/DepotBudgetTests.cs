using SlabGen.Slabs;

namespace SlabGen.Tests.Magazines;

/// <summary>Proves that the sizes of a Kmalloc together keep what it says, whatever order they are used in. Catches a count that drifts.</summary>
public sealed class DepotBudgetTests
{
    [Fact]
    public void Each_may_keep_a_little_and_all_together_no_more_than_the_limit()
    {
        var budget = new DepotBudget(most: 1000, alone: 100);
        Assert.True(budget.HasRoom(own: 1000, more: 1000));
        budget.Add(1000);
        Assert.False(budget.HasRoom(own: 101, more: 1));
        Assert.True(budget.HasRoom(own: 100, more: 100));
        budget.Add(-1);
        Assert.True(budget.HasRoom(own: 5000, more: 1));
    }

    [Fact]
    public unsafe void What_waits_of_all_sizes_together_is_bounded()
    {
        using var runtime = new SlabRuntime();
        Kmalloc kmalloc = runtime.Kmalloc;
        long most = Kmalloc.DepotBytes + (KmallocSizes.All.Length * (Kmalloc.DepotBytesOfOneSize + (2L * 64 * 1024)));
        foreach (int size in KmallocSizes.All)
        {
            nint[] blocks = new nint[Math.Min(200_000, (4 << 20) / size)];
            for (int i = 0; i < blocks.Length; i++)
            {
                blocks[i] = kmalloc.Alloc((nuint)size);
            }

            foreach (nint block in blocks)
            {
                kmalloc.Free(block);
            }

            long waits = runtime.Caches.Sum(cache => cache.Snapshot() is var now ? now.CachedObjects * now.SlotSize : 0);
            Assert.InRange(waits, 0, most);
            Assert.True(waits > 0);
        }

        runtime.Shrink();
        Assert.Equal(0, runtime.Caches.Sum(cache => cache.Snapshot().CachedObjects));
    }
}
