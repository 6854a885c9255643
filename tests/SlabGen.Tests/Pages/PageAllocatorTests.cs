using SlabGen.Memory;
using SlabGen.Tests.Concurrency;
using SlabGen.Tests.Generated;

namespace SlabGen.Tests.Pages;

/// <summary>Whole pages as users ask for them, and every way to ask wrongly.</summary>
public sealed class PageAllocatorTests
{
    [Fact]
    public unsafe void EveryOrder_IsAligned_AndOfZerosWhenAskedFor()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(4096);
        for (int round = 0; round < 2; round++)
        {
            for (int order = 0; order <= PageAllocator.MaxOrder; order++)
            {
                PagePtr page = runtime.Pages.AllocPages(GfpFlags.Kernel | GfpFlags.Zero, order);
                long bytes = (long)PageAllocator.PageSize << order;
                Assert.Equal(0, page.Address & (bytes - 1));
                Assert.Equal((order, 1 << order, 1), (page.Order, page.Pages, page.Count));
                var contents = new Span<byte>((void*)page.Address, (int)bytes);
                Assert.False(contents.ContainsAnyExcept((byte)0), $"order {order}, round {round}");
                contents.Fill(0xff);
                runtime.Pages.FreePages(page);
                Assert.Equal(0, page.Count);
            }
        }

        nint zeroed = runtime.Pages.GetZeroedPage();
        Assert.Equal(0, *(long*)zeroed);
        runtime.Pages.FreePages(zeroed);
    }

    [Fact]
    public void ExactBlocks_TakeWhatTheyNeed()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(4096);
        PagePtr five = runtime.Pages.AllocPagesExact((5 * PageAllocator.PageSize) - 1, GfpFlags.Kernel);
        Assert.Equal((5, 3), (five.Pages, five.Order));
        Assert.Equal(5, runtime.Pages.Normal.AllocatedPages);
        runtime.Pages.FreePages(five.Address);
        Assert.Equal(0, runtime.Pages.Normal.AllocatedPages);
        foreach (long bytes in new[] { 0, -1, (4L << 20) + 1 })
        {
            Assert.Contains($"{bytes}", Assert.Throws<ArgumentOutOfRangeException>(() => runtime.Pages.AllocPagesExact(bytes, GfpFlags.Kernel)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Addresses_LeadToPages_AndBack()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(4096);
        PagePtr page = runtime.Pages.AllocPages(GfpFlags.Kernel, 2);
        Assert.Equal(page, runtime.Pages.PageOf(page.Address + PageAllocator.PageSize - 1));
        Assert.Equal(page + 3, runtime.Pages.PageOf(page.Address + (3 * PageAllocator.PageSize)));
        Assert.Equal(page.Address + PageAllocator.PageSize, runtime.Pages.PageAddress(page + 1));
        Assert.Equal(page.Pfn + 1, (page + 1).Pfn);
        Assert.NotEqual(page, page + 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => page + int.MinValue);
        Assert.Contains("0x10", Assert.Throws<ArgumentException>(() => runtime.Pages.PageOf(16)).Message, StringComparison.Ordinal);
        runtime.Pages.FreePages(page);
    }

    [Fact]
    public void References_KeepABlock_UntilTheLastIsGivenBack()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(4096);
        foreach (int order in new[] { 0, 5 })
        {
            PagePtr page = runtime.Pages.AllocPages(GfpFlags.Kernel, order);
            runtime.Pages.Get(page);
            Assert.Equal(2, page.Count);
            var error = Assert.Throws<InvalidOperationException>(() => runtime.Pages.FreePages(page));
            Assert.Contains("count is 2", error.Message, StringComparison.Ordinal);
            Assert.False(runtime.Pages.Put(page));
            Assert.True(runtime.Pages.Put(page));
            Assert.Throws<InvalidOperationException>(() => runtime.Pages.Get(page));
            Assert.Throws<InvalidOperationException>(() => runtime.Pages.Put(page));
        }
    }

    [Theory]
    [InlineData(0)] // through the page set
    [InlineData(5)] // through the zone
    public void BadFrees_AreNamed_AndChangeNothing(int order)
    {
        using SlabRuntime runtime = TestRuntime.OfPages(4096), other = TestRuntime.OfPages(64);
        PagePtr page = runtime.Pages.AllocPages(GfpFlags.Kernel, order), foreign = other.Pages.AllocPages(GfpFlags.Kernel, 0);
        runtime.Pages.FreePages(page);
        Assert.Contains("count is 0", Assert.Throws<InvalidOperationException>(() => runtime.Pages.FreePages(page)).Message, StringComparison.Ordinal);

        PagePtr block = runtime.Pages.AllocPages(GfpFlags.Kernel, 3);
        Assert.Throws<InvalidOperationException>(() => runtime.Pages.FreePages(block + 1));
        Assert.Contains("another runtime", Assert.Throws<ArgumentException>(() => runtime.Pages.FreePages(foreign)).Message, StringComparison.Ordinal);
        Assert.Contains("null", Assert.Throws<ArgumentException>(() => runtime.Pages.FreePages(default(PagePtr))).Message, StringComparison.Ordinal);
        KmemCache cache = runtime.CreateCache("o", 64);
        nint o = cache.Alloc();
        Assert.Contains("Slab", Assert.Throws<InvalidOperationException>(() => runtime.Pages.FreePages(runtime.Pages.PageOf(o))).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => runtime.Pages.Get(runtime.Pages.PageOf(o)));
        cache.Free(o);
        runtime.Pages.FreePages(block);
        other.Pages.FreePages(foreign);
    }

    [Theory]
    [InlineData(GfpFlags.Dma | GfpFlags.HighMem, "more than one zone")]
    [InlineData(GfpFlags.Dma | GfpFlags.Dma32, "more than one zone")]
    [InlineData(GfpFlags.Dma32 | GfpFlags.HighMem, "more than one zone")]
    [InlineData(GfpFlags.Kernel | GfpFlags.Dma | GfpFlags.Dma32 | GfpFlags.HighMem, "more than one zone")]
    [InlineData(GfpFlags.Kernel | (GfpFlags)0x10, "0x10")]
    [InlineData((GfpFlags)(1 << 30), "0x40000000")]
    [InlineData(GfpFlags.Atomic | GfpFlags.NoFail, "DirectReclaim")]
    [InlineData(GfpFlags.Kernel | GfpFlags.NoFail | GfpFlags.NoRetry, "NoRetry")]
    public void FlagsThatContradictThemselves_AreRefused(GfpFlags gfp, string what)
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        Assert.Contains(what, Assert.Throws<ArgumentException>(() => runtime.Pages.AllocPages(gfp, 0)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => runtime.Pages.TryAllocPages(gfp, 0, out _));
        Assert.Single(runtime.Pages.Zones);
    }

    [Fact]
    public void ArgumentsOutOfRange_AreNamed()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        foreach (int order in new[] { -1, 11, int.MinValue, int.MaxValue })
        {
            Assert.Contains($"{order}", Assert.Throws<ArgumentOutOfRangeException>(() => runtime.Pages.AllocPages(GfpFlags.Kernel, order)).Message, StringComparison.Ordinal);
        }

        PagePtr page = runtime.Pages.AllocPages(GfpFlags.Kernel, 0);
        Assert.Contains("not the start", Assert.Throws<ArgumentException>(() => runtime.Pages.FreePages(page.Address + 8)).Message, StringComparison.Ordinal);
        runtime.Pages.FreePages(page.Address);
        Assert.Throws<OutOfMemoryException>(() => runtime.Pages.AllocPages(GfpFlags.Kernel | GfpFlags.NoFail, 7)); // 128 pages of 64: not for ever
        default(KmapScope).Dispose();
        foreach (int node in new[] { -2, 1 })
        {
            Assert.Contains($"{node}", Assert.Throws<ArgumentOutOfRangeException>(() => runtime.Pages.AllocPages(GfpFlags.Kernel, 0, node: node)).Message, StringComparison.Ordinal);
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => runtime.Pages.AllocPages(GfpFlags.Kernel, 0, (ZoneFallback)2));
        Assert.Throws<ArgumentException>(() => runtime.Pages.GetZeroedPage(GfpFlags.HighUser));
        runtime.Shrink(); // what waits in page sets is not free
        var error = Assert.Throws<OutOfMemoryException>(() => runtime.Pages.AllocPages(GfpFlags.Kernel, 10));
        Assert.Contains("1024 page(s)", error.Message, StringComparison.Ordinal);
        Assert.Contains("above the limit", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(nameof(SlabRuntimeOptions.MinFreeBytes))]
    [InlineData(nameof(SlabRuntimeOptions.WatermarkScaleFactor))]
    [InlineData(nameof(SlabRuntimeOptions.Layout))]
    [InlineData("HighMem.Bytes")]
    [InlineData("HighMem.Path")]
    [InlineData("Dma32")]
    [InlineData("HighMem.MappedPages")]
    [InlineData("ZoneOptions.Pinning")]
    [InlineData("ZoneOptions.HugePages")]
    public void OptionsOutOfRange_AreNamed(string option)
    {
        var good = new SlabRuntimeOptions { MemoryLimit = 1 << 20 };
        SlabRuntimeOptions bad = option switch
        {
            nameof(SlabRuntimeOptions.MinFreeBytes) => good with { MinFreeBytes = (1 << 19) + 1 },
            nameof(SlabRuntimeOptions.WatermarkScaleFactor) => good with { WatermarkScaleFactor = 0 },
            nameof(SlabRuntimeOptions.Layout) => good with { Layout = (ZoneLayout)2 },
            "HighMem.Bytes" => good with { HighMem = new HighMemOptions { Bytes = -1 } },
            "HighMem.Path" => good with { HighMem = new HighMemOptions { Path = " " } },
            "Dma32" => good with { Dma32 = null! },
            "HighMem.MappedPages" => good with { HighMem = new HighMemOptions { MappedPages = 16385 } },
            "ZoneOptions.Pinning" => good with { Normal = new ZoneOptions { Pinning = (Pinning)3 } },
            _ => good with { Dma = new ZoneOptions { HugePages = (HugePages)(-1) } },
        };
        Assert.Contains(option, Assert.ThrowsAny<ArgumentException>(() => new SlabRuntime(bad)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AfterDispose_EveryCallIsRefused_AndLivePagesAreReportedBefore()
    {
        SlabRuntime runtime = TestRuntime.OfPages(1024);
        PageAllocator pages = runtime.Pages;
        PagePtr page = pages.AllocPages(GfpFlags.Kernel, 2);
        pages.FreePages(page);
        runtime.Dispose();
        Assert.Throws<ObjectDisposedException>(() => pages.AllocPages(GfpFlags.Kernel, 0));
        Assert.Throws<ObjectDisposedException>(() => pages.AllocPages(GfpFlags.Kernel, 4));
        Assert.Throws<ObjectDisposedException>(() => pages.FreePages(page));
        Assert.Throws<ObjectDisposedException>(() => pages.Get(page));
        Assert.Throws<ObjectDisposedException>(() => page.Flags);
        Assert.Throws<ObjectDisposedException>(() => pages.Kmap(page));
        Assert.Contains("unmapped", page.ToString(), StringComparison.Ordinal);

        SlabRuntime leaking = TestRuntime.OfPages(1024);
        leaking.Pages.AllocPages(GfpFlags.Kernel, 1);
        Assert.Contains($"{2 * PageAllocator.PageSize} bytes", Assert.Throws<InvalidOperationException>(leaking.Close).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void RequiredPinning_FailsByName_AndBestEffortGoesOn()
    {
        var memory = new TestRuntime.FailingMemory(OsMemory.Current) { LocksLeft = 0 };
        var options = new SlabRuntimeOptions { MemoryLimit = 16 << 20, Memory = memory, Normal = new ZoneOptions { Pinning = Pinning.Required } };
        using var required = new SlabRuntime(options);
        var error = Assert.Throws<OutOfMemoryException>(() => required.Pages.AllocPages(GfpFlags.Kernel, 0));
        Assert.Contains("limit of locked memory", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<OutOfMemoryException>(() => required.CreateCache("o", 64).Alloc());
        Assert.Contains("limit of locked memory", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, required.CommittedBytes);

        using var bestEffort = new SlabRuntime(options with { Normal = new ZoneOptions { Pinning = Pinning.BestEffort } });
        bestEffort.Pages.FreePages(bestEffort.Pages.AllocPages(GfpFlags.Kernel, 0));
        Assert.Contains("limit of locked memory", bestEffort.Pages.Zones[0].Shortage!, StringComparison.Ordinal);
        Assert.Contains("pinning: not all", bestEffort.Pages.Zones[0].Backing, StringComparison.Ordinal);
    }

    [Fact]
    public void Locks_AndHugePages_AreReported()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "reads /proc/self/status");
        using var runtime = new SlabRuntime(new SlabRuntimeOptions
        {
            MemoryLimit = 16 << 20,
            Normal = new ZoneOptions { Pinning = Pinning.BestEffort, HugePages = HugePages.Reserved },
        });
        PagePtr page = runtime.Pages.AllocPages(GfpFlags.Kernel, 0);
        Zone zone = page.Zone;
        Assert.True(zone.Shortage is not null || zone.Backing.EndsWith("huge pages: Reserved, pinning: all", StringComparison.Ordinal), zone.Backing);
        if (zone.Backing.EndsWith("pinning: all", StringComparison.Ordinal))
        {
            string locked = File.ReadLines("/proc/self/status").Single(l => l.StartsWith("VmLck:", StringComparison.Ordinal));
            Assert.True(long.Parse(locked.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], System.Globalization.CultureInfo.InvariantCulture) >= 4096, locked); // a section
        }

        runtime.Pages.FreePages(page);
        runtime.Shrink();
        Assert.Equal(0, runtime.CommittedBytes);
    }

    [Fact]
    public void FramesCostLittle_AndOnlyWhereTheyAreUsed()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(1 << 18); // 1 GiB
        Assert.Equal(0, runtime.CommittedBytes);
        PagePtr page = runtime.Pages.AllocPages(GfpFlags.Kernel, 10);
        long used = (long)PageAllocator.PageSize << 10;
        Assert.InRange(runtime.CommittedBytes - used, 1, used * 16 / 1000);
        Assert.Equal(1024u, page.Zone.ReachablePages); // the frames of one section of 256
        runtime.Pages.FreePages(page);
    }

    [Fact]
    public unsafe void Threads_NeverShareAPage_AndAllComeBack()
    {
        var runtime = new SlabRuntime(new SlabRuntimeOptions
        {
            MemoryLimit = 32 << 20,
            Processors = 2,
            ReapInterval = Timeout.InfiniteTimeSpan,
            Pressure = TestRuntime.NoPressure,
        });
        var threads = new TestThreads();
        var shared = new System.Collections.Concurrent.ConcurrentQueue<PagePtr>();
        long end = Environment.TickCount64 + 1500;
        for (int t = 1; t <= 4; t++)
        {
            long stamp = t;
            threads.Start(() =>
            {
                var random = new Random((int)stamp);
                var held = new Stack<PagePtr>();
                while (Environment.TickCount64 < end && !threads.HasFailed)
                {
                    switch (random.Next(5))
                    {
                        case 0 or 1 when runtime.Pages.TryAllocPages(GfpFlags.NoWait, random.Next(5), out PagePtr page):
                            *(long*)page.Address = stamp;
                            held.Push(page);
                            break;
                        case 2 when held.TryPop(out PagePtr mine):
                            Assert.Equal(stamp, *(long*)mine.Address);
                            *(long*)mine.Address = 0;
                            runtime.Pages.FreePages(mine);
                            break;
                        case 3 when held.TryPop(out PagePtr gift):
                            Assert.Equal(stamp, *(long*)gift.Address);
                            *(long*)gift.Address = -1;
                            shared.Enqueue(gift);
                            break;
                        case 4 when shared.TryDequeue(out PagePtr other):
                            Assert.Equal(-1, *(long*)other.Address);
                            runtime.Pages.FreePages(other);
                            break;
                    }
                }

                while (held.TryPop(out PagePtr last))
                {
                    Assert.Equal(stamp, *(long*)last.Address);
                    runtime.Pages.FreePages(last);
                }
            });
        }

        threads.Start(() =>
        {
            while (Environment.TickCount64 < end)
            {
                runtime.Pages.DrainPageSets();
                runtime.Shrink();
                Thread.Yield();
            }
        });
        threads.Join();
        while (shared.TryDequeue(out PagePtr page))
        {
            runtime.Pages.FreePages(page);
        }

        runtime.Shrink();
        Assert.Equal((0, 0), (runtime.Pages.Normal.AllocatedPages, runtime.CommittedBytes));
        Assert.All(runtime.Pages.Normal.PageSetPages, p => Assert.Equal(0, p));
        runtime.Dispose();
    }
}
