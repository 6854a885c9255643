using SlabGen.Memory;

namespace SlabGen.Tests;

/// <summary>Where memory runs out, a Try form says so without an exception, and nothing is lost.</summary>
public sealed unsafe class TryFormsTests
{
    [Fact]
    public void Kmalloc_tries()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(512);
        Kmalloc kmalloc = runtime.Kmalloc;
        Assert.True(kmalloc.TryAlloc(100, out nint small));
        Assert.True(kmalloc.TryAlloc(100_000, out nint large));
        Assert.True(kmalloc.TryAlloc(0, out nint none));
        Assert.Equal(Kmalloc.ZeroSizePointer, none);
        Assert.False(kmalloc.TryAlloc(512u * (nuint)Page.Size, out nint whole));
        Assert.False(kmalloc.TryAlloc(nuint.MaxValue, out nint endless));
        Assert.Equal((0, 0), (whole, endless));
        kmalloc.Free(small);
        kmalloc.Free(large);
    }

    [Fact]
    public void Kmalloc_tries_to_change_a_size_and_else_leaves_the_block()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(512);
        Kmalloc kmalloc = runtime.Kmalloc;
        nint block = 0;
        Assert.True(kmalloc.TryRealloc(ref block, 50)); // null: allocates a new block
        *(long*)block = 77;
        nint before = block;
        Assert.True(kmalloc.TryRealloc(ref block, 60));
        Assert.Equal(before, block);
        Assert.True(kmalloc.TryRealloc(ref block, 20_000));
        Assert.Equal(77, *(long*)block);
        before = block;
        Assert.False(kmalloc.TryRealloc(ref block, 512u * (nuint)Page.Size));
        Assert.Equal((before, 77L), (block, *(long*)block));
        Assert.True(kmalloc.TryRealloc(ref block, 0));
        Assert.Equal(Kmalloc.ZeroSizePointer, block);
        nint bad = 0x1230;
        Assert.Throws<SlabException>(() => kmalloc.TryRealloc(ref bad, 8));
    }

    [Fact]
    public void A_destroyed_instance_throws_all_the_same()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(1024);
        Kmalloc mine = runtime.CreateKmalloc("mine");
        mine.Destroy();
        Assert.Throws<ObjectDisposedException>(() => mine.TryAlloc(100, out _));
        Assert.Throws<ObjectDisposedException>(() => mine.TryAlloc(100_000, out _));
    }

    [Fact]
    public void Bulk_tries_and_takes_all_or_none()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache("bulk", 512, new SlabCacheOptions { MaxObjects = 8 });
        nint[] objects = new nint[9];
        Array.Fill(objects, 1); // a failed call must clear old contents
        Assert.False(cache.TryAllocBulk(objects));
        Assert.Equal(new nint[9], objects);
        Assert.False(cache.TryAllocBulk(objects, GfpFlags.Atomic));
        Assert.True(cache.TryAllocBulk(objects.AsSpan(0, 8), GfpFlags.Kernel | GfpFlags.Zero));
        Assert.All(objects[..8], address => Assert.Equal(0, *(long*)address));
        Assert.False(cache.TryAllocBulk(objects.AsSpan(8)));
        cache.FreeBulk(objects.AsSpan(0, 8));
        Assert.True(cache.TryAllocBulk([]));
        Assert.Throws<ArgumentException>(() => cache.TryAllocBulk(objects, GfpFlags.Dma));
    }
}
