using static SlabGen.Tests.Checking.Lettered;

namespace SlabGen.Tests.Checking;

/// <summary>
/// The cases of the kernel's own test, <c>lib/tests/slub_kunit.c</c>. There each damage counts two, because
/// <c>validate_slab</c> counts what it finds and then that it repairs it. <c>Validate</c> repairs nothing here: each
/// damaged part counts one, and as often as it is asked.
/// </summary>
public sealed class KernelCasesTests
{
    private static void ExpectOne(KmemCache cache, string part)
    {
        for (int i = 0; i < 3; i++)
        {
            ValidationReport report = cache.Validate();
            Assert.Equal(1, report.Violations);
            Assert.Contains(part, report.Messages[0], StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Clobber_zone()
    {
        using SlabRuntime runtime = NewRuntime(SlabDebug.None);
        KmemCache cache = runtime.CreateCache("TestSlub_RZ_alloc", 64, new SlabCacheOptions { Debug = SlabDebug.RedZones });
        nint p = cache.Alloc();
        Write(p + 64, 0x12);
        ExpectOne(cache, "Right Redzone");
        Report(() => cache.Free(p), SlabFault.OutOfBounds);
        TestRuntime.CheckHealth(runtime);
        Assert.Equal(0, cache.Snapshot().LiveObjects);
    }

    [Fact]
    public void Clobber_zone_on_the_left()
    {
        using SlabRuntime runtime = NewRuntime(SlabDebug.RedZones);
        KmemCache cache = runtime.CreateCache("TestSlub_RZ_left", 64);
        nint p = cache.Alloc();
        Write(p - 1, 0x12);
        ExpectOne(cache, "Left Redzone");
        Write(p + 64, 0x12);
        Assert.Equal(2, cache.Validate().Violations);
        Report(() => cache.Free(p), SlabFault.OutOfBounds);
        TestRuntime.CheckHealth(runtime);
    }

    /// <summary>No pointer to the next free object lies in an object here: what lay there is its first word.</summary>
    [Fact]
    public unsafe void Next_pointer()
    {
        using SlabRuntime runtime = NewRuntime(SlabDebug.Poison);
        KmemCache cache = runtime.CreateCache("TestSlub_next_ptr_free", 64);
        nint p = cache.Alloc();
        cache.Free(p);
        nint word = *(nint*)(p + 32);
        *(nint*)(p + 32) = ~word;
        ExpectOne(cache, "Poison");
        *(nint*)(p + 32) = word;
        TestRuntime.CheckHealth(runtime);
    }

    [Fact]
    public void First_word()
    {
        using SlabRuntime runtime = NewRuntime(SlabDebug.Poison);
        KmemCache cache = runtime.CreateCache("TestSlub_1th_word_free", 64);
        nint p = cache.Alloc();
        cache.Free(p);
        Write(p, 0x78);
        ExpectOne(cache, "Poison");
        Report(() => cache.Alloc(), SlabFault.UseAfterFree);
        TestRuntime.CheckHealth(runtime);
    }

    [Fact]
    public void Clobber_50th_byte()
    {
        using SlabRuntime runtime = NewRuntime(SlabDebug.Poison);
        KmemCache cache = runtime.CreateCache("TestSlub_50th_word_free", 64);
        nint p = cache.Alloc();
        cache.Free(p);
        Write(p + 50, 0x9a);
        ExpectOne(cache, "Poison");
        Assert.Throws<SlabException>(() => cache.Destroy());
        TestRuntime.CheckHealth(runtime);
    }

    [Fact]
    public void Clobber_redzone_free()
    {
        using SlabRuntime runtime = NewRuntime(SlabDebug.RedZones);
        KmemCache cache = runtime.CreateCache("TestSlub_RZ_free", 64);
        nint p = cache.Alloc();
        cache.Free(p);
        Write(p + 64, 0xab);
        ExpectOne(cache, "Right Redzone");
        Report(() => cache.Alloc(), SlabFault.OutOfBounds);
        TestRuntime.CheckHealth(runtime);
    }

    /// <summary>
    /// The kernel keeps the size that was asked for, and sees the 19th byte of 18. Here the zone of a block begins
    /// behind what <see cref="Kmalloc.UsableSize"/> says.
    /// </summary>
    [Fact]
    public void Kmalloc_redzone_access()
    {
        using SlabRuntime runtime = NewRuntime(SlabDebug.RedZones, pages: 8192);
        nint p = runtime.Kmalloc.Alloc(18);
        int usable = (int)runtime.Kmalloc.UsableSize(p);
        KmemCache cache = runtime.Describe(p).Cache!;
        Assert.Equal(cache.ObjectSize, usable);
        Write(p + usable, 0xab);
        Write(p + usable + 1, 0xab);
        ExpectOne(cache, "Right Redzone");
        Report(() => runtime.Kmalloc.Free(p), SlabFault.OutOfBounds);
        TestRuntime.CheckHealth(runtime);
    }

    [Theory]
    [MemberData(nameof(Sets), MemberType = typeof(Lettered))]
    public void Free_twice(SlabDebug letters)
    {
        using SlabRuntime runtime = NewRuntime(letters);
        KmemCache cache = runtime.CreateCache("twice", 64);
        nint p = cache.Alloc();
        cache.Free(p);
        Report(() => cache.Free(p), SlabFault.DoubleFree);
        Report(() => cache.Free(p + 8), SlabFault.InteriorPointer);
        TestRuntime.CheckHealth(runtime);
    }
}
