using System.Globalization;
using System.Text;

namespace SlabGen;

/// <summary>
/// The state of caches as text, in the format of <c>/proc/slabinfo</c> version 2.1 (mm/slab_common.c,
/// <c>slabinfo_show</c>).
/// </summary>
/// <remarks>
/// <c>active_objs</c> counts the objects that users hold; objects in magazines are free. The tunables show a magazine:
/// <c>limit</c> is its rounds. <c>sharedavail</c> counts the objects in the depot.
/// </remarks>
public static class SlabInfo
{
    private const string Header =
        "slabinfo - version: 2.1\n" +
        "# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab>" +
        " : tunables <limit> <batchcount> <sharedfactor> : slabdata <active_slabs> <num_slabs> <sharedavail>\n";

    /// <summary>Formats every cache of a runtime, a line each.</summary>
    /// <param name="runtime">The runtime, or <see langword="null"/> for <see cref="SlabRuntime.Default"/>.</param>
    public static string Format(SlabRuntime? runtime = null)
    {
        var text = new StringBuilder(Header);
        foreach (KmemCache cache in (runtime ?? SlabRuntime.Default).Caches)
        {
            Append(text, cache.Snapshot());
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, CacheSnapshot cache) => text.Append(
        CultureInfo.InvariantCulture,
        $"{cache.Name,-17} {cache.LiveObjects,6} {cache.Objects,6} {cache.SlotSize,6} {cache.ObjectsPerSlab,4} {cache.PagesPerSlab,4}" +
        $" : tunables {cache.MagazineRounds,4} {cache.MagazineRounds,4} {0,4}" +
        $" : slabdata {cache.FullSlabs + cache.PartialSlabs,6} {cache.Slabs,6} {(long)cache.FullMagazines * cache.MagazineRounds,6}\n");
}
