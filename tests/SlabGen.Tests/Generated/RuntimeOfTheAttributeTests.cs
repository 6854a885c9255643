using SlabGen.Tests.Memory;

namespace SlabGen.Tests.Generated;

/// <summary>Locked memory and huge pages are reached by the attribute alone.</summary>
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
