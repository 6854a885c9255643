using SlabGen.Memory;

namespace SlabGen.Tests.Caches;

/// <summary>Sizes, names and options out of range get an error that names the value and the limit.</summary>
public sealed class BadArgumentsTests
{
    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(int.MinValue)]
    [InlineData((4 << 20) + 1)]
    [InlineData(int.MaxValue)]
    public void ObjectSize_OutOfRange(int size)
    {
        using SlabRuntime runtime = TestRuntime.OfPages(4096);
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => runtime.CreateCache("o", size));
        Assert.Equal(size, error.ActualValue);
        Assert.Empty(runtime.Caches);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("two words")]
    [InlineData("tab\tbed")]
    public void Name_WithWhiteSpace(string name)
    {
        using SlabRuntime runtime = TestRuntime.OfPages(16);
        Assert.Throws<ArgumentException>(() => runtime.CreateCache(name, 64));
        Assert.Throws<ArgumentNullException>(() => runtime.CreateCache(null!, 64));
    }

    [Theory]
    [InlineData(-8)]
    [InlineData(3)]
    [InlineData(48)]
    [InlineData(1 << 20)]
    public void Alignment_NotAPowerOfTwoWithinAPage(int alignment)
    {
        using SlabRuntime runtime = TestRuntime.OfPages(16);
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => runtime.CreateCache("o", 64, new SlabCacheOptions { Alignment = alignment }));
        Assert.Equal(alignment, error.ActualValue);
        Assert.Contains($"{Page.Size}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OtherOptions_OutOfRange()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(16);
        Assert.Throws<ArgumentOutOfRangeException>(() => runtime.CreateCache("o", 64, new SlabCacheOptions { MagazineRounds = -1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => runtime.CreateCache("o", 64, new SlabCacheOptions { MagazineRounds = 1 << 20 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => runtime.CreateCache("o", 64, new SlabCacheOptions { DepotBytes = -1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => runtime.CreateCache("o", 64, new SlabCacheOptions { ReuseDistanceBytes = -1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SlabRuntime(new SlabRuntimeOptions { Processors = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SlabRuntime(new SlabRuntimeOptions { MemoryLimit = -1 }));
    }

    [Fact]
    public void LimitBelowOneSlab_NamesBoth()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new SlabRuntime(new SlabRuntimeOptions { MemoryLimit = Page.Size - 1 }));

        using SlabRuntime runtime = TestRuntime.OfPages(4);
        var error = Assert.Throws<ArgumentException>(() => runtime.CreateCache("big", 4 * Page.Size));
        Assert.Contains("'big'", error.Message, StringComparison.Ordinal);
        Assert.Contains($"{4 * Page.Size}", error.Message, StringComparison.Ordinal);
        Assert.Empty(runtime.Caches);

        // A refusal costs no index.
        int id = runtime.CreateCache("before", 8).Id;
        for (int i = 0; i < 500; i++)
        {
            Assert.Throws<ArgumentException>(() => runtime.CreateCache("big", 4 * Page.Size));
        }

        Assert.InRange(runtime.CreateCache("after", 8).Id, 1, id + 400); // other tests take some meanwhile
    }

    [Fact]
    public void LimitAboveTheMachine_IsRefused_AndBothAreNamed()
    {
        long machine = MachineMemory.Bytes;
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => new SlabRuntime(new SlabRuntimeOptions { MemoryLimit = machine + 1 }));
        Assert.Contains($"{machine} bytes", error.Message, StringComparison.Ordinal);
        Assert.Contains($"{machine + 1}", error.Message, StringComparison.Ordinal);
        new SlabRuntime(new SlabRuntimeOptions { MemoryLimit = machine }).Dispose();
    }

    [Fact]
    public void ASlabThatTheReserveLeavesNoRoomFor_IsRefused()
    {
        Assert.SkipUnless(Page.Size == 4096, "sizes for pages of 4 KiB");
        using var runtime = new SlabRuntime(new SlabRuntimeOptions { MemoryLimit = 1056 * 4096 }); // keeps 33 pages
        var error = Assert.Throws<ArgumentException>(() => runtime.CreateCache("o", 4 << 20));
        Assert.Contains($"{1023 * 4096} bytes", error.Message, StringComparison.Ordinal);
        using var more = new SlabRuntime(new SlabRuntimeOptions { MemoryLimit = 1060 * 4096 });
        KmemCache cache = more.CreateCache("o", 4 << 20);
        cache.Free(cache.Alloc());
    }

    [Theory]
    [InlineData(2, 8)]
    [InlineData(2, 4095)]
    [InlineData(3, 4097)]
    [InlineData(1025, 4 << 20)]
    public void TheLeastLimitThatIsAccepted_HoldsAnObject(int pages, int size)
    {
        Assert.SkipUnless(Page.Size == 4096, "sizes for pages of 4 KiB");
        using SlabRuntime runtime = TestRuntime.OfPages(pages);
        KmemCache cache = runtime.CreateCache("o", size);
        nint address = cache.Alloc();
        cache.Free(address);
        Assert.Equal(address, cache.Alloc());
        cache.Free(address);
        using SlabRuntime less = TestRuntime.OfPages(pages - 1);
        Assert.Throws<ArgumentException>(() => less.CreateCache("o", size));
    }
}
