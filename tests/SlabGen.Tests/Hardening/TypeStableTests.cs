using SlabGen.Memory;

namespace SlabGen.Tests.Hardening;

/// <summary>Addresses that were a cache's serve no other type.</summary>
public sealed class TypeStableTests
{
    [Fact]
    public void Without_the_option_another_cache_gets_the_addresses()
    {
        using SlabRuntime runtime = HardeningOptionTests.New(options => options with { MemoryLimit = 4 << 20 });
        Assert.True(Overlap(runtime, out bool withPages) > 0);
        Assert.True(withPages);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void With_it_neither_another_cache_nor_a_block_of_pages_gets_them(bool guardPages)
    {
        using SlabRuntime runtime = HardeningOptionTests.New(options => options with { MemoryLimit = 4 << 20, TypeStable = true, GuardPages = guardPages });
        Assert.Equal(0, Overlap(runtime, out bool withPages));
        Assert.False(withPages);
    }

    [Fact]
    public unsafe void The_memory_goes_back_and_reads_as_zeros_and_the_cache_uses_the_addresses_again()
    {
        using SlabRuntime runtime = HardeningOptionTests.New(options => options with { TypeStable = true });
        KmemCache cache = runtime.CreateCache("o", 64);
        nint[] first = new nint[20_000], second = new nint[20_000];
        cache.AllocBulk(first);
        Array.ForEach(first, address => *(long*)address = 0x41414141);
        long used = runtime.Pages.UsedBytes;
        HashSet<nint> slabs = [.. first.Select(address => runtime.Describe(address).Slab)];
        cache.FreeBulk(first);
        runtime.Shrink();
        TestRuntime.CheckHealth(runtime);
        Assert.Equal(0, runtime.Pages.UsedBytes);
        Assert.InRange(runtime.CommittedBytes, 0, 128 << 10); // page frames
        Assert.All(first, address => Assert.Equal(0, *(long*)address));

        cache.AllocBulk(second);
        Assert.InRange(runtime.Pages.UsedBytes, used - (1 << 20), used + (1 << 20)); // it counts again; page sets differ
        Assert.InRange(second.Count(address => !slabs.Contains(runtime.Describe(address).Slab)), 0, 1000); // of a slab that was in magazines
        Assert.All(second, address => Assert.Equal(0, (address - runtime.Describe(address).Slab) % 64)); // as it was: no colours
        TestRuntime.CheckHealth(runtime);
        cache.FreeBulk(second);
        cache.Destroy();
        runtime.Shrink();
        TestRuntime.CheckHealth(runtime);
        Assert.Equal(0, runtime.CommittedBytes); // the addresses are anybody's again
    }

    [Fact]
    public void When_the_addresses_are_used_up_allocations_fail_and_the_owners_still_work()
    {
        using SlabRuntime runtime = HardeningOptionTests.New(options => options with { MemoryLimit = 4 << 20, TypeStable = true });
        var caches = new List<KmemCache>();
        nint[] objects = new nint[12_000];
        bool failed = false;
        for (int i = 0; i < 40 && !failed; i++)
        {
            KmemCache cache = runtime.CreateCache($"c{i}", 256);
            caches.Add(cache);
            try
            {
                cache.AllocBulk(objects);
                cache.FreeBulk(objects);
            }
            catch (OutOfMemoryException)
            {
                failed = true;
            }

            cache.Shrink();
        }

        Assert.True(failed);
        Assert.InRange(caches.Count, 16, 40);
        caches[0].AllocBulk(objects);
        caches[0].FreeBulk(objects);
        TestRuntime.CheckHealth(runtime);
        caches[0].Destroy(); // gives its addresses to the others
        caches[^1].AllocBulk(objects);
        caches[^1].FreeBulk(objects);
        TestRuntime.CheckHealth(runtime);
    }

    [Fact]
    public unsafe void Faults_of_the_system_lose_nothing()
    {
        for (int fail = 0; fail < 40; fail++)
        {
            var memory = new TestRuntime.FailingMemory(OsMemory.Current);
            using var runtime = new SlabRuntime(HardeningOptionTests.New() with { Memory = memory, TypeStable = true, GuardPages = true, ZeroOnFree = true, MinFreeBytes = 0 });
            KmemCache cache = runtime.CreateCache("o", 200);
            memory.CommitsLeft = fail;
            memory.Decommits = fail % 2 == 0; // a guard cannot be made, or not be taken away
            var live = new List<nint>();
            for (int i = 0; i < 300 && cache.TryAlloc(out nint address); i++)
            {
                *(long*)(address + 192) = i;
                live.Add(address);
            }

            cache.FreeBulk([.. live]);
            runtime.Shrink();
            TestRuntime.CheckHealth(runtime);
            memory.CommitsLeft = fail % 3 == 0 ? 0 : int.MaxValue;
            cache.Destroy();
            TestRuntime.CheckHealth(runtime);
        }
    }

    /// <summary>Fills the limit with one cache, frees all, and then with another and with pages.</summary>
    private static int Overlap(SlabRuntime runtime, out bool withPages)
    {
        KmemCache victims = runtime.CreateCache("victims", 256), others = runtime.CreateCache("others", 512);
        HashSet<nint> once = Fill(victims, 12_000);
        victims.FreeBulk([.. once]);
        victims.Shrink();
        HashSet<nint> later = Fill(others, 6_000);
        int overlap = later.Count(address => once.Contains(address) || once.Contains(address + 256));
        others.FreeBulk([.. later]);
        others.Shrink();

        PagePtr pages = runtime.Pages.AllocPages(GfpFlags.Kernel, 9);
        withPages = once.Concat(later).Any(address => address >= pages.Address && address < pages.Address + (Page.Size << 9));
        runtime.Pages.FreePages(pages);
        TestRuntime.CheckHealth(runtime);
        return overlap;
    }

    private static HashSet<nint> Fill(KmemCache cache, int most)
    {
        var objects = new HashSet<nint>();
        while (objects.Count < most && cache.TryAlloc(out nint address))
        {
            Assert.True(objects.Add(address));
        }

        return objects;
    }
}
