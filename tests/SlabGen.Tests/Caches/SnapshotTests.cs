using SlabGen.Magazines;
using SlabGen.Memory;
using SlabGen.Slabs;
using SlabGen.Tests.Concurrency;
using SlabGen.Tests.Generated;

namespace SlabGen.Tests.Caches;

/// <summary>A snapshot says what a cache is, what it holds, and what did not go as it should.</summary>
public sealed class SnapshotTests
{
    [Fact]
    public void TheLayout_IsThatOfTheSlabs()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        CacheSnapshot s = runtime.CreateCache("o", 1020, new SlabCacheOptions { Alignment = 16 }).Snapshot();
        Assert.Equal(("o", 1020, 1024, 16), (s.Name, s.ObjectSize, s.SlotSize, s.Alignment));
        Assert.Equal(0, s.LeastOrder);
        Assert.Equal(1 << s.Order, s.PagesPerSlab);
        Assert.Equal((long)Page.Size << s.Order, s.SlabBytes);
        Assert.Equal(s.SlabBytes / 1024, s.ObjectsPerSlab);
        Assert.True(s.Order > 0);
    }

    [Fact]
    public void Magazines_AreCounted_WhereTheyAre()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache("o", 64, new SlabCacheOptions { MagazineRounds = 4 });
        Assert.Equal(0, cache.Snapshot().MetadataBytes);
        nint[] objects = new nint[20];
        cache.AllocBulk(objects);
        cache.FreeBulk(objects); // two full magazines here, three in the depot
        CacheSnapshot s = cache.Snapshot();
        Assert.Equal((4, 2, 3, 20L), (s.MagazineRounds, s.LoadedMagazines, s.FullMagazines, s.CachedObjects));

        cache.AllocBulk(objects); // the last one of the depot is loaded; the others came back empty
        s = cache.Snapshot();
        Assert.Equal((0, 0L), (s.FullMagazines, s.CachedObjects));
        Assert.Equal(5, s.LoadedMagazines + s.EmptyMagazines);
        Assert.Equal((5L * Magazine.BytesFor(4)) + (s.Slabs * Descriptor(s)), s.MetadataBytes);
        cache.FreeBulk(objects);
        cache.Shrink();
        Assert.Equal(0, cache.Snapshot().MetadataBytes);
    }

    [Fact]
    public void Peaks_Stay()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache("o", 512);
        nint[] objects = new nint[100];
        cache.AllocBulk(objects);
        CacheSnapshot full = cache.Snapshot();
        cache.FreeBulk(objects);
        cache.Shrink();
        CacheSnapshot empty = cache.Snapshot();
        Assert.Equal((0L, 0L), (empty.Bytes, empty.Objects));
        Assert.Equal(full.Bytes, empty.PeakBytes);
        Assert.Equal(full.LiveObjects + full.CachedObjects, empty.PeakObjects);
        Assert.True(empty.PeakObjects >= 100);
    }

    [Fact]
    public void PagesOfAnotherZone_AreAFallback()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache high = runtime.CreateCache("high", 64, new SlabCacheOptions { Zone = ZoneKind.HighMem }), normal = runtime.CreateCache("normal", 64);
        high.Free(high.Alloc());
        normal.Free(normal.Alloc());
        Assert.Equal(1, high.Snapshot().ZoneFallbacks);
        Assert.Equal(0, normal.Snapshot().ZoneFallbacks);
    }

    [Fact]
    public void ASlabOfTheLeastOrder_IsAFallback()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(32);
        KmemCache cache = runtime.CreateCache("o", 1024, new SlabCacheOptions { MagazineRounds = 1 }); // takes one object at a time
        var pages = new List<PagePtr>();
        while (runtime.Pages.TryAllocPages(GfpFlags.NoWait, 0, out PagePtr page))
        {
            pages.Add(page);
        }

        pages.Sort((a, b) => a.Address.CompareTo(b.Address));
        for (int i = 0; i < pages.Count; i += 2)
        {
            runtime.Pages.FreePages(pages[i]); // every other one: no two that lie together
        }

        nint one = cache.Alloc();
        CacheSnapshot s = cache.Snapshot();
        Assert.Equal((1L, 1, (long)Page.Size), (s.OrderFallbacks, s.Slabs, s.Bytes));
        cache.Free(one);
        for (int i = 1; i < pages.Count; i += 2)
        {
            runtime.Pages.FreePages(pages[i]);
        }
    }

    [Fact]
    public void Failures_AreCounted()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(8);
        KmemCache cache = runtime.CreateCache("o", 512);
        var live = new List<nint>();
        while (cache.TryAlloc(out nint address))
        {
            live.Add(address);
        }

        Assert.Equal(1, cache.Snapshot().FailedAllocations);
        Assert.True(cache.Snapshot().FailedSlabs >= 1);
        Assert.Throws<OutOfMemoryException>(() => cache.AllocBulk(new nint[1_000_000]));
        Assert.Throws<OutOfMemoryException>(() => cache.AllocBulk(new nint[10]));
        Assert.Equal(3, cache.Snapshot().FailedAllocations);
        cache.FreeBulk([.. live]);
    }

    [Fact]
    public void ARefusedSlab_IsCounted_AlsoWhenTheConstructorThrows()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(16);
        KmemCache cache = runtime.CreateCache<long, Refusing>("o");
        Refusing.Throws = false;
        Assert.False(cache.TryAlloc(out _));
        long refused = cache.Snapshot().RefusedSlabs;
        Assert.True(refused >= 1);
        Refusing.Throws = true;
        Assert.Throws<FormatException>(() => cache.Alloc());
        Assert.Equal(refused + 1, cache.Snapshot().RefusedSlabs);
    }

    [Fact]
    public void Waiting_ForTheDepot_IsCounted()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(16);
        KmemCache cache = runtime.CreateCache("o", 64);
        Assert.Equal(0, cache.Snapshot().DepotContention);
        var threads = new TestThreads();
        using (cache.Magazines.Depots[0].Hold())
        {
            threads.Start(() => cache.Free(cache.Alloc()));
            threads.WaitUntil(() => cache.Magazines.Depots[0].IsAwaited, "the other thread at the depot");
        }

        threads.Join();
        Assert.Equal(1, cache.Snapshot().DepotContention);
    }

    [Fact]
    public void SlabsOfReclaimableCaches_CountApart()
    {
        SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache inodes = runtime.CreateCache("inodes", 64, new SlabCacheOptions { Reclaimable = true }), others = runtime.CreateCache("others", 2048);
        Assert.True(inodes.Snapshot().IsReclaimable);
        Assert.False(others.Snapshot().IsReclaimable);
        inodes.Alloc();
        others.Alloc();
        Assert.Equal(inodes.Snapshot().Bytes, runtime.ReclaimableBytes);
        Assert.Equal(others.Snapshot().Bytes, runtime.UnreclaimableBytes);
        long leaked = runtime.ReclaimableBytes;
        inodes.Destroy();
        Assert.Equal(leaked, runtime.ReclaimableBytes); // a live object keeps its slab
        Assert.Throws<InvalidOperationException>(runtime.Close);
    }

    /// <summary>The bytes of a slab's descriptor.</summary>
    private static int Descriptor(CacheSnapshot s) => Slab.BytesFor(s.ObjectsPerSlab);

    private sealed class Refusing : ISlabLife<long>
    {
        public static bool Throws { get; set; }

        public static bool Construct(ref long value) => Throws ? throw new FormatException("constructor") : false;

        public static void Destruct(ref long value) => throw new InvalidOperationException("There is nothing to destruct.");
    }
}
