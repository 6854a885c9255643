using SlabGen.Memory;
using SlabGen.Tests.Generated;

namespace SlabGen.Tests.Slabs;

/// <summary>The order of slabs, how many empty ones stay, their colours and the order of their objects are as the options say.</summary>
public sealed class LayoutOptionsTests
{
    [Theory]
    [InlineData(64, 0)]
    [InlineData(64, 5)]
    [InlineData(4096, 10)]
    [InlineData(5000, 1)]
    public void Order_IsTheOneAskedFor(int size, int order)
    {
        using SlabRuntime runtime = TestRuntime.OfPages(4096);
        KmemCache cache = runtime.CreateCache("o", size, new SlabCacheOptions { Order = order, Checked = true, NoMagazines = true });
        nint[] objects = new nint[cache.Snapshot().ObjectsPerSlab];
        Assert.Equal((Page.Size << order) / cache.SlotSize, objects.Length);
        cache.AllocBulk(objects);
        Assert.Equal(1, cache.Snapshot().FullSlabs);
        Assert.Equal((long)Page.Size << order, cache.Snapshot().Bytes);
        cache.FreeBulk(objects);
        Assert.False(cache.Shrink());
    }

    [Theory]
    [InlineData(64, -1, "from 0 to 8")]    // 65,536 objects have no descriptor that fits a page
    [InlineData(64, 9, "from 0 to 8")]
    [InlineData(5000, 0, "from 1 to 10")]
    [InlineData(4096, 11, "from 0 to 10")]
    public void Order_OutOfRange_IsRefused(int size, int order, string range)
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => runtime.CreateCache("named", size, new SlabCacheOptions { Order = order }));
        Assert.Contains("'named'", error.Message, StringComparison.Ordinal);
        Assert.Contains(range, error.Message, StringComparison.Ordinal);
        Assert.Equal(order, error.ActualValue);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(20)]
    public void MinPartial_IsHowManyEmptySlabsStay(int minPartial)
    {
        using SlabRuntime runtime = TestRuntime.OfPages(1024);
        KmemCache cache = runtime.CreateCache("o", 64, new SlabCacheOptions { MinPartial = minPartial, Checked = true, NoMagazines = true });
        nint[] objects = new nint[30 * cache.Snapshot().ObjectsPerSlab];
        cache.AllocBulk(objects);
        cache.FreeBulk(objects);
        Assert.Equal(minPartial, cache.Snapshot().EmptySlabs);
        Assert.Throws<ArgumentOutOfRangeException>(() => runtime.CreateCache("o", 64, new SlabCacheOptions { MinPartial = -1 }));
    }

    [Fact]
    public void Coloring_SpreadsFirstObjects_UntilItIsSwitchedOff()
    {
        Assert.Equal([0, 64, 128, 192, 0, 64, 128, 192], Offsets(coloring: true));
        Assert.Equal(new int[8], Offsets(coloring: false));

        static int[] Offsets(bool coloring)
        {
            using SlabRuntime runtime = TestRuntime.OfPages(1024);
            KmemCache cache = runtime.CreateCache("o", 704, new SlabCacheOptions { Order = 2, Coloring = coloring, Checked = true, NoMagazines = true });
            CacheSnapshot layout = cache.Snapshot();
            Assert.Equal(coloring ? 4 : 1, layout.Colors);
            nint[] objects = new nint[8 * layout.ObjectsPerSlab];
            cache.AllocBulk(objects);
            int[] offsets = [.. objects.Chunk(layout.ObjectsPerSlab).Select(slab => (int)(slab.Min() & (layout.SlabBytes - 1)))];
            cache.FreeBulk(objects);
            return offsets;
        }
    }

    [Fact]
    public void RandomOrder_RepeatsWithItsSeed_AndLosesNothing()
    {
        int[] first = Indexes(7), again = Indexes(7), other = Indexes(8), unseeded = Indexes(null), another = Indexes(null);
        Assert.Equal(first, again);
        Assert.NotEqual(first, other);
        Assert.NotEqual(unseeded, another);
        Assert.All([first, other, unseeded], indexes => Assert.Equal(Enumerable.Range(0, 64), indexes.Order()));

        // Not in order either way: as many neighbours in order as not, give or take (at most 1 of 64! orders is sorted).
        Assert.InRange(first.Zip(first.Skip(1)).Count(pair => pair.First < pair.Second), 15, 48);

        static int[] Indexes(int? seed)
        {
            using SlabRuntime runtime = TestRuntime.OfPages(64);
            KmemCache cache = runtime.CreateCache("o", 64, new SlabCacheOptions { RandomOrder = true, RandomSeed = seed, Checked = true, NoMagazines = true });
            nint[] objects = [.. Enumerable.Range(0, 64).Select(_ => cache.Alloc())];
            Assert.Equal(1, cache.Snapshot().FullSlabs);
            cache.FreeBulk(objects);
            return [.. objects.Select(o => (int)(o & (Page.Size - 1)) / 64)];
        }
    }

    [Fact]
    public void RandomOrder_UsesSlabsOfTheLeastOrderToo()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(8);
        KmemCache cache = runtime.CreateCache("o", 256, new SlabCacheOptions { Order = 2, RandomOrder = true, Checked = true, NoMagazines = true });
        var objects = new HashSet<nint>();
        while (cache.TryAlloc(out nint address))
        {
            Assert.True(objects.Add(address));
        }

        Assert.True(objects.Count > 4 * Page.Size / 256, $"{objects.Count} objects: only whole slabs of four pages were used.");
        cache.FreeBulk([.. objects]);
        Assert.False(cache.Shrink());
    }

    [Fact]
    public void ASeedWithoutRandomOrder_IsRefused()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(8);
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => runtime.CreateCache("o", 64, new SlabCacheOptions { RandomSeed = 1 }));
        Assert.Contains("RandomOrder", error.Message, StringComparison.Ordinal);
    }
}
