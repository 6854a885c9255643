namespace SlabGen.Tests.Diagnostics;

/// <summary>
/// What has happened in a cache and in a runtime so far: totals that are exact at every look, though the fast path counts nothing.
/// </summary>
public sealed class TotalsTests
{
    [Fact]
    public void What_crossed_is_exact_at_every_look()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        KmemCache cache = runtime.CreateCache("o", 64, new SlabCacheOptions { MagazineRounds = 4 });
        var random = new Random(7);
        var live = new Stack<nint>();
        long slabs = 0, taken = 0, returned = 0;
        for (int step = 0; step < 3000; step++)
        {
            if (live.Count == 0 || random.Next(500) < 250 + (step / 6 % 2 == 0 ? 60 : -60))
            {
                live.Push(cache.Alloc());
            }
            else
            {
                cache.Free(live.Pop());
            }

            CacheSnapshot s = cache.Snapshot();
            Assert.Equal(live.Count, s.LiveObjects);
            Assert.Equal(s.LiveObjects + s.CachedObjects, s.TakenObjects - s.ReturnedObjects);
            Assert.Equal(s.Slabs, s.MadeSlabs - s.DiscardedSlabs);
            Assert.True(s.TakenObjects >= taken && s.ReturnedObjects >= returned && s.MadeSlabs >= slabs, "no total falls");
            (taken, returned, slabs) = (s.TakenObjects, s.ReturnedObjects, s.MadeSlabs);
        }

        cache.FreeBulk([.. live]);
        cache.Shrink();
        CacheSnapshot end = cache.Snapshot();
        Assert.Equal((end.TakenObjects, end.MadeSlabs), (end.ReturnedObjects, end.DiscardedSlabs));
        Assert.True(end is { Refills: > 0, Flushes: > 0, DepotVisits: > 0, MadeSlabs: > 0 });
        Assert.True(end.TakenObjects >= taken);
    }

    [Fact]
    public void A_pair_within_the_magazine_leaves_no_trace()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache("o", 64);
        cache.Free(cache.Alloc());
        CacheSnapshot before = cache.Snapshot();
        for (int i = 0; i < 100; i++)
        {
            cache.Free(cache.Alloc());
        }

        Assert.Equal(before, cache.Snapshot());
    }

    [Fact]
    public void Objects_past_the_magazines_count_one_by_one()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache("o", 64, new SlabCacheOptions { NoMagazines = true });
        nint[] objects = new nint[10];
        cache.AllocBulk(objects);
        foreach (nint address in objects)
        {
            cache.Free(address);
        }

        CacheSnapshot s = cache.Snapshot();
        Assert.Equal((10L, 10L, 1L, 10L), (s.TakenObjects, s.ReturnedObjects, s.Refills, s.Flushes));
    }

    [Fact]
    public void A_reset_returns_what_was_live()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache("o", 64);
        cache.AllocBulk(new nint[10]);
        cache.Reset();
        CacheSnapshot s = cache.Snapshot();
        Assert.Equal(s.TakenObjects, s.ReturnedObjects);
        Assert.Equal(s.MadeSlabs, s.DiscardedSlabs);
    }

    [Fact]
    public void Threads_at_work_never_make_a_total_fall_and_afterwards_all_are_exact()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(512);
        KmemCache cache = runtime.CreateCache("o", 64, new SlabCacheOptions { MagazineRounds = 4 });
        const int Kept = 5;
        using var done = new CountdownEvent(2);
        Thread[] threads = [new(Work), new(Work)];
        Array.ForEach(threads, thread => thread.Start());
        CacheSnapshot before = cache.Snapshot();
        do
        {
            CacheSnapshot now = cache.Snapshot();
            Assert.True(now.TakenObjects >= before.TakenObjects && now.ReturnedObjects >= before.ReturnedObjects
                && now.Refills >= before.Refills && now.Flushes >= before.Flushes && now.DiscardedSlabs >= before.DiscardedSlabs);
            before = now;
        }
        while (!done.IsSet);

        Array.ForEach(threads, thread => thread.Join());
        CacheSnapshot s = cache.Snapshot();
        Assert.Equal(2 * Kept, s.LiveObjects);
        Assert.Equal(s.LiveObjects + s.CachedObjects, s.TakenObjects - s.ReturnedObjects);
        cache.Reset();

        void Work()
        {
            nint[] objects = new nint[20];
            for (int i = 0; i < 500; i++)
            {
                cache.AllocBulk(objects);
                cache.FreeBulk(objects);
            }

            cache.AllocBulk(objects.AsSpan(..Kept));
            done.Signal();
        }
    }

    [Fact]
    public void Reclaim_and_what_went_back_to_the_system_are_counted()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache first = runtime.CreateCache("first", 1024), second = runtime.CreateCache("second", 1024);
        Assert.Equal((0L, 0L), (runtime.Snapshot().DirectReclaims, runtime.Snapshot().ReturnedBytes));
        nint[] objects = new nint[150];
        first.AllocBulk(objects);
        first.FreeBulk(objects); // they lie in magazines
        Assert.Equal(0, runtime.Snapshot().DirectReclaims);
        second.AllocBulk(objects);

        SlabRuntimeSnapshot s = runtime.Snapshot();
        Assert.True(s.DirectReclaims > 0, "the other cache's magazines served");
        Assert.InRange(s.DirectlyReclaimedBytes, 1, s.MemoryLimit * s.DirectReclaims);
        second.FreeBulk(objects);
        long before = s.CommittedBytes;
        runtime.Shrink();
        s = runtime.Snapshot();
        Assert.True(s.ReturnedBytes >= before - s.CommittedBytes && s.ReturnedBytes > 0);
        Assert.Equal((runtime.MemoryLimit, runtime.CommittedBytes, runtime.PeakCommittedBytes), (s.MemoryLimit, s.CommittedBytes, s.PeakCommittedBytes));
    }

    [Fact]
    public void Each_kind_of_reclaim_has_its_own_totals()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        KmemCache cache = runtime.CreateCache("o", 1024);
        nint[] objects = new nint[100];
        cache.AllocBulk(objects);
        cache.FreeBulk(objects);
        runtime.Reclaim.Reap();
        runtime.Reclaim.Relieve(priority: 12);
        runtime.Reclaim.ReclaimInBackground();
        SlabRuntimeSnapshot s = runtime.Snapshot();
        Assert.Equal((0L, 1L, 1L, 1L), (s.DirectReclaims, s.BackgroundReclaims, s.PressureReclaims, s.IdleReclaims));
        Assert.True(s.PressureReclaimedBytes + s.IdleReclaimedBytes > 0, "the objects' slabs");
        Assert.Equal(0, s.BackgroundReclaimedBytes);
    }
}
