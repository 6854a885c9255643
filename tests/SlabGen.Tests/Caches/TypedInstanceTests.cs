namespace SlabGen.Tests.Caches;

/// <summary><see cref="KmemCache{T}"/> does what a generated class does, as an instance.</summary>
public sealed class TypedInstanceTests
{
    [Fact]
    public void Objects_come_go_and_come_cleared()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        using var cache = new KmemCache<Pair>(runtime);
        SlabPtr<Pair> pair = cache.Alloc();
        pair.Value = new Pair { First = 1, Second = 2 };
        cache.Free(pair);
        pair = cache.AllocZeroed();
        Assert.Equal(default, pair.Value);
        Assert.True(cache.TryAlloc(out SlabPtr<Pair> other));
        Assert.True(cache.TryAlloc(GfpFlags.Atomic, out SlabPtr<Pair> third));
        SlabPtr<Pair> fourth = cache.Alloc(GfpFlags.Kernel | GfpFlags.Zero);
        Assert.Equal(default, fourth.Value);
        Assert.Equal(4, cache.Cache.Snapshot().LiveObjects);
        cache.FreeBulk([pair, other, third, fourth]);
        Assert.Equal(("Pair", "Pair", 16), (cache.Cache.Name, cache.ToString(), cache.Cache.ObjectSize));
        SlabException ofNull = Assert.Throws<SlabException>(() => cache.Free(default));
        Assert.Equal(SlabFault.NullPointer, ofNull.Fault);
        Assert.DoesNotContain("SLABGEN_DEBUG", ofNull.Message, StringComparison.Ordinal); // it was the call that was wrong
    }

    [Fact]
    public void A_lease_frees_once_and_a_reservation_gives_the_rest_back()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        using var cache = new KmemCache<Pair>(runtime, "leased");
        using (KmemCache<Pair>.Lease lease = cache.Rent())
        {
            lease.Value.First = 5;
            Assert.Equal(5, lease.Pointer.Value.First);
            lease.Dispose();
            Assert.True(lease.Pointer.IsNull);
        }

        using (SlabReservation<Pair> reserved = cache.Reserve(3))
        {
            cache.Free(reserved.Alloc());
        }

        cache.Cache.Shrink();
        Assert.Equal(0, cache.Cache.Snapshot().LiveObjects);
    }

    [Fact]
    public void Bulk_is_all_or_nothing_and_two_instances_share_nothing()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        using var one = new KmemCache<Pair>(runtime, "one", new SlabCacheOptions { MaxObjects = 10, MagazineRounds = 1 });
        using var two = new KmemCache<Pair>(runtime, "two", new SlabCacheOptions { Checked = true });
        var objects = new SlabPtr<Pair>[10];
        one.AllocBulk(objects);
        var more = new SlabPtr<Pair>[2];
        Assert.False(one.TryAllocBulk(more));
        Assert.Throws<OutOfMemoryException>(() => one.AllocBulk(more));
        Assert.Equal([default, default], more);
        Assert.Equal(SlabFault.WrongCache, Assert.Throws<SlabException>(() => two.Free(objects[0])).Fault);
        Assert.True(two.TryAllocBulk(more));
        two.FreeBulk(more);
        one.FreeBulk(objects);
        TestRuntime.CheckHealth(runtime);
    }

    [Fact]
    public void A_cache_that_is_there_gets_its_type_and_a_smaller_one_is_refused()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        using var cache = new KmemCache<Pair>(runtime.CreateCache<Pair, Made>("made"));
        SlabPtr<Pair> pair = cache.Alloc();
        Assert.Equal(9, pair.Value.First);
        cache.Free(pair);
        KmemCache small = runtime.CreateCache("small", 8);
        Assert.Throws<ArgumentException>(() => new KmemCache<Pair>(small));
        Assert.Throws<ArgumentNullException>(() => new KmemCache<Pair>((KmemCache)null!));
    }

    [Fact]
    public void The_end_of_one_reports_and_is_no_end_of_the_runtime()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        var cache = new KmemCache<KeyValuePair<int, Pair>>(runtime);
        Assert.Equal("KeyValuePair<Int32,Pair>", cache.Cache.Name);
        cache.Dispose();
        cache.Dispose();
        Assert.True(cache.Cache.Leak!.IsClean);
        Assert.Throws<ObjectDisposedException>(() => cache.Alloc());

        var leaking = new KmemCache<Pair>(runtime);
        SlabPtr<Pair> live = leaking.Alloc();
        Assert.Contains("Pair", Assert.Throws<InvalidOperationException>(leaking.Dispose).Message, StringComparison.Ordinal); // the handler of these tests throws
        Assert.Equal([live.Address], leaking.Cache.Leak!.Addresses);
        Assert.Throws<InvalidOperationException>(runtime.Close);
    }

    private struct Pair
    {
        public long First, Second;
    }

    private readonly struct Made : ISlabLife<Pair>
    {
        public static bool Construct(ref Pair value)
        {
            value.First = 9;
            return true;
        }

        public static void Destruct(ref Pair value)
        {
        }
    }
}
