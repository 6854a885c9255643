using SlabGen.Guards;
using SlabGen.Memory;

namespace SlabGen.Tests.Guards;

/// <summary>
/// Proves how guarded objects come and go, and that every call that takes an object finds a wrong one. Catches a way by which one gets
/// into a magazine, where it would be handed out again without a fault.
/// </summary>
[Collection(Guarded.Collection)]
public sealed class GuardedObjectTests
{
    private static readonly SlabCacheOptions s_plain = new();

    [Fact]
    public void Nothing_is_guarded_unless_asked_for()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache("plain", 64, s_plain);
        Assert.Null(runtime.GuardRefusal);
        nint[] objects = [.. Enumerable.Range(0, 100).Select(_ => cache.Alloc())];
        Assert.All(objects, address => Assert.True(address >= GuardRange.End));
        Assert.Equal(0, cache.Snapshot().GuardedObjects);
        cache.FreeBulk(objects);
    }

    [Theory]
    [InlineData(1, 8, false)]
    [InlineData(24, 8, false)]
    [InlineData(24, 8, true)]
    [InlineData(100, 64, false)]
    [InlineData(4096, 4096, false)]
    public unsafe void A_guarded_object_is_aligned_writable_and_at_an_end_of_its_page(int size, int alignment, bool isChecked)
    {
        using SlabRuntime runtime = Guarded.NewRuntime(isChecked);
        KmemCache cache = runtime.CreateCache("guarded", size, s_plain with { Alignment = alignment });
        for (int i = 0; i < 40; i++)
        {
            nint address = cache.Alloc();
            Assert.True(Guarded.IsGuarded(runtime, address));
            Assert.Equal(0, address % alignment);
            nint offset = address % Page.Size, last = (Page.Size - size) & -alignment;
            Assert.True(offset == 0 || offset == last, $"offset {offset}");
            new Span<byte>((void*)address, size).Fill(0xff);
            Assert.Equal(1, cache.Snapshot().GuardedObjects);
            Assert.Equal(1, cache.Snapshot().LiveObjects);
            cache.Free(address);
            Assert.Equal(AddressKind.FreeGuardedObject, runtime.Describe(address).Kind);
        }

        Assert.Equal(0, cache.Snapshot().LiveObjects);
        TestRuntime.CheckHealth(runtime);
        runtime.Close();
    }

    [Fact]
    public void So_many_are_live_at_once_as_the_option_says_and_the_others_are_not_guarded()
    {
        using SlabRuntime runtime = Guarded.NewRuntime();
        KmemCache cache = runtime.CreateCache("many", 64, s_plain with { NoMagazines = true });
        nint[] objects = [.. Enumerable.Range(0, 50).Select(_ => cache.Alloc())];
        Assert.Equal(8, objects.Count(address => Guarded.IsGuarded(runtime, address)));
        Assert.Equal(8, cache.Snapshot().GuardedObjects);
        Assert.Equal(50, cache.Snapshot().LiveObjects);
        TestRuntime.CheckHealth(runtime);
        cache.FreeBulk(objects);
        Assert.Equal(0, cache.Snapshot().GuardedObjects);
        runtime.Close();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_second_free_is_found_at_the_call_and_says_who_freed_first(bool isChecked)
    {
        using SlabRuntime runtime = Guarded.NewRuntime(isChecked);
        KmemCache cache = runtime.CreateCache("twice", 64, s_plain);
        nint address = AllocHere(cache);
        FreeHere(cache, address);
        SlabException error = Assert.Throws<SlabException>(() => cache.Free(address));
        Assert.Equal(SlabFault.DoubleFree, error.Fault);
        Assert.Contains(nameof(AllocHere), error.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(FreeHere), error.Message, StringComparison.Ordinal);
        Assert.Contains($"thread {Environment.CurrentManagedThreadId}", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<SlabException>(() => cache.FreeBulk([address]));
        Assert.Equal(SlabFault.DoubleFree, error.Fault);
        TestRuntime.CheckHealth(runtime);
        runtime.Close();

        static nint AllocHere(KmemCache cache) => cache.Alloc();

        static void FreeHere(KmemCache cache, nint address) => cache.Free(address);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_wrong_address_is_found_at_the_call(bool isChecked)
    {
        using SlabRuntime runtime = Guarded.NewRuntime(isChecked), plain = TestRuntime.OfPages(64, isChecked);
        KmemCache cache = runtime.CreateCache("one", 64, s_plain), other = runtime.CreateCache("other", 64, s_plain);
        KmemCache without = plain.CreateCache("without", 64, s_plain);
        nint address = cache.Alloc();
        Assert.Equal(SlabFault.InteriorPointer, FaultOf(cache, address + 8));
        Assert.Equal(SlabFault.WrongCache, FaultOf(other, address));
        Assert.Equal(SlabFault.WrongCache, FaultOf(without, address));
        nint guard = (address & -Page.Size) + Page.Size;
        Assert.Equal(SlabFault.ForeignPointer, FaultOf(cache, guard));
        Assert.Equal(SlabFault.ForeignPointer, FaultOf(without, guard));
        Assert.Equal(SlabFault.NullPointer, FaultOf(cache, 0));
        Assert.True(Guarded.IsGuarded(runtime, address));
        cache.Free(address);
        runtime.Close();

        static SlabFault FaultOf(KmemCache cache, nint address) => Assert.Throws<SlabException>(() => cache.Free(address)).Fault;
    }

    [Fact]
    public void Among_many_that_are_freed_at_once_the_guarded_ones_go_past_the_magazines()
    {
        using SlabRuntime runtime = Guarded.NewRuntime();
        KmemCache cache = runtime.CreateCache("bulk", 64, s_plain);
        nint[] objects = new nint[8];
        cache.AllocBulk(objects);
        Assert.DoesNotContain(objects, address => Guarded.IsGuarded(runtime, address));
        nint guarded = AllocGuarded(runtime, cache);
        cache.FreeBulk([objects[0], guarded, .. objects[1..]]);
        Assert.Equal(AddressKind.FreeGuardedObject, runtime.Describe(guarded).Kind);
        Assert.All(objects, address => Assert.True(runtime.Describe(address).Kind is AddressKind.ObjectOfThread or AddressKind.FreeObject));

        guarded = AllocGuarded(runtime, cache);
        SlabException error = Assert.Throws<SlabException>(() => cache.FreeBulk([guarded, guarded]));
        Assert.Equal(SlabFault.DoubleFree, error.Fault);
        TestRuntime.CheckHealth(runtime);
        runtime.Close();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_free_where_the_magazine_has_room_goes_past_it(bool many)
    {
        using SlabRuntime runtime = Guarded.NewRuntime();
        KmemCache cache = runtime.CreateCache("room", 64, s_plain);
        nint guarded = cache.Alloc(), next = cache.Alloc();
        Assert.True(Guarded.IsGuarded(runtime, guarded));
        Warm(cache);
        if (many)
        {
            cache.FreeBulk([guarded, next]);
        }
        else
        {
            cache.Free(guarded);
            Warm(cache); // the free was a slow call, which may have shut it
            cache.Free(next);
        }

        Assert.Equal(AddressKind.FreeGuardedObject, runtime.Describe(guarded).Kind);
        Assert.Equal(AddressKind.FreeGuardedObject, runtime.Describe(next).Kind);
        Assert.Equal(0, cache.Snapshot().GuardedObjects);
        TestRuntime.CheckHealth(runtime);
        runtime.Close();
    }

    [Fact]
    public void A_block_freed_where_the_magazine_has_room_goes_past_it()
    {
        using SlabRuntime runtime = Guarded.NewRuntime();
        nint guarded = runtime.Kmalloc.Alloc(64);
        Assert.True(Guarded.IsGuarded(runtime, guarded));
        nint[] others = new nint[8];
        runtime.Kmalloc.AllocBulk(64, others);
        runtime.Kmalloc.FreeBulk(others);
        nint other = runtime.Kmalloc.Alloc(64);
        Assert.False(Guarded.IsGuarded(runtime, other)); // the magazine served
        runtime.Kmalloc.Free(other);
        runtime.Kmalloc.Free(guarded);
        Assert.Equal(AddressKind.FreeGuardedObject, runtime.Describe(guarded).Kind);
        TestRuntime.CheckHealth(runtime);
        runtime.Close();
    }

    [Fact]
    public unsafe void A_write_beside_the_object_on_its_page_is_found_when_it_is_freed_and_by_Validate()
    {
        using SlabRuntime runtime = Guarded.NewRuntime();
        KmemCache cache = runtime.CreateCache("odd", 60, s_plain);
        nint address = cache.Alloc();
        ((byte*)address)[60] = 1; // in the 4 bytes that the alignment leaves, or behind
        ValidationReport report = cache.Validate();
        Assert.Equal(1, report.Violations);
        SlabException error = Assert.Throws<SlabException>(() => cache.Free(address));
        Assert.Equal(SlabFault.OutOfBounds, error.Fault);
        Assert.Contains("1 behind the object", error.Message, StringComparison.Ordinal);
        Assert.Contains("0x01", error.Message, StringComparison.Ordinal);
        Assert.True(cache.Validate().IsClean);
        Assert.Equal(AddressKind.FreeGuardedObject, runtime.Describe(address).Kind);
        runtime.Close();
    }

    [Fact]
    public void The_page_that_was_freed_first_is_used_first()
    {
        using SlabRuntime runtime = Guarded.NewRuntime();
        KmemCache cache = runtime.CreateCache("order", 64, s_plain);
        var pages = new List<nint>();
        for (int i = 0; i < GuardRange.MostObjects; i++)
        {
            nint address = cache.Alloc();
            pages.Add(address & -Page.Size);
            cache.Free(address);
        }

        Assert.Equal(pages.Count, pages.Distinct().Count());
        nint again = cache.Alloc();
        Assert.Equal(pages[0], again & -Page.Size);
        cache.Free(again);
    }

    /// <summary>Loads a magazine that has objects, and room for more.</summary>
    private static void Warm(KmemCache cache)
    {
        nint[] objects = new nint[8];
        cache.AllocBulk(objects);
        cache.FreeBulk(objects);
        nint served = cache.Alloc();
        Assert.Equal(AddressKind.LiveObject, cache.Describe(served).Kind);
        cache.Free(served);
    }

    /// <summary>From a cache whose magazine may have objects.</summary>
    private static nint AllocGuarded(SlabRuntime runtime, KmemCache cache)
    {
        cache.Shrink();
        nint address = cache.Alloc();
        Assert.True(Guarded.IsGuarded(runtime, address));
        return address;
    }
}
