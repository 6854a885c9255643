using SlabGen.Tests.Memory;

namespace SlabGen.Tests.Generated;

/// <summary>Locked memory, huge pages and each of the four zones are reached by the attribute alone.</summary>
public sealed class RuntimeOfTheAttributeTests
{
    [Fact]
    public void Objects_of_a_pinned_class_lie_in_locked_memory()
    {
        SlabPtr<Pinned> pinned = PinnedCache.Alloc();
        pinned.Value.Secret = 42;
        SlabRuntime runtime = SlabRuntime.Of(Pinning.BestEffort, HugePages.None);
        Assert.Contains(PinnedCache.Cache, runtime.Caches);
        Assert.DoesNotContain(PinnedCache.Cache, SlabRuntime.Default.Caches);
        bool granted = runtime.Pages.Zones[0].Shortage is null;
        string[] flags = Smaps.Flags(pinned.Address);
        int locked = Smaps.KiB(pinned.Address, "Locked:");
        PinnedCache.Free(pinned);
        Assert.SkipUnless(granted, "this process may not lock so much");
        Assert.Contains("lo", flags);
        Assert.True(locked > 0, $"{locked} KiB of the mapping are locked");
    }

    [Fact]
    public void Objects_of_a_class_with_huge_pages_lie_where_they_were_asked_for()
    {
        SlabPtr<Wide> wide = WideCache.Alloc();
        wide.Value.Id = 42;
        SlabRuntime runtime = SlabRuntime.Of(Pinning.None, HugePages.Transparent);
        Assert.Contains(WideCache.Cache, runtime.Caches);
        bool granted = runtime.Pages.Zones[0].Shortage is null;
        string[] flags = Smaps.Flags(wide.Address);
        WideCache.Free(wide);
        Assert.SkipUnless(granted, "this system has no transparent huge pages");
        Assert.Contains("hg", flags);
    }

    [Fact]
    public void A_kind_is_one_runtime_for_all_and_none_of_it_is_the_default()
    {
        Assert.Same(SlabRuntime.Default, SlabRuntime.Of(Pinning.None, HugePages.None));
        Assert.Same(SlabRuntime.Of(Pinning.BestEffort, HugePages.None), SlabRuntime.Of(Pinning.BestEffort, HugePages.None));
        Assert.NotSame(SlabRuntime.Of(Pinning.BestEffort, HugePages.None), SlabRuntime.Of(Pinning.None, HugePages.Transparent));
        Assert.Throws<ArgumentOutOfRangeException>(static () => SlabRuntime.Of((Pinning)3, HugePages.None));
        Assert.Throws<ArgumentOutOfRangeException>(static () => SlabRuntime.Of(Pinning.None, (HugePages)(-1)));
    }

    [Fact]
    public void Each_zone_is_reached()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Other systems may have no room at low addresses.");
        SlabPtr<LowDma> dma = LowDmaCache.Alloc();
        SlabPtr<LowDma32> dma32 = LowDma32Cache.Alloc();
        SlabPtr<Usual> normal = UsualCache.Alloc();
        SlabPtr<High> high = HighCache.Alloc();
        high.Value.Id = 1;
        Assert.InRange(dma.Address, (nint)1, (16 << 20) - 1);
        Assert.InRange((long)dma32.Address, 16 << 20, uint.MaxValue);
        Assert.True(normal.Address > uint.MaxValue);
        Assert.Equal(["DMA", "DMA32", "Normal", "HighMem"], new nint[] { dma.Address, dma32.Address, normal.Address, high.Address }.Select(ZoneOf));
        LowDmaCache.Free(dma);
        LowDma32Cache.Free(dma32);
        UsualCache.Free(normal);
        HighCache.Free(high);
        Assert.True(HighCache.Cache.Leak is null);
    }

    private static string ZoneOf(nint address)
    {
        foreach (SlabRuntime runtime in (ReadOnlySpan<SlabRuntime>)[SlabRuntime.Default, HighMemory.Runtime])
        {
            if (runtime.Describe(address).Zone is { } zone)
            {
                return zone.Name;
            }
        }

        return "none";
    }
}

[SlabCache(Pinning = Pinning.BestEffort)]
internal struct Pinned
{
    public long Secret;
}

[SlabCache(HugePages = HugePages.Transparent)]
internal struct Wide
{
    public long Id;
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

/// <summary>High memory is an option of a runtime: the class's own part names one that has some.</summary>
[SlabCache(Zone = ZoneKind.HighMem)]
internal struct High
{
    public long Id;
}

internal static partial class HighCache
{
    static partial void Configure(ref SlabRuntime runtime, ref SlabCacheOptions options) => runtime = HighMemory.Runtime;
}

/// <summary>Not a static field of the class with the fast path, which would then have an initialiser to check for.</summary>
internal static class HighMemory
{
    public static readonly SlabRuntime Runtime = new(new SlabRuntimeOptions { MemoryLimit = 64 << 20, HighMem = new HighMemOptions { Bytes = 16 << 20 } });
}
