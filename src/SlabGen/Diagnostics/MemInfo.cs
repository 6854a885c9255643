using System.Globalization;
using System.Text;

namespace SlabGen;

/// <summary>
/// The memory of a runtime as text, in the format of <c>/proc/meminfo</c> (fs/proc/meminfo.c,
/// <c>meminfo_proc_show</c>).
/// </summary>
/// <remarks>
/// <c>MemTotal</c> is the runtime's limit. <c>Slab</c> is the sum of <c>SReclaimable</c>, the slabs of caches whose
/// objects a shrinker can free (<see cref="SlabCacheOptions.Reclaimable"/>), and <c>SUnreclaim</c>. Lines that mean
/// nothing here are left out.
/// </remarks>
public static class MemInfo
{
    /// <summary>Formats the memory of a runtime, in kB.</summary>
    /// <param name="runtime">The runtime, or <see langword="null"/> for <see cref="SlabRuntime.Default"/>.</param>
    public static string Format(SlabRuntime? runtime = null)
    {
        runtime ??= SlabRuntime.Default;
        long reclaimable = runtime.ReclaimableBytes, unreclaimable = runtime.UnreclaimableBytes;
        var text = new StringBuilder();
        Append(text, "MemTotal:", runtime.MemoryLimit);
        Append(text, "MemFree:", runtime.MemoryLimit - runtime.Pages.UsedBytes);
        Append(text, "Slab:", reclaimable + unreclaimable);
        Append(text, "SReclaimable:", reclaimable);
        Append(text, "SUnreclaim:", unreclaimable);
        return text.ToString();
    }

    // show_val_kb: "%-15s %8lu kB".
    private static void Append(StringBuilder text, string name, long bytes) =>
        text.Append(CultureInfo.InvariantCulture, $"{name,-15} {bytes >> 10,8} kB\n");
}
