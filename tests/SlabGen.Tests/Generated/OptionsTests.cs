namespace SlabGen.Tests.Generated;

/// <summary>What the attribute sets reaches the cache.</summary>
public sealed class OptionsTests
{
    [Fact]
    public void ModeZoneOrderAndMagazines_ReachTheCache()
    {
        CacheSnapshot cache = DescriptorCache.Cache.Snapshot();
        Assert.Equal((true, 4, 9, 1), (cache.IsChecked, cache.PagesPerSlab, cache.MagazineRounds, cache.Colors));
    }

    [Fact]
    public void AStrictDma32Cache_HasAddressesBelow4GiB()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Other systems may have no room there.");
        SlabPtr<Descriptor> descriptor = DescriptorCache.Alloc();
        Assert.InRange((long)descriptor.Address, 1, (long)uint.MaxValue);
        DescriptorCache.Free(descriptor);
        Assert.Equal(SlabFault.DoubleFree, Assert.Throws<SlabException>(() => DescriptorCache.Free(descriptor)).Fault);
    }
}

[SlabCache(Mode = SlabMode.Checked, Zone = ZoneKind.Dma32, Fallback = ZoneFallback.Strict, Order = 2, Coloring = false, MagazineRounds = 9)]
internal struct Descriptor
{
    public long Address;
    public int Length, Next, Flags;
}
