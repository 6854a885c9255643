using SlabGen.Tests.Generated;

namespace SlabGen.Tests.Caches;

/// <summary>A cache made by hand clears its objects where its option says, on every way in and out; and may do without magazines.</summary>
public sealed unsafe class ZeroingByHandTests
{
    private const int Size = 64;

    [Fact]
    public void On_alloc_every_way_hands_out_zeros()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        KmemCache cache = runtime.CreateCache("zeroed", Size, new SlabCacheOptions { Zeroing = SlabZeroing.OnAlloc });
        for (int round = 0; round < 3; round++)
        {
            nint[] objects = new nint[300];
            objects[0] = cache.Alloc();
            Assert.True(cache.TryAlloc(out objects[1]));
            objects[2] = cache.Alloc(GfpFlags.Atomic);
            Assert.True(cache.TryAlloc(GfpFlags.NoWait, out objects[3]));
            cache.AllocBulk(objects.AsSpan(4, 96));
            cache.AllocBulk(objects.AsSpan(100, 100), GfpFlags.Kernel);
            Assert.True(cache.TryAllocBulk(objects.AsSpan(200)));
            foreach (nint address in objects)
            {
                var bytes = new Span<byte>((void*)address, Size);
                Assert.False(bytes.ContainsAnyExcept((byte)0));
                bytes.Fill(0xa5);
            }

            cache.Free(objects[0]);
            cache.FreeBulk(objects.AsSpan(1));
        }

        Assert.True(cache.Snapshot().CachedObjects > 0, "it has magazines");
        TestRuntime.CheckHealth(runtime);
    }

    [Fact]
    public void On_free_nothing_stays_and_what_is_no_object_is_not_written()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        KmemCache cache = runtime.CreateCache("cleared", Size, new SlabCacheOptions { Zeroing = SlabZeroing.OnFree, MagazineRounds = 4 });
        nint[] objects = new nint[20];
        cache.AllocBulk(objects);
        foreach (nint address in objects)
        {
            new Span<byte>((void*)address, Size).Fill(0xa5);
        }

        nint kept = objects[19];
        cache.Free(objects[0]);
        cache.FreeBulk(objects.AsSpan(1, 9));
        runtime.Kmalloc.Free(objects[10]); // kfree takes any
        cache.FreeBulk(objects.AsSpan(11, 8));
        foreach (nint address in objects[..19])
        {
            Assert.False(new Span<byte>((void*)address, Size).ContainsAnyExcept((byte)0));
        }

        Assert.Equal(0xa5, *(byte*)kept);
        cache.Free(kept + 8); // inside the object: found later, and nothing of it is cleared
        Assert.Equal(0xa5, *(byte*)(kept + 8));
        Assert.Equal(SlabFault.InteriorPointer, Assert.Throws<SlabException>(() => cache.Shrink()).Fault);
        Assert.Throws<InvalidOperationException>(() => cache.FreeDeferred(kept));
        cache.Free(kept);
    }

    [Fact]
    public void Threads_that_come_and_go_leave_nothing()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(1024);
        KmemCache cache = runtime.CreateCache("threads", Size, new SlabCacheOptions { Zeroing = SlabZeroing.OnAlloc });
        for (int i = 0; i < 4; i++)
        {
            var thread = new Thread(() =>
            {
                for (int n = 0; n < 1000; n++)
                {
                    nint address = cache.Alloc();
                    Assert.Equal(0, *(long*)address);
                    *(long*)address = n;
                    cache.Free(address);
                }
            });
            thread.Start();
            thread.Join();
        }

        Assert.False(cache.Shrink());
        int before = runtime.CreateCache("before", Size).Id;
        cache.Destroy();
        Assert.InRange(runtime.CreateCache("after", Size).Id, 1, before + 1000);
        TestRuntime.CheckHealth(runtime);
    }

    [Fact]
    public void Clearing_that_would_undo_something_is_refused()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        Assert.Contains("constructor", Assert.Throws<ArgumentOutOfRangeException>(() =>
            runtime.CreateCache("life", Size, new SlabCacheOptions { Zeroing = SlabZeroing.OnFree }, static (_, _) => true)).Message, StringComparison.Ordinal);
        Assert.Contains("TypeSafeByRcu", Assert.Throws<ArgumentOutOfRangeException>(() =>
            runtime.CreateCache("rcu", Size, new SlabCacheOptions { Zeroing = SlabZeroing.OnAlloc, TypeSafeByRcu = true })).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => runtime.CreateCache("none", Size, new SlabCacheOptions { Zeroing = (SlabZeroing)9 }));
    }

    [Fact]
    public void Without_magazines_nothing_is_cached_and_a_bad_free_is_found_at_the_call()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache("bare", Size, new SlabCacheOptions { NoMagazines = true, Checked = false, MinPartial = 0 });
        nint one = cache.Alloc(), two = cache.Alloc();
        Assert.False(cache.Snapshot().IsChecked);
        Assert.Equal((2, 0), (cache.Snapshot().LiveObjects, cache.Snapshot().CachedObjects));
        cache.Free(one);
        Assert.Equal(SlabFault.DoubleFree, Assert.Throws<SlabException>(() => cache.Free(one)).Fault);
        cache.FreeDeferred(two);
        Rcu.Barrier();
        Assert.Equal(0, cache.Snapshot().Bytes);
    }
}
