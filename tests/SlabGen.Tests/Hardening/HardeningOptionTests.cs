#pragma warning disable SLAB0102 // what a freed object reads as is what is tested

using SlabGen.Memory;

namespace SlabGen.Tests.Hardening;

/// <summary>Each option by itself: what works without it works no more with it.</summary>
public sealed class HardeningOptionTests
{
    [Fact]
    public void Zones_at_random_addresses_have_no_fixed_distance()
    {
        var distances = new HashSet<long>();
        for (int i = 0; i < 4; i++)
        {
            using SlabRuntime runtime = New(options => options with { RandomAddresses = true });
            KmemCache cache = runtime.CreateCache("o", 64);
            cache.Free(cache.Alloc());
            // From an address that he knows, an attacker cannot tell where descriptors and magazines lie.
            Assert.True(distances.Add(runtime.Pages.Metadata.Start - runtime.Pages.Normal.Start));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_object_freed_last_does_not_come_next(bool isChecked)
    {
        int predicted = Predict(New(options => options with { Checked = isChecked }), 100);
        Assert.Equal(100, predicted);
        predicted = Predict(New(options => options with { Checked = isChecked, RandomReuse = true }), 100);
        Assert.InRange(predicted, 0, 40); // of 100 or so free objects in the magazine: one, on average
    }

    [Fact]
    public void Many_at_once_come_in_random_order_too()
    {
        using SlabRuntime runtime = New(options => options with { RandomReuse = true });
        KmemCache cache = runtime.CreateCache("o", 64);
        nint[] first = new nint[200], second = new nint[50];
        cache.AllocBulk(first);
        cache.FreeBulk(first);
        cache.AllocBulk(second);
        Assert.InRange(second.Count(first[^50..].Contains), 0, 40);
        cache.FreeBulk(second);
        TestRuntime.CheckHealth(runtime);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public unsafe void A_freed_object_reads_as_zeros(bool isChecked)
    {
        using SlabRuntime plain = New(options => options with { Checked = isChecked });
        KmemCache old = plain.CreateCache("o", 64);
        nint secret = old.Alloc();
        *(long*)(secret + 16) = 0x5ec2e7;
        old.Free(secret);
        Assert.Equal(0x5ec2e7, *(long*)(secret + 16));

        using SlabRuntime runtime = New(options => options with { Checked = isChecked, ZeroOnFree = true });
        KmemCache cache = runtime.CreateCache("o", 64);
        Kmalloc kmalloc = runtime.Kmalloc;
        foreach (nuint size in (nuint[])[100, 5000, 100_000, 2 << 20])
        {
            nint block = kmalloc.Alloc(size);
            new Span<byte>((void*)block, (int)size).Fill(0xab);
            kmalloc.Free(block);
            Assert.Equal(-1, new ReadOnlySpan<byte>((void*)block, (int)size).IndexOfAnyExcept((byte)0));
        }

        nint[] many = new nint[300];
        cache.AllocBulk(many);
        Array.ForEach(many, address => new Span<byte>((void*)address, 64).Fill(0xcd));
        cache.FreeBulk(many.AsSpan(0, 100));
        Array.ForEach(many[100..200], cache.Free);
        Array.ForEach(many[200..], cache.FreeDeferred);
        Rcu.Barrier();
        Assert.All(many, address => Assert.Equal(-1, new ReadOnlySpan<byte>((void*)address, 64).IndexOfAnyExcept((byte)0)));
        TestRuntime.CheckHealth(runtime);
    }

    [Fact]
    public unsafe void What_is_constructed_is_not_cleared()
    {
        using SlabRuntime runtime = New(options => options with { ZeroOnFree = true });
        KmemCache byRcu = runtime.CreateCache("rcu", 64, new SlabCacheOptions { TypeSafeByRcu = true });
        nint address = byRcu.Alloc();
        *(long*)address = 7;
        byRcu.Free(address);
#pragma warning disable SLAB0102 // to look at what was freed is what the test is for
        Assert.Equal(7, *(long*)address);
#pragma warning restore SLAB0102
    }

    [Fact]
    public unsafe void Behind_each_slab_lies_an_inaccessible_page()
    {
        using SlabRuntime runtime = New(options => options with { GuardPages = true });
        KmemCache cache = runtime.CreateCache("o", 200);
        nint[] objects = new nint[3000];
        cache.AllocBulk(objects);
        Mappings mappings = Mappings.Now();
        long slabBytes = cache.Snapshot().SlabBytes;
        nint[] slabs = [.. objects.Select(address => runtime.Describe(address).Slab).Distinct()];
        Assert.True(slabs.Length > 5);
        foreach (nint slab in slabs)
        {
            Assert.True(mappings.IsAccessible(slab, slabBytes - Page.Size));
            Assert.False(mappings.IsAccessible(slab + (nint)slabBytes - Page.Size, Page.Size));
        }

        Assert.All(objects, address => Assert.True(*(byte*)(address + 199) == 0)); // none of them lies on a guard
        TestRuntime.CheckHealth(runtime);
        cache.FreeBulk(objects);
        runtime.Shrink();
        TestRuntime.CheckHealth(runtime);
        Assert.Equal(0, runtime.CommittedBytes);

        // The pages serve others afterwards.
        PagePtr pages = runtime.Pages.AllocPages(GfpFlags.Kernel | GfpFlags.Zero, 9);
        new Span<byte>((void*)pages.Address, Page.Size << 9).Fill(1);
        runtime.Pages.FreePages(pages);
    }

    [Fact]
    public void Blocks_of_every_size_have_guards_too()
    {
        using SlabRuntime runtime = New(options => options with { GuardPages = true, MemoryLimit = 64 << 20 });
        var blocks = new List<nint>();
        for (nuint size = 8; size <= 4 << 20; size *= 2)
        {
            blocks.Add(runtime.Kmalloc.Alloc(size));
        }

        blocks.ForEach(runtime.Kmalloc.Free);
        KmemCache largest = runtime.CreateCache("largest", 4 << 20), order0 = runtime.CreateCache("order0", 4096, new SlabCacheOptions { Order = 0 });
        largest.Free(largest.Alloc());
        order0.Free(order0.Alloc());
        TestRuntime.CheckHealth(runtime);
    }

    [Fact]
    public void What_contradicts_itself_is_refused()
    {
        SlabRuntimeOptions plain = New();
        var huge = new ZoneOptions { HugePages = HugePages.Reserved };
        AssertRefused("TypeStable", plain with { TypeStable = true, Layout = ZoneLayout.Classic });
        AssertRefused("TypeStable", plain with { TypeStable = true, Normal = huge });
        AssertRefused("GuardPages", plain with { GuardPages = true, Dma32 = huge });
    }

    private static void AssertRefused(string option, SlabRuntimeOptions options) =>
        Assert.Contains(option, Assert.Throws<ArgumentException>(() => new SlabRuntime(options)).Message, StringComparison.Ordinal);

    private static int Predict(SlabRuntime runtime, int times)
    {
        using (runtime)
        {
            KmemCache cache = runtime.CreateCache("o", 64);
            nint[] objects = new nint[120];
            for (int i = 0; i < objects.Length; i++)
            {
                objects[i] = cache.Alloc();
            }

            Array.ForEach(objects, cache.Free);
            int predicted = 0;
            for (int i = 0; i < times; i++)
            {
                nint victim = cache.Alloc();
                cache.Free(victim);
                nint next = cache.Alloc();
                predicted += next == victim ? 1 : 0;
                cache.Free(next);
            }

            TestRuntime.CheckHealth(runtime);
            return predicted;
        }
    }

    internal static SlabRuntimeOptions New() => new()
    {
        MemoryLimit = 32 << 20,
        Processors = 1,
        MinFreeBytes = 0,
        Checked = false,
        GuardSampling = null,
        ReapInterval = Timeout.InfiniteTimeSpan,
        Pressure = TestRuntime.NoPressure,
    };

    internal static SlabRuntime New(Func<SlabRuntimeOptions, SlabRuntimeOptions> change) => new(change(New()));
}
