using SlabGen;
using static KernelTour.Tour;

namespace KernelTour;

/// <summary>Shows pages, the frame that describes each, and the zones that group them.</summary>
internal static class PagesAndZones
{
    public static void Run()
    {
        using SlabRuntime machine = NewClassicMachine();
        PageAllocator pages = machine.Pages;

        Step("Pages", "The kernel manages memory in pages. A frame, outside the page, says what each is used for.");
        PagePtr page = pages.AllocPages(GfpFlags.Kernel | GfpFlags.Zero, order: 0);
        Say($"a page is {PageAllocator.PageSize} bytes; this one lies at 0x{page.Address:x}");
        Say($"its frame: number {page.Pfn}, flags {page.Flags}, count {page.Count}, order {page.Order}, zone {page.Zone.Name}");
        pages.Get(page);
        Say($"after another reference was taken, its count is {page.Count}");
        Check(!pages.Put(page) && pages.Put(page), "the last reference frees a page");
        Say($"after both were given back, {page.Count}: the page is free, and waits near its processor ({page.Flags})");

        Step("Zones", "Not all pages are alike: old devices reach 16 MiB, and 32 bits map 896 MiB for good.");
        Say("zone      from MiB    to MiB    spanned   present   managed");
        foreach (Zone zone in pages.Zones)
        {
            long mib = 1048576 / PageAllocator.PageSize;
            Say($"{zone.Name,-9} {zone.StartPfn / mib,8} {(zone.StartPfn + zone.SpannedPages) / mib,9} {zone.SpannedPages,10} {zone.PresentPages,9} {zone.ManagedPages,9}");
        }

        Say("");
        Say("zone      watermarks: min, low, high    kept from requests that may go higher: DMA, -, Normal, HighMem");
        foreach (Zone zone in pages.Zones)
        {
            Say($"{zone.Name,-9} {zone.MinWatermark,15} {zone.LowWatermark,6} {zone.HighWatermark,6}    {string.Join(", ", zone.LowmemReserve)}");
        }

        Zone normal = pages.Zones[1];
        Say("");
        Say($"each has free lists of {normal.FreeBlocks().Length} orders, and a page set to a processor: {normal.Name}'s moves {normal.PageSetBatch} pages at once");
        Check(pages.Zones.Select(z => z.Name).SequenceEqual(["DMA", "Normal", "HighMem"]), "there are three zones");
    }
}
