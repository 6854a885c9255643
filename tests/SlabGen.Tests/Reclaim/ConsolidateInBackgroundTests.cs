using SlabGen.Slabs;
using SlabGen.Tests.Caches;
using SlabGen.Tests.Concurrency;

namespace SlabGen.Tests.Reclaim;

/// <summary>A fragmented cache is consolidated without a call, one that is not is left alone, and no allocation ever does it.</summary>
public sealed class ConsolidateInBackgroundTests
{
    [Fact]
    public void AtTheEndOfAnInterval_AFragmentedCacheIsConsolidated()
    {
        using SlabRuntime runtime = New(TimeSpan.FromMilliseconds(100));
        KmemCache cache = runtime.CreateCache("o", 64);
        var objects = new MovableObjects(cache);
        objects.MakeSparse(count: 30_000, oneIn: 64);
        var threads = new TestThreads();
        threads.WaitUntil(() => cache.Snapshot().Slabs < CacheSlabs.FragMinSlabs, $"fewer slabs than {cache.Snapshot().Slabs}");
        Assert.True(objects.Count > 3 * CacheSlabs.FragMinSlabs); // in so many slabs they lay
        objects.CheckAll();
        objects.FreeAll();
    }

    [Theory]
    [InlineData(CacheSlabs.FragMinSlabs - 1, 4, false)]
    [InlineData(CacheSlabs.FragMinSlabs, 4, true)]
    [InlineData(2 * CacheSlabs.FragMinSlabs, 8, false)]
    [InlineData(2 * CacheSlabs.FragMinSlabs, 7, true)]
    public void Fragmented_IsAnEighthFree_OfManySlabs(int slabs, int oneInIsFree, bool fragmented)
    {
        using SlabRuntime runtime = New(Timeout.InfiniteTimeSpan);
        KmemCache cache = runtime.CreateCache("o", 64, new SlabCacheOptions { Checked = true, NoMagazines = true });
        nint[] objects = new nint[slabs * cache.Snapshot().ObjectsPerSlab];
        cache.AllocBulk(objects);
        nint[] free = [.. objects.Where((_, i) => i % oneInIsFree == 0)];
        cache.FreeBulk(free);
        Assert.Equal(fragmented, cache.Slabs.IsFragmented);
        cache.FreeBulk([.. objects.Except(free)]);
    }

    [Fact]
    public void WhenMemoryIsShort_AnySlabIsWorthIt_AndWhatTheCallbackThrowsComesOutOfALaterCall()
    {
        using SlabRuntime runtime = New(Timeout.InfiniteTimeSpan);
        KmemCache cache = runtime.CreateCache("o", 64);
        var objects = new MovableObjects(cache);
        objects.MakeSparse(count: 1000, oneIn: 64); // too few slabs to be looked at otherwise
        runtime.Reclaim.Reap();
        Assert.Empty(objects.Asked);

        objects.Reply = _ => throw new FormatException("move");
        runtime.Reclaim.Relieve(priority: 12);
        Assert.Single(objects.Asked);
        Assert.Equal("move", Assert.Throws<FormatException>(cache.Magazines.ThrowPending).Message);

        objects.Reply = _ => SlabMoveReply.Yes;
        runtime.Reclaim.Relieve(priority: 12);
        Assert.Equal(1, cache.Snapshot().Slabs);
        objects.CheckAll();
        objects.FreeAll();
    }

    [Fact]
    public void AnAllocation_NeverAsks_WhateverItMustReclaim()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache("o", 64), other = runtime.CreateCache("other", 4096);
        var objects = new MovableObjects(cache);
        objects.MakeSparse(count: 1000, oneIn: 64);
        Thread me = Thread.CurrentThread;
        int mine = 0;
        objects.Reply = _ =>
        {
            mine += Thread.CurrentThread == me ? 1 : 0;
            return SlabMoveReply.Yes;
        };
        var held = new List<nint>();
        while (other.TryAlloc(out nint address))
        {
            held.Add(address);
        }

        Assert.NotEmpty(held);
        Assert.Equal(0, mine);
        other.FreeBulk([.. held]);
        objects.FreeAll();
    }

    private static SlabRuntime New(TimeSpan interval) => new(new SlabRuntimeOptions
    {
        MemoryLimit = 64 << 20,
        ReapInterval = interval,
        Pressure = TestRuntime.NoPressure,
    });
}
