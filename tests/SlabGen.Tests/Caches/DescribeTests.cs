using SlabGen.Memory;
using SlabGen.Zones;

namespace SlabGen.Tests.Caches;

/// <summary>Any address is described, for what it is at the moment, without a look at it.</summary>
public sealed class DescribeTests
{
    [Fact]
    public void Objects_ByTheirState()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache("orders", 48, new SlabCacheOptions { MagazineRounds = 2 });
        nint[] objects = new nint[10];
        cache.AllocBulk(objects);
        nint live = objects[0];
        AddressInfo info = cache.Describe(live + 17);
        Assert.Equal((AddressKind.LiveObject, live, 48L, 17L), (info.Kind, info.Start, info.Size, info.Offset));
        Assert.Equal((cache, runtime.Pages.Normal, 0), (info.Cache, info.Zone, info.ThreadId));
        Assert.Equal(live, info.Slab + (info.ObjectIndex * 48)); // the first slab has colour 0
        Assert.Equal($"0x{live + 17:x}: offset 17 in object {info.ObjectIndex} of 48 bytes at 0x{live:x}, cache 'orders', slab at 0x{info.Slab:x}, Node 0, zone Normal: live", info.ToString());

        cache.FreeBulk(objects.AsSpan(1)); // 9: two magazines and a half here, or behind that in the depot
        AddressInfo[] freed = [.. objects.Skip(1).Select(runtime.Describe)];
        Assert.All(freed, f => Assert.Contains(f.Kind, (AddressKind[])[AddressKind.ObjectOfThread, AddressKind.ObjectInDepot]));
        Assert.Equal(cache.Snapshot().FullMagazines * 2, freed.Count(f => f.Kind == AddressKind.ObjectInDepot));
        AddressInfo mine = freed.First(f => f.Kind == AddressKind.ObjectOfThread);
        Assert.Equal(Environment.CurrentManagedThreadId, mine.ThreadId);
        Assert.EndsWith($": free in a magazine of thread {mine.ThreadId}", mine.ToString(), StringComparison.Ordinal);
        Assert.EndsWith(": free in the depot", freed.First(f => f.Kind == AddressKind.ObjectInDepot).ToString(), StringComparison.Ordinal);

        cache.Shrink();
        info = runtime.Describe(objects[5]);
        Assert.Equal(AddressKind.FreeObject, info.Kind);
        Assert.EndsWith(": free in its slab", info.ToString(), StringComparison.Ordinal);
        cache.Free(live);
    }

    [Fact]
    public void WhatOfASlabIsNoObject()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache("o", 1000, new SlabCacheOptions { MagazineRounds = 1 });
        CacheSnapshot layout = cache.Snapshot();
        Assert.True(layout.Colors > 1 && layout.SlabBytes > layout.ObjectsPerSlab * 1000);
        nint[] objects = new nint[layout.ObjectsPerSlab + 1];
        cache.AllocBulk(objects); // the second slab has colour 1
        nint first = runtime.Describe(objects[0]).Slab, second = runtime.Describe(objects[^1]).Slab;
        AddressInfo color = runtime.Describe(second + layout.ColorOffset - 1), tail = runtime.Describe(first + (nint)layout.SlabBytes - 1);
        Assert.Equal((AddressKind.SlabColor, second, layout.SlabBytes, -1), (color.Kind, color.Start, color.Size, color.ObjectIndex));
        Assert.Equal((AddressKind.SlabTail, first, layout.SlabBytes - 1), (tail.Kind, tail.Start, tail.Offset));
        Assert.Equal(0, runtime.Describe(second + layout.ColorOffset).ObjectIndex);
        Assert.Contains("behind the last object, cache 'o', slab at", tail.ToString(), StringComparison.Ordinal);
        cache.FreeBulk(objects);
    }

    [Fact]
    public void WholePages()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(8192);
        PagePtr block = runtime.Pages.AllocPagesExact(5 * Page.Size, GfpFlags.Kernel);
        AddressInfo info = runtime.Describe(block.Address + (4 * Page.Size) + 3);
        Assert.Equal((AddressKind.PageBlock, block.Address, 5L * Page.Size, runtime.Pages.Normal), (info.Kind, info.Start, info.Size, info.Zone));
        Assert.Equal($"0x{info.Address:x}: offset {(4 * Page.Size) + 3} in a block of {5 * Page.Size} bytes at 0x{block.Address:x}, Node 0, zone Normal", info.ToString());

        nint small = runtime.Kmalloc.Alloc(100), whole = runtime.Kmalloc.Alloc(20_000), large = runtime.Kmalloc.Alloc(2_000_000), huge = runtime.Kmalloc.Alloc(5 << 20);
        info = runtime.Describe(small + 1);
        Assert.Equal(("kmalloc-112", 112L, AddressKind.LiveObject), (info.Cache!.Name, info.Size, info.Kind));
        info = runtime.Describe(whole + 20_000);
        Assert.Equal(("kmalloc-20k", AddressKind.LiveObject, whole, 20_480L), (info.Cache!.Name, info.Kind, info.Start, info.Size));
        info = runtime.Describe(large + 2_000_000);
        Assert.Equal((AddressKind.PageBlock, large, Page.RoundUp(2_000_000, Page.Size)), (info.Kind, info.Start, info.Size));
        info = runtime.Describe(huge + (5 << 20) - 1);
        Assert.Equal((AddressKind.PageBlock, huge, 5L << 20, null), (info.Kind, info.Start, info.Size, info.Zone));
        Assert.Contains("mapped alone", info.ToString(), StringComparison.Ordinal);
        runtime.Kmalloc.Free(small);
        runtime.Kmalloc.Free(whole);
        runtime.Kmalloc.Free(large);
        runtime.Kmalloc.Free(huge);
        Assert.Equal(AddressKind.Foreign, runtime.Describe(huge).Kind);

        runtime.Pages.FreePages(block);
        info = runtime.Describe(block.Address);
        Assert.Equal(AddressKind.FreePage, info.Kind);
        Assert.Contains("in a free block of ", info.ToString(), StringComparison.Ordinal);
        Assert.Equal(AddressKind.FreePage, runtime.Describe(runtime.Pages.Normal.Start + (8191 * Page.Size)).Kind); // never used
    }

    [Fact]
    public unsafe void WhatIsNoUsers()
    {
        SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache("o", 64);
        nint one = cache.Alloc();
        Assert.True(runtime.Pages.TryGetFrame(one, out _, out PageFrame* frame));
        Assert.Equal(AddressKind.Metadata, runtime.Describe(frame->Mapping).Kind);
        Assert.Equal((AddressKind.Null, "0x0: the null pointer"), (runtime.Describe(0).Kind, runtime.Describe(0).ToString()));
        long local = 0;
        foreach (nint address in (nint[])[1, -1, nint.MinValue, nint.MaxValue, (nint)(&local), runtime.Pages.Normal.Start - 1, runtime.Pages.Normal.Start + (64 * Page.Size)])
        {
            Assert.Equal((AddressKind.Foreign, 0L), (runtime.Describe(address).Kind, runtime.Describe(address).Offset));
        }

        cache.Free(one);
        runtime.Dispose();
        Assert.Equal(AddressKind.Foreign, runtime.Describe(one).Kind);
        Assert.Equal(AddressKind.Foreign, cache.Describe(one).Kind);
    }

    [Fact]
    public void ASlabUnderConstruction_AndOneOnItsWayOut()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache<long, Life>("o");
        var seen = new List<AddressInfo>();
        Life.Look = address => seen.Add(cache.Describe(address));
        nint one = cache.Alloc();
        int constructed = seen.Count;
        cache.Free(one);
        cache.Shrink();
        Assert.True(constructed > 0 && seen.Count == 2 * constructed);
        Assert.All(seen, info => Assert.Equal((AddressKind.DetachedSlab, cache), (info.Kind, info.Cache)));
        Assert.Contains("on its way out", seen[^1].ToString(), StringComparison.Ordinal);
        Life.Look = _ => Assert.True(runtime.Validate().IsClean); // it runs without any lock, and so may look at everything
        cache.Free(cache.Alloc());
        cache.Shrink();
        Life.Look = null;
    }

    [Fact]
    public void AnObjectThatWaitsForReaders()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache("o", 64);
        nint one = cache.Alloc();
        using (Rcu.Read())
        {
            cache.FreeDeferred(one);
            Assert.Equal(AddressKind.DeferredObject, runtime.Describe(one).Kind);
            Assert.EndsWith(": freed, until a grace period has passed", runtime.Describe(one).ToString(), StringComparison.Ordinal);
        }

        Rcu.Barrier();
        Assert.Equal(AddressKind.FreeObject, runtime.Describe(one).Kind);
    }

    [Fact]
    public void HighMemory_HasItsPlace_MappedOrNot()
    {
        var options = new SlabRuntimeOptions { MemoryLimit = 4096L * Page.Size, Processors = 1, HighMem = new HighMemOptions { Bytes = 64L * Page.Size, MappedPages = 4 }, ReapInterval = Timeout.InfiniteTimeSpan, Pressure = TestRuntime.NoPressure };
        using var runtime = new SlabRuntime(options);
        if (runtime.Pages.Zones.FirstOrDefault(z => z.Kind == ZoneKind.HighMem) is not { ManagedPages: > 0 } high)
        {
            Assert.Skip("This system has no high memory.");
            return;
        }

        PagePtr page = runtime.Pages.AllocPages(GfpFlags.Kernel | GfpFlags.HighMem, 1);
        nint mapped = runtime.Pages.Kmap(page);
        Assert.Equal((AddressKind.PageBlock, high), (runtime.Describe(mapped).Kind, runtime.Describe(mapped + Page.Size).Zone));
        Assert.True(runtime.Validate().IsClean, runtime.Validate().ToString());
        runtime.Pages.Kunmap(page);
        Assert.Equal(AddressKind.PageBlock, runtime.Describe(mapped).Kind);
        runtime.Pages.FreePages(page);
        Assert.Equal(AddressKind.FreePage, runtime.Describe(mapped).Kind);
        Assert.True(runtime.Validate().IsClean, runtime.Validate().ToString());
    }

    private sealed class Life : ISlabLife<long>
    {
        public static Action<nint>? Look { get; set; }

        public static unsafe bool Construct(ref long value)
        {
            Look?.Invoke((nint)System.Runtime.CompilerServices.Unsafe.AsPointer(ref value));
            return true;
        }

        public static unsafe void Destruct(ref long value) => Look?.Invoke((nint)System.Runtime.CompilerServices.Unsafe.AsPointer(ref value));
    }
}
