using System.Runtime.InteropServices;
using SlabGen.Memory;

namespace SlabGen.Tests.Zones;

/// <summary>
/// Proves that memory which went back stays with the system where it makes huge pages, and that extents in use have them again. Catches
/// what the kernel's collapsing thread fills: here by its own means, at once (<c>MADV_COLLAPSE</c>).
/// </summary>
public sealed partial class HugeExtentTests
{
    private const int Huge = 2 << 20, PageBytes = 4096;

    [Theory]
    [InlineData(HugePages.Transparent)]
    [InlineData(HugePages.None)]
    public unsafe void What_Shrink_gave_back_does_not_come_back(HugePages huge)
    {
        using SlabRuntime runtime = New(huge, out Zone zone);
        KmemCache cache = runtime.CreateCache("x", PageBytes);
        nint[] objects = new nint[12_800]; // 50 MiB
        for (int i = 0; i < objects.Length; i++)
        {
            objects[i] = cache.Alloc();
            *(long*)objects[i] = 1;
        }

        nint[] kept = [.. objects.Where((_, i) => i % 256 == 0)];
        cache.FreeBulk([.. objects.Where((_, i) => i % 256 != 0)]);
        runtime.Shrink();
        long after = Resident(zone);
        Assert.InRange(after, kept.Length * PageBytes, runtime.CommittedBytes);
        int collapsed = Collapse(zone);
        Assert.True(Resident(zone) <= after, $"{Resident(zone)} bytes, {after} before; {collapsed} extents were collapsed");
        Assert.All(kept, address => Assert.Equal(1, *(long*)address));
        cache.FreeBulk(kept);
    }

    [Fact]
    public unsafe void What_a_huge_page_brought_beside_a_touched_one_goes_back_too()
    {
        using SlabRuntime runtime = New(HugePages.Transparent, out Zone zone);
        PagePtr page = runtime.Pages.AllocPages(GfpFlags.Kernel, 5);
        *(long*)page.Address = 1;
        Assert.SkipUnless(Resident(zone) >= Huge, "the kernel had no huge page for the first touch");
        runtime.Shrink();
        Assert.InRange(Resident(zone), PageBytes, 32 * PageBytes);
        Assert.Equal(1, *(long*)page.Address);
        runtime.Pages.FreePages(page);
    }

    [Fact]
    public unsafe void An_extent_that_is_all_in_use_again_may_be_huge_again()
    {
        using SlabRuntime runtime = New(HugePages.Transparent, out Zone zone);
        PagePtr[] pages = [.. Enumerable.Range(0, 4).Select(_ => runtime.Pages.AllocPages(GfpFlags.Kernel, 8))]; // 1 MiB each: a section
        nint extent = pages.Min(p => p.Address);
        Assert.Equal(0, extent & (Huge - 1));
        Assert.Contains("hg", SlabGen.Tests.Memory.Smaps.Flags(extent));
        runtime.Pages.FreePages(pages[1]);
        runtime.Shrink();
        Assert.Contains("nh", SlabGen.Tests.Memory.Smaps.Flags(extent));
        runtime.Reclaim.Reap();
        Assert.Contains("nh", SlabGen.Tests.Memory.Smaps.Flags(extent)); // part of it is free
        pages[1] = runtime.Pages.AllocPages(GfpFlags.Kernel, 8);
        runtime.Reclaim.Reap();
        Assert.Contains("hg", SlabGen.Tests.Memory.Smaps.Flags(extent));
        Array.ForEach(pages, runtime.Pages.FreePages);
        runtime.Shrink();
        Assert.Equal(0, runtime.CommittedBytes);
        Assert.Equal(0, Resident(zone));
    }

    [Fact]
    public void Where_mappings_are_short_the_window_does_without_huge_pages()
    {
        var memory = new AvoidsOnce();
        using SlabRuntime runtime = New(HugePages.Transparent, out Zone zone, memory);
        var held = new List<PagePtr>();
        while (held.Count < 32) // 8 extents of 4
        {
            held.Add(runtime.Pages.AllocPages(GfpFlags.Kernel, 7));
        }

        for (int i = 0; i < held.Count; i += 2)
        {
            runtime.Pages.FreePages(held[i]);
        }

        runtime.Shrink();
        Assert.Contains("no more huge pages", zone.Shortage!, StringComparison.Ordinal);
        Assert.All(held, page => Assert.Contains("nh", SlabGen.Tests.Memory.Smaps.Flags(page.Address)));
        held.Where((_, i) => i % 2 != 0).ToList().ForEach(runtime.Pages.FreePages);
    }

    private static SlabRuntime New(HugePages huge, out Zone zone, IOsMemory? memory = null)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Page.Size == PageBytes, "of Linux, with pages of 4 KiB");
        Assert.SkipUnless(OsMemory.Current.MakesHugePages(asked: true), "this system makes no transparent huge pages");
        var runtime = new SlabRuntime(new SlabRuntimeOptions
        {
            MemoryLimit = 256 << 20,
            Normal = new ZoneOptions { HugePages = huge },
            Memory = memory ?? new Always(),
            ReapInterval = Timeout.InfiniteTimeSpan,
            Pressure = TestRuntime.NoPressure,
        });
        zone = runtime.Pages.Normal;
        return runtime;
    }

    private static unsafe long Resident(Zone zone)
    {
        byte[] pages = new byte[zone.SpannedPages];
        fixed (byte* first = pages)
        {
            Assert.SkipUnless(MinCore(zone.Start, (nuint)zone.SpannedPages * PageBytes, first) == 0, "this system has no mincore");
        }

        return pages.Count(page => (page & 1) != 0) * (long)PageBytes;
    }

    /// <summary>Makes huge pages of all extents that may have one.</summary>
    private static int Collapse(Zone zone)
    {
        const int MadvCollapse = 25;
        int collapsed = 0;
        for (long offset = 0; offset < zone.SpannedPages * (long)PageBytes; offset += Huge)
        {
            collapsed += Advise(zone.Start + (nint)offset, Huge, MadvCollapse) == 0 ? 1 : 0;
        }

        return collapsed;
    }

    [LibraryImport("libc", EntryPoint = "mincore")]
    private static unsafe partial int MinCore(nint address, nuint length, byte* pages);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nuint length, int advice);

    /// <summary>A system whose setting is "always", as far as the runtime sees; what it does by itself, the test does.</summary>
    private class Always() : TestRuntime.DecoratedMemory(OsMemory.Current)
    {
        public override bool MakesHugePages(bool asked) => true;
    }

    /// <summary>Refuses to keep single extents from huge pages, as the kernel does when a process has as many mappings as it may.</summary>
    private sealed class AvoidsOnce : Always
    {
        public override bool TryAvoidHugePages(nint address, long bytes) => bytes != Huge && base.TryAvoidHugePages(address, bytes);
    }
}
