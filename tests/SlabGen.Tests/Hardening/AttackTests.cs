using SlabGen.Memory;

namespace SlabGen.Tests.Hardening;

/// <summary>
/// What an attacker with the documentation gets of a program that makes the mistake: once by default, where it works,
/// and once in a runtime that is <see cref="SlabRuntimeOptions.Hardened"/>, where it must not.
/// </summary>
public sealed class AttackTests
{
    [Fact]
    public void A_second_owner_by_a_double_free()
    {
        AssertTwoOwners(cache =>
        {
            nint victim = cache.Alloc();
            cache.Free(victim);
            cache.Free(victim);
        }, SlabFault.DoubleFree);
    }

    [Fact]
    public void A_second_owner_by_a_double_free_with_others_between()
    {
        AssertTwoOwners(cache =>
        {
            nint victim = cache.Alloc(), other = cache.Alloc();
            cache.Free(victim);
            cache.Free(other);
            cache.Free(victim);
        }, SlabFault.DoubleFree);
    }

    [Fact]
    public void A_second_owner_by_a_free_in_bulk()
    {
        AssertTwoOwners(cache =>
        {
            nint victim = cache.Alloc();
            cache.FreeBulk([victim, victim]);
        }, SlabFault.DoubleFree);
    }

    [Fact]
    public void An_object_of_another_type_by_a_free_to_the_wrong_cache() =>
        AssertGetsForeign((runtime, _) =>
        {
            KmemCache other = runtime.CreateCache("other", 256);
            nint address = other.Alloc();
            return (address, () => other.Free(address));
        }, SlabFault.WrongCache);

    [Fact]
    public void An_object_across_two_by_a_free_of_an_interior_pointer() =>
        AssertGetsForeign((_, cache) =>
        {
            nint address = cache.Alloc();
            return (address + 32, () => cache.Free(address));
        }, SlabFault.InteriorPointer);

    [Fact]
    public void A_descriptor_by_a_free_of_its_address() =>
        AssertGetsForeign((runtime, _) => (runtime.Pages.Metadata.Start, () => { }), SlabFault.ForeignPointer);

    [Fact]
    public unsafe void Any_memory_of_the_process_by_a_free_of_its_address()
    {
        fixed (long* own = new long[32])
        {
            nint address = (nint)own;
            AssertGetsForeign((_, _) => (address, () => { }), SlabFault.ForeignPointer);
        }
    }

    [Fact]
    public unsafe void Metadata_by_an_overflow_at_every_distance()
    {
        foreach (SlabRuntimeOptions options in (SlabRuntimeOptions[])[HardeningOptionTests.New(), Hard()])
        {
            using var runtime = new SlabRuntime(options);
            KmemCache cache = runtime.CreateCache("victims", 64), others = runtime.CreateCache("others", 200);
            nint[] live = new nint[3000], between = new nint[300];
            cache.AllocBulk(live);
            others.AllocBulk(between);
            Mappings mappings = Mappings.Now();
            var written = new HashSet<nint>();
            foreach (nint address in (nint[])[live[0], live[1500], live[^1], between[0], between[^1]])
            {
                for (nint page = (address & -Page.Size) - (256 << 10); page < address + (256 << 10); page += Page.Size)
                {
                    if (mappings.IsAccessible(page, Page.Size) && written.Add(page))
                    {
                        Assert.Contains(runtime.Describe(page).Kind, s_objects);
                        new Span<byte>((void*)page, Page.Size).Fill(0x41);
                    }
                }
            }

            TestRuntime.CheckHealth(runtime);
            cache.FreeBulk(live);
            cache.AllocBulk(live);
            Assert.Equal(live.Length, live.Distinct().Count());
            cache.FreeBulk(live);
            others.FreeBulk(between);
            runtime.Shrink();
            TestRuntime.CheckHealth(runtime);
        }
    }

    [Fact]
    public unsafe void Another_slab_by_an_overflow_past_the_end_of_its_own()
    {
        Assert.True(ReachesAnotherSlab(HardeningOptionTests.New()));
        Assert.False(ReachesAnotherSlab(Hard()));
    }

    [Fact]
    public unsafe void The_secret_of_a_freed_object_by_the_next_allocation()
    {
        Assert.Equal(0x5ec2e7, SecretSeen(HardeningOptionTests.New()));
        Assert.Equal(0, SecretSeen(Hard()));
    }

    [Fact]
    public void An_object_by_a_stale_handle()
    {
        foreach (SlabRuntimeOptions options in (SlabRuntimeOptions[])[HardeningOptionTests.New(), Hard()])
        {
            using var runtime = new SlabRuntime(options);
            var handles = new SlabHandles<long>(runtime.CreateCache("h", 64));
            SlabHandle<long> handle = handles.Alloc();
            handles.Free(handle);
            Assert.Equal(SlabFault.StaleHandle, Assert.Throws<SlabException>(() => handle.Value).Fault); // in every mode
            Assert.Equal(SlabFault.StaleHandle, Assert.Throws<SlabException>(() => handles.Free(handle)).Fault);
        }
    }

    private static readonly AddressKind[] s_objects =
    [
        AddressKind.LiveObject, AddressKind.FreeObject, AddressKind.ObjectOfThread, AddressKind.FreePage, AddressKind.SlabColor,
        AddressKind.SlabTail, AddressKind.ObjectInDepot,
    ];

    private static SlabRuntimeOptions Hard()
    {
        SlabRuntimeOptions hard = SlabRuntimeOptions.Hardened, plain = HardeningOptionTests.New();
        return hard with { MemoryLimit = plain.MemoryLimit, Processors = 1, MinFreeBytes = 0, ReapInterval = plain.ReapInterval, Pressure = plain.Pressure };
    }

    /// <summary>By default two allocations return the same object; hardened, the mistake throws, and no two ever do.</summary>
    private static void AssertTwoOwners(Action<KmemCache> mistake, SlabFault fault)
    {
        // The process would go on with it: here it goes back, so that the runtime's end finds nothing.
        using (var runtime = new SlabRuntime(HardeningOptionTests.New()))
        {
            KmemCache cache = runtime.CreateCache("o", 64);
            mistake(cache);
            nint[] taken = [cache.Alloc(), cache.Alloc(), cache.Alloc()];
            Assert.NotEqual(3, taken.Distinct().Count());
            cache.FreeBulk([.. taken.Distinct()]);
        }

        using var hardened = new SlabRuntime(Hard());
        KmemCache checkedCache = hardened.CreateCache("o", 64);
        Assert.Equal(fault, Assert.Throws<SlabException>(() => mistake(checkedCache)).Fault);
        nint[] later = new nint[2000];
        for (int i = 0; i < later.Length; i++)
        {
            later[i] = checkedCache.Alloc();
        }

        Assert.Equal(later.Length, later.Distinct().Count());
        checkedCache.FreeBulk(later);
        TestRuntime.CheckHealth(hardened);
    }

    /// <summary>By default a later allocation returns what is no free object of the cache; hardened, the free throws.</summary>
    private static void AssertGetsForeign(Func<SlabRuntime, KmemCache, (nint Address, Action TidyUp)> target, SlabFault fault)
    {
        using (var runtime = new SlabRuntime(HardeningOptionTests.New()))
        {
            KmemCache cache = runtime.CreateCache("o", 64);
            cache.Free(cache.Alloc()); // this thread has a magazine
            (nint wrong, Action tidyUp) = target(runtime, cache);
            cache.Free(wrong);
            Assert.Equal(wrong, cache.Alloc());
            tidyUp();
        }

        using var hardened = new SlabRuntime(Hard());
        KmemCache other = hardened.CreateCache("o", 64);
        other.Free(other.Alloc());
        (nint foreign, Action free) = target(hardened, other);
        Assert.Equal(fault, Assert.Throws<SlabException>(() => other.Free(foreign)).Fault);
        nint[] later = new nint[500];
        other.AllocBulk(later);
        Assert.DoesNotContain(foreign, later);
        other.FreeBulk(later);
        free();
        TestRuntime.CheckHealth(hardened);
    }

    private static bool ReachesAnotherSlab(SlabRuntimeOptions options)
    {
        using var runtime = new SlabRuntime(options);
        KmemCache cache = runtime.CreateCache("o", 200);
        nint[] live = new nint[2000];
        cache.AllocBulk(live);
        Mappings mappings = Mappings.Now();
        // From the last object of each slab on, byte by byte, as an overflow goes: does it come to another slab?
        bool reaches = false;
        foreach (IGrouping<nint, nint> slab in live.Where(address => address > 1 << 20).GroupBy(address => runtime.Describe(address).Slab))
        {
            nint page = (slab.Max() + 200) & -Page.Size;
            while (mappings.IsAccessible(page, Page.Size) && runtime.Describe(page).Slab is var here && (here == slab.Key || here == 0))
            {
                page += Page.Size;
            }

            reaches |= mappings.IsAccessible(page, Page.Size);
        }

        cache.FreeBulk(live);
        return reaches;
    }

    private static unsafe long SecretSeen(SlabRuntimeOptions options)
    {
        using var runtime = new SlabRuntime(options);
        KmemCache cache = runtime.CreateCache("o", 64);
        nint[] objects = new nint[500];
        cache.AllocBulk(objects);
        Array.ForEach(objects, address => *(long*)(address + 8) = 0x5ec2e7);
        cache.FreeBulk(objects);
        cache.AllocBulk(objects);
        long seen = 0;
        Array.ForEach(objects, address => seen |= *(long*)(address + 8));
        cache.FreeBulk(objects);
        return seen;
    }
}
