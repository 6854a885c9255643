using SlabGen.Memory;
using SlabGen.Tests.Generated;

namespace SlabGen.Tests;

/// <summary>
/// Proves that a block which the free pages cannot serve in one piece is mapped alone, and is a block like any other. Catches a limit
/// that fragments make unreachable, and errors that blame the operating system.
/// </summary>
public sealed class KmallocAloneTests
{
    private const int BlockBytes = 800_000;

    [Fact]
    public void Scattered_pages_leave_the_limit_to_larger_blocks()
    {
        using var runtime = new SlabRuntime(new SlabRuntimeOptions { MemoryLimit = 128 << 20, ReapInterval = Timeout.InfiniteTimeSpan, Pressure = TestRuntime.NoPressure });
        (KmemCache cache, nint[] survivors) = Scatter(runtime, 122 << 20);
        long free = runtime.Pages.UsableLimit - runtime.Pages.UsedBytes;
        Assert.True(free > 100 << 20, $"{free} bytes free");

        var blocks = new List<nint>();
        Action fill = () =>
        {
            while (true)
            {
                blocks.Add(runtime.Kmalloc.Alloc(BlockBytes));
            }
        };
        var error = Assert.Throws<OutOfMemoryException>(fill);

        long each = Page.RoundUp(BlockBytes, Page.Size);
        Assert.InRange(blocks.Count, (free / each) - 2, free / each);
        Assert.Contains("the limit is reached", error.Message, StringComparison.Ordinal);
        Assert.InRange(runtime.CommittedBytes, 0, runtime.MemoryLimit + (runtime.MemoryLimit / 100));
        TestRuntime.CheckHealth(runtime);
        blocks.ForEach(runtime.Kmalloc.Free);
        cache.FreeBulk(survivors);
    }

    [Fact]
    public unsafe void A_block_that_is_mapped_alone_is_a_block_like_any_other()
    {
        using SlabRuntime runtime = Fragmented(out KmemCache cache, out nint[] survivors);
        var account = new SlabAccount("tenant", 16 << 20);
        Kmalloc mine = runtime.CreateKmalloc("mine", account);
        long used = runtime.Pages.UsedBytes;
        nint address = mine.AllocZeroed(BlockBytes);
        long bytes = Page.RoundUp(BlockBytes, Page.Size);
        Assert.False(runtime.Pages.TryGetFrame(address, out _, out _)); // alone
        Assert.Equal(used + bytes, runtime.Pages.UsedBytes);
        Assert.Equal(bytes, account.Used);
        Assert.Equal((nuint)bytes, runtime.Kmalloc.UsableSize(address));
        Assert.Equal(address, runtime.Describe(address + 5).Start);
        Assert.False(new Span<byte>((void*)address, BlockBytes).ContainsAnyExcept((byte)0));
        new Span<byte>((void*)address, BlockBytes).Fill(7);

        Assert.Throws<SlabException>(() => runtime.Kmalloc.Free(address + 16));
        Assert.Throws<SlabException>(() => runtime.Kmalloc.UsableSize(address + Page.Size));
        nint grown = mine.Realloc(address, 2 * BlockBytes);
        Assert.NotEqual(address, grown);
        Assert.False(new Span<byte>((void*)grown, BlockBytes).ContainsAnyExcept((byte)7));
        Assert.Throws<SlabException>(() => runtime.Kmalloc.Free(address)); // it was freed
        nint small = mine.Realloc(grown, 64); // alone -> a slab
        Assert.Equal(7, *(byte*)small);
        nint back = mine.Realloc(small, BlockBytes);
        Assert.Equal(7, *(byte*)back);
        runtime.Kmalloc.Free(back); // any instance frees what another has
        Assert.True(mine.Destroy().IsClean);
        Assert.Equal(0, account.Used);
        TestRuntime.CheckHealth(runtime);
        cache.FreeBulk(survivors);
    }

    [Fact]
    public void Errors_say_what_happened()
    {
        var memory = new TestRuntime.FailingMemory(OsMemory.Current);
        using SlabRuntime runtime = Fragmented(out KmemCache cache, out nint[] survivors, memory);
        string Message(Action action) => Assert.Throws<OutOfMemoryException>(action).Message;

        string above = Message(() => runtime.Kmalloc.Alloc((nuint)runtime.MemoryLimit + 1));
        Assert.Contains($"{runtime.MemoryLimit + 1} bytes are above the limit of {runtime.MemoryLimit} bytes", above, StringComparison.Ordinal);
        Assert.DoesNotContain("refused", above, StringComparison.Ordinal);
        Assert.Contains("above the limit", Message(() => runtime.Kmalloc.Alloc(nuint.MaxValue)), StringComparison.Ordinal);
        Assert.Contains("above the limit", Message(() => cache.AllocBulk(new nint[1 + (runtime.MemoryLimit / 4096)])), StringComparison.Ordinal);

        KmemCache wide = runtime.CreateCache("wide", 600_000, new SlabCacheOptions { Order = 8 });
        string pieces = Message(() => wide.Alloc());
        Assert.Contains("no contiguous block of 256", pieces, StringComparison.Ordinal);
        Assert.DoesNotContain("refused", pieces, StringComparison.Ordinal);
        Assert.Contains("no contiguous block of 256", Message(() => runtime.Pages.AllocPages(GfpFlags.Kernel, 8)), StringComparison.Ordinal);

        memory.ReservesLeft = 0;
        string refused = Message(() => runtime.Kmalloc.Alloc(BlockBytes));
        Assert.Contains("no contiguous block of 256", refused, StringComparison.Ordinal);
        Assert.Contains("a mapping of its own was refused", refused, StringComparison.Ordinal);
        cache.FreeBulk(survivors);
    }

    private static SlabRuntime Fragmented(out KmemCache cache, out nint[] survivors, IOsMemory? memory = null)
    {
        Assert.SkipUnless(Page.Size == 4096, "sizes for pages of 4 KiB");
        SlabRuntime runtime = TestRuntime.OfPages(32 << 8, memory: memory);
        (cache, survivors) = Scatter(runtime, 32 << 20);
        return runtime;
    }

    /// <summary>Objects of a page each, of which one in 128 stays.</summary>
    private static (KmemCache Cache, nint[] Survivors) Scatter(SlabRuntime runtime, int bytes)
    {
        KmemCache cache = runtime.CreateCache("page", 4096, new SlabCacheOptions { Alignment = 4096 });
        var objects = new List<nint>();
        while (objects.Count < bytes / 4096 && cache.TryAlloc(out nint address))
        {
            objects.Add(address);
        }

        nint[] survivors = [.. objects.Where((_, i) => i % 128 == 0)];
        cache.FreeBulk([.. objects.Where((_, i) => i % 128 != 0)]);
        runtime.Shrink();
        return (cache, survivors);
    }
}
