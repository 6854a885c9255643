using SlabGen.Memory;
using SlabGen.Tests.Concurrency;
using SlabGen.Tests.Generated;

namespace SlabGen.Tests;

/// <summary>Blocks of every size are as large as asked for, aligned as promised, and found again when freed.</summary>
[Collection(LowAddresses.Collection)]
public sealed class KmallocTests
{
    [Fact]
    public void EverySmallSize_GetsTheNextBucket_Aligned()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(16 * 1024);
        for (int size = 1; size <= 8300; size++)
        {
            nint address = runtime.Kmalloc.Alloc((nuint)size);
            nuint usable = runtime.Kmalloc.UsableSize(address);
            Assert.True(usable >= (nuint)size, $"{size}: {usable}");
            Assert.True(size <= 128 || size > 8192 || usable * 4 <= (nuint)size * 5, $"{size} wastes more than a fifth: {usable}");
            Assert.Equal(0, address & ((size <= 8 ? 8 : 16) - 1));
            if (System.Numerics.BitOperations.IsPow2(size) && size is >= 8 and <= 4096)
            {
                Assert.Equal(0, address & (size - 1));
            }

            runtime.Kmalloc.Free(address);
        }
    }

    [Fact]
    public void KernelSizes_AreAmongTheBuckets() =>
        Assert.Subset(new HashSet<int>(KmallocSizes.All.ToArray()), new HashSet<int> { 8, 16, 32, 64, 96, 128, 192, 256, 512, 1024, 2048, 4096, 8192 });

    [Theory]
    [InlineData(8193)]
    [InlineData(100_000)]
    [InlineData(4 << 20)]
    [InlineData((4 << 20) + 1)]
    [InlineData(20 << 20)]
    public unsafe void LargeSizes_AreWholePages_AndGoBack(int size)
    {
        using SlabRuntime runtime = TestRuntime.OfPages(16 * 1024);
        nint address = runtime.Kmalloc.AllocZeroed((nuint)size);
        Assert.Equal(0, address & (Page.Size - 1));
        Assert.InRange((long)runtime.Kmalloc.UsableSize(address), size, Page.RoundUp(size + (size / 8), Page.Size));
        var span = new Span<byte>((void*)address, size);
        Assert.False(span.ContainsAnyExcept((byte)0));
        span.Fill(1);
        runtime.Kmalloc.Free(address);
        runtime.Shrink();
        Assert.Equal(0, runtime.CommittedBytes);
    }

    [Fact]
    public unsafe void AllocZeroed_ClearsWhatWasThere()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(1024);
        foreach (int size in new[] { 1, 8, 100, 8192, 50_000 })
        {
            nint address = runtime.Kmalloc.Alloc((nuint)size);
            new Span<byte>((void*)address, size).Fill(0xff);
            runtime.Kmalloc.Free(address);
            address = runtime.Kmalloc.AllocZeroed((nuint)size);
            Assert.False(new Span<byte>((void*)address, size).ContainsAnyExcept((byte)0));
            runtime.Kmalloc.Free(address);
        }
    }

    [Fact]
    public unsafe void Realloc_KeepsTheContents()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(16 * 1024);
        Kmalloc kmalloc = runtime.Kmalloc;
        int[] sizes = [10, 11, 100, 5000, 9000, 200_000, 6 << 20, 300, 8];
        nint address = kmalloc.Realloc(0, (nuint)sizes[0]);
        new Span<byte>((void*)address, sizes[0]).Fill(7);
        int intact = sizes[0];
        foreach (int size in sizes.Skip(1))
        {
            address = kmalloc.Realloc(address, (nuint)size);
            intact = Math.Min(intact, size);
            Assert.False(new Span<byte>((void*)address, intact).ContainsAnyExcept((byte)7));
        }

        Assert.Equal(Kmalloc.ZeroSizePointer, kmalloc.Realloc(address, 0));
        Assert.Equal(0, runtime.Caches.Sum(c => c.Snapshot().LiveObjects));
        address = kmalloc.Realloc(Kmalloc.ZeroSizePointer, 10);
        kmalloc.Free(address);
    }

    [Fact]
    public void NothingAndZero()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        Kmalloc kmalloc = runtime.Kmalloc;
        Assert.Equal(Kmalloc.ZeroSizePointer, kmalloc.Alloc(0));
        Assert.Equal(Kmalloc.ZeroSizePointer, kmalloc.AllocZeroed(0));
        Assert.Equal(0u, kmalloc.UsableSize(0));
        Assert.Equal(0u, kmalloc.UsableSize(Kmalloc.ZeroSizePointer));
        kmalloc.Free(0);
        kmalloc.Free(Kmalloc.ZeroSizePointer);
    }

    [Fact]
    public void HugeAndNegativeSizes_NameTheSizeAndTheLimit()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(1024);
        foreach (nuint size in new[] { unchecked((nuint)(-1)), unchecked((nuint)int.MinValue), (nuint)(1024 * Page.Size) + 1, nuint.MaxValue - 7 })
        {
            var error = Assert.Throws<OutOfMemoryException>(() => runtime.Kmalloc.Alloc(size));
            Assert.Contains($"{size}", error.Message, StringComparison.Ordinal);
            Assert.Contains($"{1024 * Page.Size}", error.Message, StringComparison.Ordinal);
        }

        Assert.Equal(0, runtime.Pages.CountUserBytes());
    }

    [Fact]
    public unsafe void BadPointers_AreNamed()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(4096);
        Kmalloc kmalloc = runtime.Kmalloc;
        nint pages = kmalloc.Alloc(2 << 20), whole = kmalloc.Alloc(3 * Page.Size), huge = kmalloc.Alloc(5 << 20), small = kmalloc.Alloc(100);
        long onStack = 0;
        foreach (nint bad in new[] { (nint)(&onStack), pages + Page.Size, pages + 8, huge + Page.Size, 24, -1, nint.MaxValue })
        {
            var error = Assert.Throws<SlabException>(() => kmalloc.Free(bad));
            Assert.Equal((SlabFault.ForeignPointer, bad), (error.Fault, error.Address));
            Assert.Throws<SlabException>(() => kmalloc.UsableSize(bad));
            Assert.Throws<SlabException>(() => kmalloc.Realloc(bad, 10));
        }

        Assert.Equal(SlabFault.InteriorPointer, Assert.Throws<SlabException>(() => kmalloc.UsableSize(small + 4)).Fault);
        Assert.Equal(SlabFault.InteriorPointer, Assert.Throws<SlabException>(() => kmalloc.UsableSize(whole + Page.Size)).Fault);
        kmalloc.Free(whole);
        kmalloc.Free(pages);
        kmalloc.Free(huge);
        Assert.Throws<SlabException>(() => kmalloc.Free(pages));
        Assert.Throws<SlabException>(() => kmalloc.Free(huge));
        kmalloc.Free(small);
    }

    [Fact]
    public void LargeBlocks_CountAgainstTheLimit()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(4 * 1024); // 16 MiB
        nint first = runtime.Kmalloc.Alloc(10 << 20);
        Assert.Throws<OutOfMemoryException>(() => runtime.Kmalloc.Alloc(10 << 20));
        var live = new List<nint>();
        Action fill = () =>
        {
            while (live.Count < 100)
            {
                live.Add(runtime.Kmalloc.Alloc(1 << 20));
            }
        };
        Assert.Throws<OutOfMemoryException>(fill);
        Assert.Equal(6, live.Count);
        runtime.Kmalloc.Free(first);
        runtime.Kmalloc.Free(runtime.Kmalloc.Alloc(9 << 20));
        live.ForEach(runtime.Kmalloc.Free);
    }

    [Fact]
    public void EveryCall_AfterTheRuntimeIsGone_IsRefused()
    {
        SlabRuntime runtime = TestRuntime.OfPages(4096);
        Kmalloc kmalloc = runtime.Kmalloc;
        nint small = kmalloc.Alloc(100), pages = kmalloc.Alloc(10_000), large = kmalloc.Alloc(5 << 20);
        kmalloc.Free(small);
        kmalloc.Free(pages);
        kmalloc.Free(large);
        runtime.Dispose();
        foreach (nint address in new[] { small, pages, large })
        {
            Assert.Throws<ObjectDisposedException>(() => kmalloc.Free(address));
            Assert.Throws<ObjectDisposedException>(() => kmalloc.UsableSize(address));
            Assert.Throws<ObjectDisposedException>(() => kmalloc.Realloc(address, 10));
        }

        foreach (nuint size in new nuint[] { 100, 10_000, 5 << 20 })
        {
            Assert.Throws<ObjectDisposedException>(() => kmalloc.Alloc(size));
            Assert.Throws<ObjectDisposedException>(() => kmalloc.AllocZeroed(size));
        }

        Assert.Throws<ObjectDisposedException>(() => TestRuntimeDisposed().Kmalloc);
        kmalloc.Free(0);
    }

    [Fact]
    public void OfThreadsThatFreeOneLargeBlock_OneSucceeds()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(4096);
        const int rounds = 3000;
        var blocks = new nint[rounds];
        int freed = 0, refused = 0;
        using var barrier = new Barrier(2, phase => blocks[Math.Min(phase.CurrentPhaseNumber, rounds - 1)] = runtime.Kmalloc.Alloc(16u * (nuint)Page.Size, GfpFlags.Kernel, node: 0)); // of the page allocator
        TestThreads.Run(2, _ =>
        {
            for (int round = 0; round < rounds; round++)
            {
                barrier.SignalAndWait();
                try
                {
                    runtime.Kmalloc.Free(blocks[round]);
                    Interlocked.Increment(ref freed);
                }
                catch (SlabException)
                {
                    Interlocked.Increment(ref refused);
                }
            }
        });
        Assert.Equal((rounds, rounds), (freed, refused));
        Assert.True(runtime.Validate().IsClean);
    }

    [Fact]
    public void Free_TakesObjectsOfAnyZoneBack()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.Is64BitProcess, "needs addresses below 4 GiB");
        using SlabRuntime runtime = TestRuntime.OfPages(4096);
        KmemCache low = runtime.CreateCache("low", 100, new SlabCacheOptions { Zone = ZoneKind.Dma32, Fallback = ZoneFallback.Strict });
        nint address = low.Alloc();
        Assert.InRange((long)address, 16 << 20, uint.MaxValue);
        Assert.Equal(104u, runtime.Kmalloc.UsableSize(address));
        runtime.Kmalloc.Free(address);
        low.Shrink();
        Assert.Equal(0, low.Snapshot().Objects);
    }

    [Fact]
    public void ALimitTooSmallForIt_IsNamed_AndLeavesNoCacheBehind()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(2);
        Assert.Contains($"{2 * Page.Size}", Assert.Throws<InvalidOperationException>(() => runtime.Kmalloc).Message, StringComparison.Ordinal);
        Assert.Empty(runtime.Caches);
    }

    [Fact]
    public void FreePagesThatHoldMemory_GiveWayToBlocksOutsideTheZone()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(16 * 1024); // 64 MiB
        var blocks = new List<nint>();
        for (int i = 0; i < 50; i++)
        {
            blocks.Add(runtime.Kmalloc.AllocZeroed(1 << 20));
        }

        blocks.ForEach(runtime.Kmalloc.Free);
        nint large = runtime.Kmalloc.Alloc(50 << 20);
        Assert.True(runtime.CommittedBytes <= runtime.MemoryLimit * 101 / 100, $"{runtime.CommittedBytes} of {runtime.MemoryLimit} bytes");
        Assert.True(runtime.PeakCommittedBytes <= runtime.MemoryLimit * 101 / 100);
        runtime.Kmalloc.Free(large);
    }

    [Fact]
    public void ObjectsOfOtherCaches_AreTakenBack_AsByKfree()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(1024);
        KmemCache cache = runtime.CreateCache("typed", 72);
        nint address = cache.Alloc();
        Assert.Equal(72u, runtime.Kmalloc.UsableSize(address));
        runtime.Kmalloc.Free(address);
        Assert.Equal(0, cache.Snapshot().LiveObjects);
    }

    private static SlabRuntime TestRuntimeDisposed()
    {
        SlabRuntime runtime = TestRuntime.OfPages(64);
        runtime.Dispose();
        return runtime;
    }
}
