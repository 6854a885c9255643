using SlabGen.Memory;
using SlabGen.Tests.Generated;

namespace SlabGen.Tests.Caches;

/// <summary>Shrink gives everything back that is not live; destroy reports what is, and ends the use of the cache.</summary>
public sealed class ShrinkAndDestroyTests
{
    [Fact]
    public void Shrink_ReturnsToNothing_WhenAllIsFreed()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(8 * 1024);
        KmemCache cache = runtime.CreateCache("o", 64);
        nint[] objects = new nint[100_000];
        cache.AllocBulk(objects);
        Assert.True(runtime.CommittedBytes >= 6_400_000);
        cache.FreeBulk(objects);
        Assert.False(cache.Shrink());
        Assert.Equal(0, runtime.CommittedBytes);
        Assert.True(runtime.PeakCommittedBytes >= 6_400_000);
    }

    [Fact]
    public unsafe void Shrink_LeavesLiveObjectsAlone()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(8 * 1024);
        KmemCache cache = runtime.CreateCache("o", 64);
        nint[] objects = new nint[10_000];
        cache.AllocBulk(objects);
        for (int i = 0; i < objects.Length; i++)
        {
            new Span<long>((void*)objects[i], 8).Fill(i);
        }

        cache.FreeBulk(objects.Where((_, i) => i % 1000 != 0).ToArray());
        Assert.True(cache.Shrink());
        for (int i = 0; i < objects.Length; i += 1000)
        {
            Assert.False(new Span<long>((void*)objects[i], 8).ContainsAnyExcept(i));
        }

        CacheSnapshot snapshot = cache.Snapshot();
        Assert.Equal((10, 0), (snapshot.LiveObjects, snapshot.CachedObjects));
        Assert.InRange(snapshot.Slabs, 1, 10);
        cache.FreeBulk(objects.Where((_, i) => i % 1000 == 0).ToArray());
        Assert.False(cache.Shrink());
    }

    [Fact]
    public void Destroy_ReportsLiveObjects_AndLeavesThemMapped()
    {
        SlabRuntime runtime = TestRuntime.OfPages(256);
        KmemCache cache = runtime.CreateCache("leaky", 64);
        nint[] objects = new nint[100];
        cache.AllocBulk(objects);
        unsafe
        {
            *(long*)objects[3] = 33;
        }

        cache.FreeBulk(objects.AsSpan(5));
        LeakReport report = cache.Destroy();

        Assert.False(report.IsClean);
        Assert.Equal(5, report.LiveObjects);
        Assert.Equal(objects[..5].Order(), report.Addresses.Order());
        Assert.Contains("'leaky' still has 5", report.ToString(), StringComparison.Ordinal);
        unsafe
        {
            Assert.Equal(33, *(long*)objects[3]);
        }

        Assert.Empty(runtime.Caches);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void UseAfterDestroy_IsRefused(bool isChecked)
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64, isChecked);
        KmemCache cache = runtime.CreateCache("gone", 64);
        nint address = cache.Alloc();
        cache.Free(address);
        Assert.True(cache.Destroy().IsClean);

        Action[] uses =
        [
            () => cache.Alloc(), () => cache.AllocZeroed(), () => cache.TryAlloc(out _), () => cache.Free(address),
            () => cache.AllocBulk(new nint[2]), () => cache.FreeBulk([address]), () => cache.Shrink(), () => cache.Destroy(),
        ];
        Assert.All(uses, use => Assert.Contains("'gone'", Assert.Throws<ObjectDisposedException>(use).Message, StringComparison.Ordinal));
    }

    [Fact]
    public void IdOfADestroyedCache_IsUsedAgain_WithoutConfusion()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache first = runtime.CreateCache("first", 64);
        first.Free(first.Alloc());
        int id = first.Id;
        first.Destroy();
        Assert.Equal(0, first.Id);
        KmemCache? heir = null;
        for (int i = 0; i < 1000 && heir is null; i++)
        {
            KmemCache next = runtime.CreateCache("next", 128); // other tests take ids as well
            nint address = next.Alloc();
            Assert.Equal(1, next.Snapshot().LiveObjects);
            next.Free(address);
            heir = next.Id == id ? next : null;
            if (heir is null)
            {
                next.Destroy();
            }
        }

        Assert.NotNull(heir);

        Assert.Throws<ObjectDisposedException>(() => first.Alloc());
    }

    [Fact]
    public void Dispose_WithLiveObjects_SaysWhose_AndUnmapsNothing()
    {
        SlabRuntime runtime = TestRuntime.OfPages(4096);
        KmemCache cache = runtime.CreateCache("leaky", 64);
        nint address = cache.Alloc();
#pragma warning disable SLAB0104 // left on purpose
        nint pages = runtime.Kmalloc.Alloc(2_000_000);
#pragma warning restore SLAB0104
        var error = Assert.Throws<InvalidOperationException>(runtime.Close);
        Assert.Contains("'leaky' still has 1", error.Message, StringComparison.Ordinal);
        Assert.Contains($"{Page.RoundUp(2_000_000, Page.Size)} bytes", error.Message, StringComparison.Ordinal);
        unsafe
        {
            *(long*)address = 1;
            *(long*)pages = 1;
        }
    }

    [Fact]
    public void Default_CannotBeClosed() => Assert.Throws<InvalidOperationException>(SlabRuntime.Default.Close);

    [Fact]
    public void DisposedRuntime_RefusesNewCaches()
    {
        SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache("o", 64);
        cache.Free(cache.Alloc());
        runtime.Dispose();
        runtime.Dispose();
        Assert.Throws<ObjectDisposedException>(() => runtime.CreateCache("o", 64));
        Assert.Throws<ObjectDisposedException>(() => cache.Alloc());
        Assert.Throws<ObjectDisposedException>(() => runtime.Shrink());
    }
}
