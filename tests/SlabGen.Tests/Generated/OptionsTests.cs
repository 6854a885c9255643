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
    public void LimitsAndFlags_ReachTheCache()
    {
        Assert.True(EntryCache.Cache.Snapshot().IsReclaimable);
        var all = new SlabPtr<Entry>[4];
        EntryCache.AllocBulk(all);
        Assert.False(EntryCache.TryAlloc(out _));
        EntryCache.FreeBulk(all);
    }

    [Fact]
    public void ASeed_MakesTheRandomOrderRepeat()
    {
        // Two caches of one layout and one seed: their objects lie at the same offsets, in the same order, which is not the rising one.
        nint[] one = Offsets(() => DiceCache.Alloc().Address), two = Offsets(() => CoinCache.Alloc().Address);
        Assert.Equal(one, two);
        Assert.NotEqual(one.Order(), one);

        static nint[] Offsets(Func<nint> alloc)
        {
            nint[] addresses = [.. Enumerable.Range(0, 20).Select(_ => alloc())];
            return [.. addresses.Select(address => address - addresses[0])];
        }
    }

    [Fact]
    public void NoPagesInHighMem() => Assert.DoesNotContain(SlabRuntime.Default.Pages.Zones, zone => zone.Kind == ZoneKind.HighMem); // what SLAB0054 says

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

[SlabCache(MaxObjects = 4, MaxBytes = 1 << 20, Reclaimable = true, TypeSafeByRcu = true, Mode = SlabMode.Checked)]
internal struct Entry
{
    public long Key, Value;
}

[SlabCache(RandomOrder = true, RandomSeed = 7, Mode = SlabMode.Checked)]
internal struct Dice
{
    public long Eyes;
}

[SlabCache(RandomOrder = true, RandomSeed = 7, Mode = SlabMode.Checked)]
internal struct Coin
{
    public long Side;
}
