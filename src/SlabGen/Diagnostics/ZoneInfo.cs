using System.Globalization;
using System.Text;

namespace SlabGen;

/// <summary>
/// The zones of a runtime as text, in the format of <c>/proc/zoneinfo</c> (mm/vmstat.c, <c>zoneinfo_show_print</c>).
/// </summary>
/// <remarks>
/// <para>Numbers are pages. <c>scanned</c> stands where kernels before 4.8 had it. <c>protection</c> is the lowmem
/// reserve against requests for DMA, DMA32, Normal and HighMem. Page counters are listed if they mean the same here.
/// <c>numa_hit</c>, <c>numa_miss</c> and <c>numa_foreign</c> count blocks; they count other zones as well as other
/// nodes. A page set is listed under its processor.</para>
/// <para>Counters that only SlabGen has follow, under names that begin with <c>slabgen_</c>. A zone is listed once a
/// request has named it. The backing of a zone is text, not a number: see <see cref="Zone.Backing"/>.</para>
/// </remarks>
public static class ZoneInfo
{
    /// <summary>Formats every zone of a runtime, by node and kind.</summary>
    /// <param name="runtime">The runtime, or <see langword="null"/> for <see cref="SlabRuntime.Default"/>.</param>
    public static string Format(SlabRuntime? runtime = null)
    {
        var text = new StringBuilder();
        foreach (Zone zone in (runtime ?? SlabRuntime.Default).Pages.Zones)
        {
            Append(text, zone);
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, Zone zone)
    {
        long free = zone.FreePages, gap = zone.HighWatermark - zone.LowWatermark;
        text.Append(string.Create(CultureInfo.InvariantCulture, $"""
            Node {zone.Node}, zone {zone.Name,8}
              pages free     {free}
                    boost    0
                    min      {zone.MinWatermark}
                    low      {zone.LowWatermark}
                    high     {zone.HighWatermark}
                    promo    {zone.HighWatermark + gap}
                    scanned  {zone.PagesScanned}
                    spanned  {zone.SpannedPages}
                    present  {zone.PresentPages}
                    managed  {zone.ManagedPages}
                    cma      0
                    protection: ({string.Join(", ", zone.LowmemReserve)})
                  nr_free_pages {free}
                  numa_hit     {zone.Hits}
                  numa_miss    {zone.FallbackIn}
                  numa_foreign {zone.FallbackOut}
                  slabgen_committed_bytes {zone.CommittedBytes}
                  slabgen_trimmed {zone.TrimmedPages}
                  slabgen_kmap {zone.KmapPages}
                  slabgen_lru {zone.LruPages}
              pagesets

            """).ReplaceLineEndings("\n"));
        IReadOnlyList<int> sets = zone.PageSetPages;
        for (int processor = 0; processor < sets.Count; processor++)
        {
            text.Append(string.Create(CultureInfo.InvariantCulture, $"""
                    cpu: {processor}
                              count:    {sets[processor]}
                              high:     {zone.PageSetHigh}
                              batch:    {zone.PageSetBatch}

                """).ReplaceLineEndings("\n"));
        }

        text.Append(CultureInfo.InvariantCulture, $"  node_unreclaimable:  0\n  start_pfn:           {zone.StartPfn}\n");
    }
}
