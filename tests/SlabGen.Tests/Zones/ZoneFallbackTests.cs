using SlabGen.Memory;
using SlabGen.Pages;
using SlabGen.Tests.Concurrency;
using CsCheck;

namespace SlabGen.Tests.Zones;

/// <summary>Where pages come from when the wanted zone has none, and who may have the last ones.</summary>
[Collection(LowAddresses.Collection)]
public sealed class ZoneFallbackTests
{
    /// <summary>The classic layout in small: 4 MiB of DMA, 28 MiB of Normal, 32 MiB of high memory.</summary>
    internal static SlabRuntimeOptions Toy => new()
    {
        Layout = ZoneLayout.Classic,
        MemoryLimit = 64 << 20,
        DmaEnd = 4 << 20,
        ClassicNormalEnd = 32 << 20,
        Processors = 1,
        ReapInterval = Timeout.InfiniteTimeSpan,
        Pressure = TestRuntime.NoPressure,
    };

    /// <summary>The 64-bit layout with low windows of 4 and 12 MiB at their real addresses.</summary>
    private static SlabRuntimeOptions SmallWindows => new()
    {
        MemoryLimit = 32 << 20,
        DmaEnd = 4 << 20,
        Dma32End = 16 << 20,
        Processors = 1,
        ReapInterval = Timeout.InfiniteTimeSpan,
        Pressure = TestRuntime.NoPressure,
    };

    [Fact]
    public void StrictRequests_NeverGetAHigherPage_WhateverHappened() =>
        Gen.Select(Gen.Bool, Gen.Select(Gen.Int[0, 3], Gen.Int[0, 10], Gen.Bool, Gen.Int[0, 5]).Array[1, 300]).Sample((classic, script) =>
        {
            if (!(classic ? BackingFile.IsSupported : OperatingSystem.IsLinux() && Environment.Is64BitProcess))
            {
                return;
            }

            var runtime = new SlabRuntime(classic ? Toy : SmallWindows);
            runtime.Pages.Reclaimer = null;
            var held = new List<PagePtr>();
            foreach ((int zone, int order, bool preferred, int action) in script)
            {
                GfpFlags gfp = new[] { GfpFlags.Dma, GfpFlags.Dma32, GfpFlags.None, GfpFlags.HighMem }[zone];
                if (action == 0 && held.Count > 0)
                {
                    runtime.Pages.FreePages(held[^1]);
                    held.RemoveAt(held.Count - 1);
                }
                else if (runtime.Pages.TryAllocPages(gfp, order, out PagePtr page, preferred ? ZoneFallback.Preferred : ZoneFallback.Strict))
                {
                    held.Add(page);
                    if (!preferred)
                    {
                        Assert.True((int)page.Zone.Kind <= zone, $"{page} for {gfp}");
                        long end = page.Address + ((long)PageAllocator.PageSize << order);
                        Assert.True(classic || zone != 0 || end <= 4 << 20, $"0x{page.Address:x} for {gfp}");
                        Assert.True(classic || zone != 1 || end <= 16 << 20, $"0x{page.Address:x} for {gfp}");
                    }

                    Assert.Equal(0, page.Pfn & ((1 << order) - 1));
                }
            }

            Assert.Equal(runtime.Pages.Zones.Sum(z => z.FallbackIn), runtime.Pages.Zones.Sum(z => z.FallbackOut));
            held.ForEach(runtime.Pages.FreePages);
            runtime.Pages.DrainPageSets();
            Assert.All(runtime.Pages.Zones, z => Assert.Equal(0, z.AllocatedPages));
            runtime.Dispose();
        }, iter: 40);

    [Fact]
    public void LowerZones_KeepTheirReserveAndWatermark_FromHigherRequests()
    {
        Assert.SkipUnless(BackingFile.IsSupported, "needs high memory");
        var runtime = new SlabRuntime(Toy);
        runtime.Pages.Reclaimer = null;
        while (runtime.Pages.TryAllocPages(GfpFlags.Kernel | GfpFlags.HighMem, 0, out _))
        {
        }

        Zone dma = runtime.Pages.Zones[0], normal = runtime.Pages.Zones[1], high = runtime.Pages.Zones[2];
        runtime.Pages.DrainPageSets();
        Assert.Equal(32, high.FreePages);
        Assert.Equal(158 + 256, normal.FreePages);
        Assert.Equal(22 + 60, dma.FreePages);
        Assert.Equal(8192 - 32, high.AllocatedPages);
        Assert.Equal(0, high.FallbackIn);
        Assert.Equal(high.FallbackOut, normal.FallbackIn + dma.FallbackIn);
        Assert.Equal(7168 - 158 - 256, normal.FallbackIn);

        // The same pages, for those whom they are kept for.
        while (runtime.Pages.TryAllocPages(GfpFlags.Kernel, 0, out _))
        {
        }

        runtime.Pages.DrainPageSets();
        Assert.Equal(158, normal.FreePages);
        Assert.Equal(22 + 28, dma.FreePages);
        while (runtime.Pages.TryAllocPages(GfpFlags.Kernel | GfpFlags.Dma, 0, out _))
        {
        }

        runtime.Pages.DrainPageSets();
        Assert.Equal(22, dma.FreePages);
        Assert.Contains("never freed", Assert.Throws<InvalidOperationException>(runtime.Close).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AtomicRequests_DipIntoTheReserve_AsFarAsTheKernelsDo()
    {
        using SlabRuntime runtime = WithReserve();
        IReclaimer real = runtime.Pages.Reclaimer!;
        runtime.Pages.Reclaimer = null; // in the background it drains page sets, and then their pages are on their way for a moment
        Zone normal = runtime.Pages.Zones[0];
        var held = new List<PagePtr>();
        Fill(GfpFlags.Kernel);
        Assert.Equal(64, normal.FreePages);
        Fill(GfpFlags.NoWait);
        Assert.Equal(64, normal.FreePages);
        Fill(GfpFlags.Kernel | GfpFlags.HighPriority);
        Assert.Equal(32, normal.FreePages);
        Fill(GfpFlags.Atomic);
        Assert.Equal(24, normal.FreePages);
        held.ForEach(runtime.Pages.FreePages);
        runtime.Pages.Reclaimer = real;

        void Fill(GfpFlags gfp)
        {
            while (runtime.Pages.TryAllocPages(gfp, 0, out PagePtr page))
            {
                held.Add(page);
            }

            runtime.Pages.DrainPageSets();
        }
    }

    [Fact]
    public void ReclaimIsAskedFor_ByThoseWhoMayWait_AndNoOftenerThan16Times()
    {
        using SlabRuntime runtime = WithReserve();
        IReclaimer real = runtime.Pages.Reclaimer!;
        var counter = new CountingReclaimer();
        runtime.Pages.Reclaimer = counter;
        var held = new List<PagePtr>();
        while (runtime.Pages.TryAllocPages(GfpFlags.Atomic, 0, out PagePtr page))
        {
            held.Add(page);
        }

        Assert.Equal(0, counter.Direct);
        Assert.True(counter.Wakes > 0);
        Assert.False(runtime.Pages.TryAllocPages(GfpFlags.NoWait, 0, out _));
        Assert.Equal(0, counter.Direct);
        Assert.False(runtime.Pages.TryAllocPages(GfpFlags.Kernel, 0, out _));
        Assert.Equal(16, counter.Direct);
        Assert.False(runtime.Pages.TryAllocPages(GfpFlags.Kernel | GfpFlags.NoRetry, 0, out _));
        Assert.Equal(17, counter.Direct);
        Assert.Equal(GfpFlags.Kernel | GfpFlags.NoRetry, counter.LastGfp);
        counter.Progress = false;
        Assert.False(runtime.Pages.TryAllocPages(GfpFlags.Kernel, 0, out _));
        Assert.Equal(18, counter.Direct);

        // NoFail waits until somebody frees.
        var threads = new TestThreads();
        Thread waiter = threads.Start(() => runtime.Pages.FreePages(runtime.Pages.AllocPages(GfpFlags.Kernel | GfpFlags.NoFail, 0)));
        threads.WaitUntil(() => counter.Direct > 100, "it goes on asking");
        Assert.True(waiter.IsAlive);
        held.ForEach(runtime.Pages.FreePages);
        threads.Join();
        runtime.Pages.Reclaimer = real;
    }

    [Fact]
    public void Preferred_GoesElsewhere_AndEveryPageIsCounted()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.Is64BitProcess, "needs addresses below 4 MiB");
        using var runtime = new SlabRuntime(SmallWindows);
        var held = new List<PagePtr>();
        while (runtime.Pages.TryAllocPages(GfpFlags.Kernel | GfpFlags.Dma, 0, out PagePtr page))
        {
            Assert.Equal(ZoneKind.Dma, page.Zone.Kind);
            Assert.InRange(page.Address, 64 << 10, (4 << 20) - PageAllocator.PageSize);
            held.Add(page);
        }

        Zone dma = held[0].Zone;
        Assert.Equal(held.Count, dma.Hits);
        for (int i = 0; i < 10; i++)
        {
            PagePtr page = runtime.Pages.AllocPages(GfpFlags.Kernel | GfpFlags.Dma, 0, ZoneFallback.Preferred);
            Assert.Equal(ZoneKind.Normal, page.Zone.Kind);
            held.Add(page);
        }

        Assert.Equal(10, dma.FallbackOut);
        Assert.Equal(10, runtime.Pages.Zones.Single(z => z.Kind == ZoneKind.Normal).FallbackIn);

        // The same through a cache.
        KmemCache strict = runtime.CreateCache("strict", 100, new SlabCacheOptions { Zone = ZoneKind.Dma, Fallback = ZoneFallback.Strict });
        KmemCache preferred = runtime.CreateCache("preferred", 100, new SlabCacheOptions { Zone = ZoneKind.Dma });
        Assert.False(strict.TryAlloc(out _));
        preferred.Free(preferred.Alloc());
        Assert.True(dma.FallbackOut > 10);
        held.ForEach(runtime.Pages.FreePages);
        nint low = strict.Alloc();
        Assert.InRange(low, 64 << 10, 4 << 20);
        strict.Free(low);
    }

    [Fact]
    public void AWindowThatIsTaken_IsAHole()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.Is64BitProcess, "needs addresses below 16 MiB");
        IOsMemory memory = OsMemory.Current;
        nint from = 6 << 20, bytes = 1 << 20;
        Assert.SkipUnless(memory.TryReserveAt(from, bytes), "somebody has these addresses");
        using var runtime = new SlabRuntime(SmallWindows with { MemoryLimit = 64 << 20 });
        var held = new List<PagePtr>();
        while (runtime.Pages.TryAllocPages(GfpFlags.Dma32, 0, out PagePtr page))
        {
            if (page.Zone.Kind == ZoneKind.Dma32)
            {
                Assert.False(page.Address >= from && page.Address < from + bytes, $"0x{page.Address:x}");
            }

            held.Add(page);
        }

        Zone dma32 = runtime.Pages.Zones.Single(z => z.Kind == ZoneKind.Dma32);
        Assert.Equal((uint)(12 << 20) / PageAllocator.PageSize, dma32.SpannedPages);
        Assert.True(dma32.PresentPages <= dma32.SpannedPages - (bytes / PageAllocator.PageSize));
        Assert.True(dma32.AllocatedPages >= dma32.PresentPages - dma32.MinWatermark - dma32.LowmemReserve[1] - 1);
        held.ForEach(runtime.Pages.FreePages);
        memory.Unmap(from, bytes);
    }

    [Fact]
    public void AWindowThatCannotBeHad_IsEmpty_AndSaysWhy()
    {
        using var runtime = new SlabRuntime(SmallWindows with { Memory = new NoLowMemory() });
        var error = Assert.Throws<OutOfMemoryException>(() => runtime.Pages.AllocPages(GfpFlags.Kernel | GfpFlags.Dma, 0));
        Assert.Contains("no address from 0x0 to 0x400000", error.Message, StringComparison.Ordinal);
        Zone dma = runtime.Pages.Zones.Single(z => z.Kind == ZoneKind.Dma);
        Assert.Equal((1024u, 0u, 0u), (dma.SpannedPages * ((uint)PageAllocator.PageSize / 4096), dma.PresentPages, dma.ManagedPages));
        Assert.Contains("no address", dma.Shortage!, StringComparison.Ordinal);
        PagePtr page = runtime.Pages.AllocPages(GfpFlags.Kernel | GfpFlags.Dma, 0, ZoneFallback.Preferred);
        Assert.Equal(ZoneKind.Normal, page.Zone.Kind);
        runtime.Pages.FreePages(page);
    }

    [Fact]
    public void AProcessThatUsesNormalOnly_ReservesNothingBelow4GiB()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.Is64BitProcess, "reads /proc/self/maps");
        var memory = new Recorder();
        var runtime = new SlabRuntime(new SlabRuntimeOptions { MemoryLimit = 64 << 20, Memory = memory });
        KmemCache cache = runtime.CreateCache("o", 64);
        cache.Free(cache.Alloc());
        runtime.Kmalloc.Free(runtime.Kmalloc.Alloc(5 << 20));
        runtime.Pages.FreePages(runtime.Pages.AllocPages(GfpFlags.Kernel, 4, ZoneFallback.Preferred));
        Assert.Empty(memory.AskedFor);
        Assert.DoesNotContain(memory.Reserved, start => start < uint.MaxValue);
        runtime.Pages.FreePages(runtime.Pages.AllocPages(GfpFlags.Dma32, 0));
        Assert.NotEmpty(memory.AskedFor);
        runtime.Dispose();
    }

    [Fact]
    public void NodesOfAMachine_ServeTheirOwnFirst()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "reads files as Linux has them");
        using var runtime = new SlabRuntime(SmallWindows with { Topology = TwoNodes.Read(), MinFreeBytes = 0 });
        Assert.Equal(2, runtime.Pages.NodeCount);
        Assert.Equal([0, 1], runtime.Pages.Zones.Select(z => z.Node));
        Assert.Equal([4096u, 4096u], runtime.Pages.Zones.Select(z => z.ManagedPages * ((uint)PageAllocator.PageSize / 4096)));
        var held = new List<PagePtr>();
        for (int i = 0; i < 3; i++)
        {
            held.Add(runtime.Pages.AllocPages(GfpFlags.Kernel, 10, node: 1));
            Assert.Equal(1, held[^1].Zone.Node);
        }

        while (runtime.Pages.TryAllocPages(GfpFlags.Kernel | GfpFlags.ThisNode, 5, out PagePtr page, node: 1))
        {
            Assert.Equal(1, page.Zone.Node);
            held.Add(page);
        }

        Zone near = runtime.Pages.Zones[0], far = runtime.Pages.Zones[1];
        Assert.Equal(0, near.AllocatedPages);
        held.Add(runtime.Pages.AllocPages(GfpFlags.Kernel, 5, node: 1));
        Assert.Equal(0, held[^1].Zone.Node);
        Assert.Equal((1, 1), (far.FallbackOut, near.FallbackIn));
        held.Add(runtime.Pages.AllocPages(GfpFlags.Kernel, 5)); // the processors are all of node 0
        Assert.Equal(0, held[^1].Zone.Node);
        KmemCache cache = runtime.CreateCache("o", 64);
        nint address = cache.Alloc();
        Assert.Equal(0, runtime.Pages.PageOf(address).Zone.Node);
        cache.Free(address);
        held.ForEach(runtime.Pages.FreePages);
    }

    /// <summary>A runtime of 1024 pages whose zone keeps 64 of them below its min watermark.</summary>
    private static SlabRuntime WithReserve() => new(new SlabRuntimeOptions
    {
        MemoryLimit = 1024L * PageAllocator.PageSize,
        MinFreeBytes = 64L * PageAllocator.PageSize,
        Processors = 1,
        ReapInterval = Timeout.InfiniteTimeSpan,
        Pressure = TestRuntime.NoPressure,
    });

    private sealed class CountingReclaimer : IReclaimer
    {
        private int _direct;

        public int Direct => Volatile.Read(ref _direct);

        public int Wakes { get; private set; }

        public bool Progress { get; set; } = true;

        public GfpFlags LastGfp { get; private set; }

        public bool Reclaim(GfpFlags gfp, long pages)
        {
            Interlocked.Increment(ref _direct);
            LastGfp = gfp;
            return Progress;
        }

        public void Wake() => Wakes++;
    }

    private sealed class NoLowMemory() : TestRuntime.DecoratedMemory(OsMemory.Current)
    {
        public override bool TryReserveAt(nint address, long bytes) => false;
    }

    private sealed class Recorder() : TestRuntime.DecoratedMemory(OsMemory.Current)
    {
        public List<nint> Reserved { get; } = [];

        public List<nint> AskedFor { get; } = [];

        public override nint Reserve(long bytes, long alignment)
        {
            Reserved.Add(base.Reserve(bytes, alignment));
            return Reserved[^1];
        }

        public override bool TryReserveAt(nint address, long bytes)
        {
            AskedFor.Add(address);
            return base.TryReserveAt(address, bytes);
        }
    }
}
