using SlabGen.Magazines;
using SlabGen.Memory;
using SlabGen.Tests.Hardening;

namespace SlabGen.Tests.Metadata;

/// <summary>Who writes past an object meets other objects, or faults; never what SlabGen keeps for itself.</summary>
public sealed class MetadataOutOfReachTests
{
    [Fact]
    public unsafe void Nothing_of_SlabGens_own_lies_between_objects()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(4096);
        KmemCache cache = runtime.CreateCache("victims", 64), others = runtime.CreateCache("others", 200);
        nint[] between = new nint[800];
        var live = new List<nint>();
        for (int i = 0; i < 8000; i++)
        {
            live.Add(cache.Alloc());
            if (i % 10 == 0)
            {
                between[i / 10] = others.Alloc();
            }
        }

        cache.FreeBulk([.. live.Take(3000)]);
        live.RemoveRange(0, 3000);

        // The worst that an overflow can do: every byte that the objects' zone holds.
        Zone zone = runtime.Pages.Normal;
        new Span<byte>((void*)zone.Start, (int)zone.ReachablePages << Page.Shift).Fill(0x41);

        TestRuntime.CheckHealth(runtime);
        for (int i = 0; i < 6000; i++)
        {
            live.Add(cache.Alloc());
        }

        Assert.Equal(live.Count, live.Distinct().Count());
        Assert.All(live, address => Assert.True(zone.Spans(address)));
        cache.FreeBulk([.. live]);
        others.FreeBulk(between);
        runtime.Shrink();
        TestRuntime.CheckHealth(runtime);
    }

    [Fact]
    public void Descriptors_and_magazines_count_against_the_limit_and_go_back()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(4096);
        KmemCache cache = runtime.CreateCache("small", 8);
        nint[] objects = new nint[100_000];
        cache.AllocBulk(objects);
        Zone metadata = runtime.Pages.Metadata;
        Assert.True(metadata.AllocatedPages > 0);
        long inZones = runtime.Pages.Zones.Sum(zone => zone.AllocatedPages);
        Assert.Equal((inZones + metadata.AllocatedPages) << Page.Shift, runtime.Pages.UsedBytes);
        cache.FreeBulk(objects);
        cache.Destroy();
        runtime.Shrink();
        Assert.Equal(0, metadata.AllocatedPages);
        Assert.Equal(0, metadata.CommittedBytes);
        Assert.Equal(0, runtime.CommittedBytes);
    }

    [Fact]
    public void All_of_a_limit_can_be_in_the_smallest_objects()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(4096);
        KmemCache cache = runtime.CreateCache("small", 8);
        var handles = new List<(uint Index, uint Generation)>();
        var live = new List<nint>();
        while (cache.TryAlloc(out nint address))
        {
            live.Add(address);
            if (cache.Handles.TryTake(out uint index, out uint generation))
            {
                handles.Add((index, generation));
            }
        }

        Assert.InRange(live.Count * 8L, runtime.MemoryLimit / 2, runtime.MemoryLimit);
        Assert.InRange(runtime.Pages.UsedBytes, runtime.MemoryLimit * 9 / 10, runtime.MemoryLimit);
        handles.ForEach(handle => Assert.True(cache.Handles.TryGive(handle.Index, handle.Generation)));
        cache.FreeBulk([.. live]);
    }

    [Fact]
    public void An_address_in_metadata_is_said_to_be_that()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(1024);
        KmemCache cache = runtime.CreateCache("o", 64);
        nint live = cache.Alloc();
        AddressInfo info = runtime.Describe(runtime.Pages.Metadata.Start);
        Assert.Equal(AddressKind.Metadata, info.Kind);
        Assert.Contains("zone Metadata", info.ToString(), StringComparison.Ordinal);
        Assert.Equal(SlabFault.ForeignPointer, Assert.Throws<SlabException>(() => FreeAndShrink(cache, runtime.Pages.Metadata.Start)).Fault);
        cache.Free(live);
    }

    [Fact]
    public unsafe void Inaccessible_addresses_lie_on_both_sides_of_every_range()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(2048, isChecked: true);
        KmemCache cache = runtime.CreateCache("o", 64);
        cache.Free(cache.Alloc());
        runtime.Kmalloc.Free(runtime.Kmalloc.Alloc(100));
        nint large = runtime.Kmalloc.Alloc(5 << 20);
        new Span<byte>((void*)large, 5 << 20).Fill(1);

        Zone zone = runtime.Pages.Normal;
        long behindIds = (nint)zone.CacheIds + Page.RoundUp(zone.SpannedPages * sizeof(ushort), 64 << 10);
        (string What, long Start, long End)[] ranges =
        [
            ("objects", zone.Start, zone.Start + ((long)zone.SpannedPages << Page.Shift)),
            ("metadata", runtime.Pages.Metadata.Start, runtime.Pages.Metadata.Start + ((long)runtime.Pages.Metadata.SpannedPages << Page.Shift)),
            ("frames", (nint)zone.Frame(0), behindIds),
            ("states", (nint)zone.ObjectStates, (nint)zone.ObjectStates + ((long)zone.SpannedPages << Page.Shift >> Zone.ObjectStateShift)),
            ("bins", ThreadBins.OfThisThread, ThreadBins.OfThisThread + ((long)ThreadBins.Count << ThreadBin.Shift)),
            ("a large block", large, large + (5 << 20)),
        ];
        Mappings mappings = Mappings.Now();
        foreach ((string what, long start, long end) in ranges)
        {
            Assert.True(mappings.IsAccessible((nint)start, end - start), $"{what} at 0x{start:x}: nothing of it is accessible");
            Assert.False(mappings.IsAccessible((nint)start - ApartRanges.Margin, ApartRanges.Margin), $"before {what}, at 0x{start:x}");
            Assert.False(mappings.IsAccessible((nint)end, ApartRanges.Margin), $"behind {what}, at 0x{end:x}");
        }

        runtime.Kmalloc.Free(large);
    }

    private static void FreeAndShrink(KmemCache cache, nint address)
    {
        cache.Free(address);
        cache.Shrink();
    }
}
