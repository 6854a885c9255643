using System.Runtime.InteropServices;
using SlabGen.Memory;

namespace SlabGen.Tests.Slabs;

/// <summary>
/// Memory between live objects goes back too. Catches a count that drifts, an object that loses its contents, and memory that is counted as held.
/// </summary>
public sealed partial class HollowPagesTests
{
    private const int Size = 200, Objects = 40_000, OneIn = 64;

    [Fact]
    public unsafe void Shrink_gives_back_pages_between_live_objects_and_loses_nothing()
    {
        using SlabRuntime runtime = TestRuntime.AsUsual();
        KmemCache cache = runtime.CreateCache("sparse", Size);
        nint[] live = Sparse(cache);
        long before = runtime.CommittedBytes, bytes = cache.Snapshot().Bytes;

        Assert.True(cache.Shrink());

        CacheSnapshot shrunk = cache.Snapshot();
        Assert.Equal(live.Length, shrunk.LiveObjects);
        // A page holds 20 or 21 objects: about 27 % of them have one that lives.
        Assert.InRange(shrunk.HollowBytes, bytes / 2, bytes * 9 / 10);
        Assert.True(before - runtime.CommittedBytes >= shrunk.HollowBytes, $"{before} to {runtime.CommittedBytes}");
        CheckStamps(live);
        Assert.True(cache.Shrink());
        Assert.Equal(shrunk.HollowBytes, cache.Snapshot().HollowBytes);
        cache.FreeBulk(live);
        TestRuntime.CheckHealth(runtime);
    }

    [Fact]
    public unsafe void What_comes_back_counts_again()
    {
        using SlabRuntime runtime = TestRuntime.AsUsual();
        KmemCache cache = runtime.CreateCache("sparse", Size);
        nint[] live = Sparse(cache);
        cache.Shrink();
        long shrunk = runtime.CommittedBytes, hollow = cache.Snapshot().HollowBytes;

        nint[] again = new nint[Objects - live.Length];
        cache.AllocBulk(again);
        foreach (nint address in again)
        {
            new Span<byte>((void*)address, Size).Fill(0xee);
        }

        Assert.Equal(0, cache.Snapshot().HollowBytes);
        Assert.True(runtime.CommittedBytes >= shrunk + hollow);
        CheckStamps(live);
        cache.FreeBulk(again);
        cache.FreeBulk(live);
        cache.Shrink();
        Assert.Equal((0, 0), (cache.Snapshot().Bytes, cache.Snapshot().HollowBytes));
        TestRuntime.CheckHealth(runtime);
    }

    [Fact]
    public unsafe void Live_objects_that_are_freed_take_their_hollow_slabs_along()
    {
        using SlabRuntime runtime = TestRuntime.AsUsual();
        KmemCache cache = runtime.CreateCache("sparse", Size);
        nint[] live = Sparse(cache);
        cache.Shrink();
        cache.FreeBulk(live);
        cache.Shrink();
        Assert.Equal((0, 0), (cache.Snapshot().Bytes, cache.Snapshot().HollowBytes));
        cache.Destroy();
        Assert.Equal(0, runtime.Pages.Zones.Sum(zone => zone.AllocatedPages - (zone.PageSetPages.Sum())));
        TestRuntime.CheckHealth(runtime);
    }

    [Fact]
    public void What_readers_may_look_at_and_what_is_constructed_stays()
    {
        using SlabRuntime runtime = TestRuntime.AsUsual();
        foreach (SlabCacheOptions options in new[] { new SlabCacheOptions { TypeSafeByRcu = true }, new SlabCacheOptions { Debug = SlabDebug.Poison } })
        {
            KmemCache cache = runtime.CreateCache("stays", Size, options);
            nint[] live = Sparse(cache);
            cache.Shrink();
            Assert.Equal(0, cache.Snapshot().HollowBytes);
            cache.FreeBulk(live);
        }
    }

    [Fact]
    public void The_memory_is_the_systems_again()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux tells which pages are resident.");
        using SlabRuntime runtime = TestRuntime.AsUsual();
        KmemCache cache = runtime.CreateCache("sparse", Size);
        nint[] live = Sparse(cache);
        int before = ResidentPages(live);
        cache.Shrink();
        Assert.InRange(ResidentPages(live), live.Length / 2, before / 2);
        cache.FreeBulk(live);
    }

    /// <returns>Every 64th of the objects, stamped; the others were freed.</returns>
    private static unsafe nint[] Sparse(KmemCache cache)
    {
        nint[] all = new nint[Objects];
        cache.AllocBulk(all);
        foreach (nint address in all)
        {
            new Span<byte>((void*)address, Size).Fill(0x55);
            *(nint*)address = address;
        }

        cache.FreeBulk([.. all.Where((_, i) => i % OneIn != 0)]);
        return [.. all.Where((_, i) => i % OneIn == 0)];
    }

    private static unsafe int ResidentPages(nint[] live)
    {
        nint start = live.Min() / Page.Size * Page.Size;
        byte[] pages = new byte[((live.Max() - start) / Page.Size) + 1];
        fixed (byte* first = pages)
        {
            Assert.SkipUnless(MinCore(start, (nuint)((long)pages.Length * Page.Size), first) == 0, "this system has no mincore");
        }

        return pages.Count(page => (page & 1) != 0);
    }

    [LibraryImport("libc", EntryPoint = "mincore")]
    private static unsafe partial int MinCore(nint address, nuint length, byte* pages);

    private static unsafe void CheckStamps(nint[] live) => Assert.All(live, address =>
    {
        Assert.Equal(address, *(nint*)address);
        Assert.Equal(-1, new Span<byte>((void*)(address + sizeof(nint)), Size - sizeof(nint)).IndexOfAnyExcept((byte)0x55));
    });
}
