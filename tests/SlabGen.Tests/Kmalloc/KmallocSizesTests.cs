namespace SlabGen.Tests;

/// <summary>Proves what a block of each size wastes, and that a cache of few objects holds few pages. Catches slabs that <c>Validate</c> does not know.</summary>
public sealed class KmallocSizesTests
{
    [Fact]
    public void No_size_wastes_more_than_its_neighbours_leave()
    {
        for (int size = 1; size <= KmallocSizes.Largest; size++)
        {
            int given = KmallocSizes.All[KmallocSizes.IndexOf((nuint)size)];
            Assert.InRange(given, size, size <= 8 ? 8 : size + Math.Max(15, size / 8));
            Assert.True(given <= 8 || given % 16 == 0, $"{given}");
        }
    }

    [Fact]
    public void A_size_with_few_objects_has_small_slabs_and_grows_into_large_ones()
    {
        using SlabRuntime runtime = TestRuntime.AsUsual();
        KmemCache cache = CacheOf(runtime, 2048);
        nint one = runtime.Kmalloc.Alloc(2048);
        Assert.Equal(4096, cache.Snapshot().Bytes); // two objects
        Assert.Equal(3, cache.Snapshot().Order);

        nint[] many = new nint[1000];
        runtime.Kmalloc.AllocBulk(2048, many);
        CacheSnapshot now = cache.Snapshot();
        Assert.InRange(now.Slabs, 1000 * 2048 / (8 * 4096), 100);
        Assert.Equal(0, now.OrderFallbacks); // they are as small as they should be
        TestRuntime.CheckHealth(runtime);
        runtime.Kmalloc.FreeBulk(many);
        runtime.Kmalloc.Free(one);
        runtime.Shrink();
        Assert.Equal(0, cache.Snapshot().Slabs);
    }

    private static KmemCache CacheOf(SlabRuntime runtime, int size)
    {
        runtime.Kmalloc.Free(runtime.Kmalloc.Alloc(8));
        return runtime.Caches.Single(cache => cache.ObjectSize == size);
    }
}
