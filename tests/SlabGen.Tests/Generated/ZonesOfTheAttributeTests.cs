namespace SlabGen.Tests.Generated;

/// <summary>Each of the four zones is reached by the attribute.</summary>
[Collection(LowAddresses.Collection)]
public sealed class ZonesOfTheAttributeTests
{
    [Fact]
    public void Each_zone_is_reached()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Other systems may have no room at low addresses.");
        SlabPtr<LowDma> dma = LowDmaCache.Alloc();
        SlabPtr<LowDma32> dma32 = LowDma32Cache.Alloc();
        SlabPtr<Usual> normal = UsualCache.Alloc();
        SlabPtr<High> high = HighCache.Alloc();
        high.Value.Id = 1;
        Assert.InRange((long)dma.Address, 1, (16 << 20) - 1);
        Assert.InRange((long)dma32.Address, 16 << 20, uint.MaxValue);
        Assert.True(normal.Address > uint.MaxValue);
        Assert.Equal(
            ["DMA", "DMA32", "Normal", "HighMem"],
            new nint[] { dma.Address, dma32.Address, normal.Address, high.Address }.Select(address => FourZones.Runtime.Describe(address).Zone!.Name));
        LowDmaCache.Free(dma);
        LowDma32Cache.Free(dma32);
        UsualCache.Free(normal);
        HighCache.Free(high);
        FourZones.Runtime.Close(); // other tests need the low addresses
    }
}

[SlabCache(Zone = ZoneKind.Dma, Fallback = ZoneFallback.Strict)]
internal struct LowDma
{
    public long Id;
}

[SlabCache(Zone = ZoneKind.Dma32, Fallback = ZoneFallback.Strict)]
internal struct LowDma32
{
    public long Id;
}

[SlabCache(Zone = ZoneKind.Normal)]
internal struct Usual
{
    public long Id;
}

[SlabCache(Zone = ZoneKind.HighMem)]
internal struct High
{
    public long Id;
}

// The runtime of the process would keep the addresses below 16 MiB, and has no high memory.
internal static partial class LowDmaCache
{
    static partial void Configure(ref SlabRuntime runtime, ref SlabCacheOptions options) => runtime = FourZones.Runtime;
}

internal static partial class LowDma32Cache
{
    static partial void Configure(ref SlabRuntime runtime, ref SlabCacheOptions options) => runtime = FourZones.Runtime;
}

internal static partial class UsualCache
{
    static partial void Configure(ref SlabRuntime runtime, ref SlabCacheOptions options) => runtime = FourZones.Runtime;
}

internal static partial class HighCache
{
    static partial void Configure(ref SlabRuntime runtime, ref SlabCacheOptions options) => runtime = FourZones.Runtime;
}

/// <summary>Not a static field of a class with a fast path, which would then have an initialiser to check for.</summary>
internal static class FourZones
{
    public static readonly SlabRuntime Runtime = new(new SlabRuntimeOptions { MemoryLimit = 64 << 20, HighMem = new HighMemOptions { Bytes = 16 << 20 } });
}
