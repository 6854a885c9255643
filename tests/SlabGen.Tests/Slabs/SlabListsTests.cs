using SlabGen.Memory;
using SlabGen.Tests.Generated;

namespace SlabGen.Tests.Slabs;

/// <summary>Slabs move between the full, partial and empty lists, and the fullest one serves first.</summary>
public sealed class SlabListsTests
{
    // Checked mode has no magazines: what is freed is in its slab at once.
    private static readonly SlabCacheOptions s_noCaching = new() { Checked = true, NoMagazines = true };

    [Fact]
    public void ObjectsLieAsCloseAsTheirSize_InOnePage()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(16);
        KmemCache cache = runtime.CreateCache("o", 24, s_noCaching with { Order = 0 });
        nint[] objects = new nint[Page.Size / 24];
        cache.AllocBulk(objects);
        Array.Sort(objects);
        Assert.All(objects.Zip(objects.Skip(1)), pair => Assert.Equal(24, pair.Second - pair.First));
        Assert.Single(objects.Select(o => o & -Page.Size).Distinct());
        Assert.Equal(1, cache.Snapshot().FullSlabs);
        cache.FreeBulk(objects);
    }

    [Fact]
    public void States_FollowTheFill()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(16);
        KmemCache cache = runtime.CreateCache("o", 1024, s_noCaching);
        int perSlab = cache.Snapshot().ObjectsPerSlab;
        var objects = new List<nint>();
        for (int i = 0; i < perSlab; i++)
        {
            Assert.Equal((0, i == 0 ? 0 : 1, 0), States(cache));
            objects.Add(cache.Alloc());
        }

        Assert.Equal((1, 0, 0), States(cache));
        cache.Free(objects[0]);
        Assert.Equal((0, 1, 0), States(cache));
        objects.Skip(1).ToList().ForEach(cache.Free);
        Assert.Equal((0, 0, 1), States(cache)); // kept: min_partial
    }

    [Fact]
    public void FullestPartialSlab_ServesFirst()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache("o", 64, s_noCaching);
        int perSlab = cache.Snapshot().ObjectsPerSlab;
        nint[] objects = new nint[perSlab * 3];
        cache.AllocBulk(objects);
        nint[][] slabs = [.. objects.GroupBy(o => o & -Page.Size).Select(g => g.ToArray())];

        cache.FreeBulk(slabs[0].AsSpan(0, perSlab / 2));
        cache.FreeBulk(slabs[1].AsSpan(0, 1)); // the fullest
        cache.FreeBulk(slabs[2].AsSpan(0, perSlab - 1));

        Assert.Equal(slabs[1][0], cache.Alloc());
        nint next = cache.Alloc();
        Assert.Contains(next, slabs[0]);

        cache.Free(next);
        cache.FreeBulk(slabs[0].AsSpan(perSlab / 2));
        cache.FreeBulk(slabs[1]);
        cache.Free(slabs[2][^1]);
    }

    [Fact]
    public void EmptySlabs_BeyondMinPartial_GoBackToTheZone()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        KmemCache cache = runtime.CreateCache("o", 64, s_noCaching);
        nint[] objects = new nint[64 * 100];
        cache.AllocBulk(objects);
        cache.FreeBulk(objects);
        Assert.InRange(cache.Snapshot().EmptySlabs, 1, 5); // clamp(ilog2(64) / 2, 5, 10)
        Assert.Equal(cache.Snapshot().EmptySlabs, cache.Snapshot().Slabs);
    }

    [Fact]
    public void Colors_Advance_Wrap_AndShiftTheFirstObject()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        KmemCache cache = runtime.CreateCache("o", 200, s_noCaching with { Order = 0 }); // 96 bytes left over: two colours
        CacheSnapshot layout = cache.Snapshot();
        Assert.Equal(2, layout.Colors);
        nint[] objects = new nint[layout.ObjectsPerSlab * 4];
        cache.AllocBulk(objects);
        long[] offsets = [.. objects.GroupBy(o => o & -Page.Size).Select(g => (long)(g.Min() & (Page.Size - 1)))];
        Assert.Equal([0, 64, 0, 64], offsets);
        cache.FreeBulk(objects);
    }

    [Fact]
    public void NoBlockOfTheUsualOrder_FallsBackToTheLeast()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(6);
        KmemCache cache = runtime.CreateCache("o", 1024, s_noCaching);
        Assert.True(cache.Snapshot().PagesPerSlab >= 2);
        var objects = new List<nint>();
        while (cache.TryAlloc(out nint address))
        {
            objects.Add(address);
        }

        // 6 pages: 1 of descriptors, and all of the other 5 in slabs, though 5 is no multiple of the usual slab.
        Assert.Equal(5 * Page.Size / 1024, objects.Count);
        objects.ForEach(cache.Free);
    }

    private static (int Full, int Partial, int Empty) States(KmemCache cache)
    {
        CacheSnapshot snapshot = cache.Snapshot();
        return (snapshot.FullSlabs, snapshot.PartialSlabs, snapshot.EmptySlabs);
    }
}
