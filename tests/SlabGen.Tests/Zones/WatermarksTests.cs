using SlabGen.Memory;
using SlabGen.Zones;
using CsCheck;

namespace SlabGen.Tests.Zones;

/// <summary>The kernel's numbers, exactly: the oracles were computed from its formulas (Linux 6.12).</summary>
public sealed class WatermarksTests
{
    private const int Scale = 10; // watermark_scale_factor

    [Fact]
    public void AMachineOf16GiB()
    {
        long dma = 3840, dma32 = 782_000, normal = 3_300_000, lowmem = dma + dma32 + normal;
        long minFree = Watermarks.MinFreeKilobytes(lowmem * 4);
        Assert.Equal(16170, minFree);
        Assert.Equal(new Watermarks(3, 6, 9), Watermarks.Of(ZoneKind.Dma, dma, lowmem, minFree / 4, Scale));
        Assert.Equal(new Watermarks(773, 1555, 2337), Watermarks.Of(ZoneKind.Dma32, dma32, lowmem, minFree / 4, Scale));
        Assert.Equal(new Watermarks(3264, 6564, 9864), Watermarks.Of(ZoneKind.Normal, normal, lowmem, minFree / 4, Scale));

        long[] managed = [dma, dma32, normal, 0];
        Assert.Equal([0, 3054, 15945, 15945], Watermarks.LowmemReserve(ZoneKind.Dma, managed));
        Assert.Equal([0, 0, 12890, 12890], Watermarks.LowmemReserve(ZoneKind.Dma32, managed));
        Assert.Equal([0, 0, 0, 0], Watermarks.LowmemReserve(ZoneKind.Normal, managed));

        Assert.SkipUnless(PageAllocator.PageSize == 4096, "the batch counts pages of 4 KiB");
        Assert.Equal([1, 63, 63], new[] { dma, dma32, normal }.Select(PageSetSize.KernelBatch));
    }

    [Fact]
    public void AToyWithHighMemory()
    {
        long dma = 1024, normal = 7168, high = 8192, lowmem = dma + normal;
        long minFree = Watermarks.MinFreeKilobytes(lowmem * 4);
        Assert.Equal(724, minFree);
        Assert.Equal(new Watermarks(22, 27, 32), Watermarks.Of(ZoneKind.Dma, dma, lowmem, minFree / 4, Scale));
        Assert.Equal(new Watermarks(158, 197, 236), Watermarks.Of(ZoneKind.Normal, normal, lowmem, minFree / 4, Scale));
        Assert.Equal(new Watermarks(32, 77, 122), Watermarks.Of(ZoneKind.HighMem, high, lowmem, minFree / 4, Scale));

        long[] managed = [dma, 0, normal, high];
        Assert.Equal([0, 0, 28, 60], Watermarks.LowmemReserve(ZoneKind.Dma, managed));
        Assert.Equal([0, 0, 0, 256], Watermarks.LowmemReserve(ZoneKind.Normal, managed));
        Assert.Equal([0, 0, 0, 0], Watermarks.LowmemReserve(ZoneKind.HighMem, managed));
    }

    [Fact]
    public void TheRuntime_UsesThem()
    {
        Assert.SkipUnless(BackingFileIsThere && PageAllocator.PageSize == 4096, "needs high memory, and pages of 4 KiB");
        using var runtime = new SlabRuntime(ZoneFallbackTests.Toy);
        Assert.Equal(["DMA", "Normal", "HighMem"], runtime.Pages.Zones.Select(z => z.Name));
        Assert.Equal([22, 158, 32], runtime.Pages.Zones.Select(z => z.MinWatermark));
        Assert.Equal([27, 197, 77], runtime.Pages.Zones.Select(z => z.LowWatermark));
        Assert.Equal([32, 236, 122], runtime.Pages.Zones.Select(z => z.HighWatermark));
        Assert.Equal([0, 0, 28, 60], runtime.Pages.Zones[0].LowmemReserve);
        Assert.Equal([0, 1024, 8192], runtime.Pages.Zones.Select(z => z.StartPfn));
    }

    [Theory]
    [InlineData(12287, 1)]
    [InlineData(12288, 3)]
    [InlineData(1 << 18, 63)]
    [InlineData(1 << 24, 63)]
    public void TheKernelsBatch_Is1Below48MiB(long managed, int batch)
    {
        Assert.SkipUnless(PageAllocator.PageSize == 4096, "the batch counts pages of 4 KiB");
        Assert.Equal(batch, PageSetSize.KernelBatch(managed));
    }

    // A mark of 100 pages, and a reserve of 7: the least number of free pages that each kind of request may see.
    [Theory]
    [InlineData(GfpFlags.Kernel, 0, 108)]
    [InlineData(GfpFlags.Kernel, 3, 115)] // and 7 more that a block of 8 takes with the first
    [InlineData(GfpFlags.NoWait, 0, 108)] // may not wait, but is of no high priority
    [InlineData(GfpFlags.Kernel | GfpFlags.HighPriority, 0, 58)] // half
    [InlineData(GfpFlags.Atomic, 0, 46)] // half, and a quarter of the 50 that are left: 38
    [InlineData(GfpFlags.Atomic, 10, 46 + 1023)]
    public void Discounts_AreTheKernels(GfpFlags gfp, int order, long least)
    {
        Assert.True(Watermarks.IsOk(least, order, mark: 100, reserve: 7, gfp));
        Assert.False(Watermarks.IsOk(least - 1, order, mark: 100, reserve: 7, gfp));
    }

    [Fact]
    public void SmallPools_KeepA32nd_WhereTheKernelsLeastWouldBeMore()
    {
        Assert.Equal(0, Watermarks.MinFreeKilobytes(16));
        Assert.Equal(32, Watermarks.MinFreeKilobytes(1024));
        Assert.Equal(512, Watermarks.MinFreeKilobytes(16 * 1024)); // from here on the kernel's root
        Assert.Equal(724, Watermarks.MinFreeKilobytes(32 * 1024));
        Assert.Equal(262144, Watermarks.MinFreeKilobytes(1L << 40));
    }

    [Fact]
    public void ASetsSize_HoldsForEveryZone() =>
        Gen.Select(Gen.Long[1, 1L << 32], Gen.Int[1, 256], Gen.Int[0, 100]).Sample((managed, processors, percent) =>
        {
            PageSetSize size = PageSetSize.Of(managed, managed * percent / 100, processors);
            Assert.InRange(size.Batch, 1, 63);
            Assert.True(size.High == 0 || size.High >= size.Batch, size.ToString());
            Assert.True((long)size.High * processors <= managed / 8, $"{size} of {managed} pages");
            Assert.True(size.High > 0 || managed / 8 / processors < size.Batch, $"no set, though there is room: {size} of {managed} pages");
        });

    private static bool BackingFileIsThere => BackingFile.IsSupported;
}
