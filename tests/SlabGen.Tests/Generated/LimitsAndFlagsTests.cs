using SlabGen.Tests.Model;

namespace SlabGen.Tests.Generated;

/// <summary>Limits, flags and seeds of the attribute reach the cache, and what the rules say of it is so.</summary>
public sealed class LimitsAndFlagsTests
{
    [Fact]
    public void LimitsAndFlags_ReachTheCache()
    {
        Assert.True(EntryCache.Cache.Snapshot().IsReclaimable);
        var all = new SlabPtr<Entry>[4];
        EntryCache.AllocBulk(all);
        Assert.False(EntryCache.TryAlloc(out _));
        Assert.False(EntryCache.TryAllocBulk(new SlabPtr<Entry>[1]));
        EntryCache.FreeBulk(all);
        Assert.True(EntryCache.TryAllocBulk(all));
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
