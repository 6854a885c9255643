using SlabGen;
using static KernelTour.Tour;

namespace KernelTour;

/// <summary>
/// The smallest zone runs out. Where do pages come from then, and what about pages without an address?
/// </summary>
internal static class Scarcity
{
    public static void Run()
    {
        using SlabRuntime machine = NewClassicMachine();
        PageAllocator pages = machine.Pages;
        Zone dma = pages.Zones[0], normal = pages.Zones[1];

        Step("Scarcity in DMA", "A request for DMA with the kernel's own policy, Strict, gets DMA or nothing.");
        var held = new List<PagePtr>();
        while (pages.TryAllocPages(GfpFlags.Kernel | GfpFlags.Dma, 0, out PagePtr page))
        {
            held.Add(page);
        }

        Say($"{held.Count} pages, then no more: DMA has {dma.ManagedPages}, and keeps {dma.MinWatermark} for those who cannot wait");
        Check(held.TrueForAll(p => p.Zone == dma), "a strict request gets no higher page");
        try
        {
            pages.AllocPages(GfpFlags.Kernel | GfpFlags.Dma, 0);
        }
        catch (OutOfMemoryException e)
        {
            Say(e.Message);
        }

        Say("");
        Say("With Preferred, DMA is a wish, and other zones help out:");
        PagePtr[] elsewhere = [.. Enumerable.Range(0, 3).Select(_ => pages.AllocPages(GfpFlags.Kernel | GfpFlags.Dma, 0, ZoneFallback.Preferred))];
        Say($"3 more pages came from {string.Join(", ", elsewhere.Select(p => p.Zone.Name))}; DMA counted {dma.FallbackOut}, Normal {normal.FallbackIn}");
        Check(elsewhere.All(p => p.Zone == normal) && dma.FallbackOut == 3, "each page from elsewhere is counted");
        held.ForEach(pages.FreePages);
        Array.ForEach(elsewhere, pages.FreePages);
        KmapOfHighMemory(pages);
    }

    private static void KmapOfHighMemory(PageAllocator pages)
    {
        Step("High memory", "Pages above have no address until they are mapped, and only 4 may be mapped at once here.");
        if (pages.Zones[2].PresentPages == 0)
        {
            Say($"this system has none: {pages.Zones[2].Shortage}");
            return;
        }

        PagePtr[] high = [.. Enumerable.Range(0, 10).Select(_ => pages.AllocPages(GfpFlags.HighUser, 0))];
        Say($"10 pages of {high[0].Zone.Name}; the address of the first is 0x{high[0].Address:x}");
        for (int i = 0; i < high.Length; i++)
        {
            using KmapScope map = pages.KmapLocal(high[i]);
            map.Bytes.Fill((byte)i);
        }

        Say($"each was mapped, written and let go; {high[0].Zone.KmapPages} are still mapped, the least recently used went first");
        for (int i = 0; i < high.Length; i++)
        {
            using KmapScope map = pages.KmapLocal(high[i]);
            Check(map.Bytes[0] == i && map.Bytes[^1] == i, "unmapped pages keep their contents");
        }

        Say("mapped again, all ten hold what was written");
        Array.ForEach(high, pages.FreePages);
    }
}
