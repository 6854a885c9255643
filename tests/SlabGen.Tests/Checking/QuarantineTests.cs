using static SlabGen.Tests.Checking.Lettered;

namespace SlabGen.Tests.Checking;

/// <summary>What is freed waits in the quarantine, is known there, and comes home when it is wanted.</summary>
public sealed class QuarantineTests
{
    private static KmemCache NewCache(SlabRuntime runtime, int objects, SlabCacheOptions? options = null)
    {
        SlabDebug letters = SlabDebug.RedZones | SlabDebug.Quarantine;
        int size = runtime.CreateCache("size", 64, new SlabCacheOptions { Debug = letters }).SlotSize;
        return runtime.CreateCache("o", 64, (options ?? new()) with { Debug = letters, QuarantineBytes = objects * size });
    }

    [Fact]
    public void The_first_that_was_freed_is_the_first_that_comes_again()
    {
        using SlabRuntime runtime = NewRuntime(SlabDebug.None);
        KmemCache cache = NewCache(runtime, objects: 10);
        Assert.Equal(SlabDebug.Checks | SlabDebug.RedZones | SlabDebug.Poison | SlabDebug.Quarantine, cache.Snapshot().Debug);
        nint[] objects = new nint[20];
        cache.AllocBulk(objects);
        long cached = cache.Snapshot().CachedObjects; // what the bulk left in a magazine
        Array.ForEach(objects[..10], cache.Free);
        CacheSnapshot now = cache.Snapshot();
        Assert.Equal((10, 10, cached), (now.LiveObjects, now.QuarantinedObjects, now.CachedObjects));
        Assert.Equal(AddressKind.QuarantinedObject, runtime.Describe(objects[3]).Kind);
        Assert.Equal(now.Objects, now.LiveObjects + now.QuarantinedObjects + now.CachedObjects + now.FreeObjects);
        Report(() => cache.Free(objects[3]), SlabFault.DoubleFree);
        cache.Free(objects[10]);
        Assert.Equal(objects[0], cache.Alloc());
        cache.FreeBulk([objects[0], .. objects.AsSpan(11)]);
        Assert.Equal(10, cache.Snapshot().QuarantinedObjects);
        Assert.Equal(0, cache.Snapshot().LiveObjects);
        TestRuntime.CheckHealth(runtime);
        Assert.False(cache.Shrink());
        Assert.Equal(0, cache.Snapshot().Objects);
    }

    [Fact]
    public void A_write_through_an_old_pointer_hurts_nobody_and_is_found_when_the_object_leaves()
    {
        using SlabRuntime runtime = NewRuntime(SlabDebug.None);
        KmemCache cache = NewCache(runtime, objects: 2);
        nint old = cache.Alloc();
        cache.Free(old);
        nint other = cache.Alloc();
        Assert.NotEqual(old, other);
        Write(old + 8, 1);
        Assert.Equal(1, cache.Validate().Violations);
        cache.Free(other);
        nint third = cache.Alloc();
        SlabReport report = Report(() => cache.Free(third), SlabFault.UseAfterFree);
        Assert.Equal((old, 8L), (report.ObjectAddress, report.Offset));
        Assert.Equal(0, cache.Snapshot().LiveObjects);
        TestRuntime.CheckHealth(runtime);
        Write(other, 1);
        Report(() => cache.Shrink(), SlabFault.UseAfterFree);
        TestRuntime.CheckHealth(runtime);
    }

    [Fact]
    public void At_a_limit_and_at_the_end_they_come_home()
    {
        using SlabRuntime runtime = NewRuntime(SlabDebug.None);
        KmemCache cache = NewCache(runtime, objects: 1000, new SlabCacheOptions { MaxObjects = 20 });
        nint[] objects = new nint[20];
        for (int i = 0; i < 3; i++)
        {
            cache.AllocBulk(objects);
            Assert.False(cache.TryAlloc(out _));
            cache.FreeBulk(objects);
            Assert.Equal(20, cache.Snapshot().QuarantinedObjects);
        }

        Assert.True(cache.TryAlloc(out nint one));
        cache.Free(one);
        Assert.Equal(0, cache.Reset());
        cache.Free(cache.Alloc());
        Assert.True(cache.Destroy().IsClean);
    }

    [Fact]
    public void Options_say_how_much_or_none()
    {
        using SlabRuntime runtime = NewRuntime(SlabDebug.Quarantine);
        Assert.Equal(SlabDebug.Checks | SlabDebug.Poison | SlabDebug.Quarantine, runtime.CreateCache("o", 64).Snapshot().Debug);
        Assert.Equal(SlabDebug.Checks, runtime.CreateCache("o", 64, new SlabCacheOptions { QuarantineBytes = 0 }).Snapshot().Debug);
        using SlabRuntime isChecked = TestRuntime.OfPages(256, isChecked: true);
        Assert.Equal(SlabDebug.Checks | SlabDebug.Poison | SlabDebug.Quarantine, isChecked.CreateCache("o", 64, new SlabCacheOptions { QuarantineBytes = 1 }).Snapshot().Debug);
        Assert.ThrowsAny<ArgumentException>(() => runtime.CreateCache("o", 64, new SlabCacheOptions { QuarantineBytes = -1 }));
        KmemCache small = isChecked.CreateCache("o", 64, new SlabCacheOptions { QuarantineBytes = 1 });
        nint one = small.Alloc();
        small.Free(one);
        Assert.Equal(1, small.Snapshot().QuarantinedObjects);
        TestRuntime.CheckHealth(isChecked);
    }
}
