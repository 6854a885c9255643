using System.Globalization;
using System.Text;

namespace SlabGen;

/// <summary>
/// The free blocks of a runtime's zones as text, in the format of <c>/proc/buddyinfo</c> (mm/vmstat.c,
/// <c>frag_show_print</c>).
/// </summary>
/// <remarks>
/// One number for each order from 0: the count of free blocks of 2^order pages. Sections that are offline are not
/// counted, because they were never needed or went back to the system. The kernel would call them not present.
/// </remarks>
public static class BuddyInfo
{
    /// <summary>Formats the zones of a runtime, a line each.</summary>
    /// <param name="runtime">The runtime, or <see langword="null"/> for <see cref="SlabRuntime.Default"/>.</param>
    public static string Format(SlabRuntime? runtime = null)
    {
        var text = new StringBuilder();
        foreach (Zone zone in (runtime ?? SlabRuntime.Default).Pages.Zones)
        {
            text.Append(CultureInfo.InvariantCulture, $"Node {zone.Node}, zone {zone.Name,8} ");
            foreach (int blocks in zone.FreeBlocks())
            {
                text.Append(CultureInfo.InvariantCulture, $"{blocks,6} ");
            }

            text.Append('\n');
        }

        return text.ToString();
    }
}
