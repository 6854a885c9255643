using System.Numerics;
using SlabGen.Memory;

namespace SlabGen.Zones;

/// <summary>
/// How many pages a page set moves at once, and how many it holds. This is pure arithmetic, after the kernel's
/// <c>zone_batchsize</c> and <c>zone_highsize</c> (mm/page_alloc.c, Linux 6.12).
/// </summary>
/// <param name="Batch">Pages moved between the set and the zone at once, at least 1.</param>
/// <param name="High">Pages above which a batch goes back to the zone; 0 when the zone is too small for sets.</param>
internal readonly record struct PageSetSize(int Batch, int High)
{
    /// <summary>
    /// The largest share of its zone that a set may hold, as a divisor (<c>MIN_PERCPU_PAGELIST_HIGH_FRACTION</c>).
    /// </summary>
    private const int HighFraction = 8;

    /// <summary>
    /// The least batch, for zones below 320 MiB. The kernel's batch is less there: 1 below 48 MiB, which would make
    /// every page a visit to the zone.
    /// </summary>
    private const int LeastBatch = 15;

    /// <summary>No set holds more pages than this, however large its zone is: 16 MiB with pages of 4 KiB.</summary>
    private const int MostHigh = 4096;

    /// <summary>The kernel's batch for a zone of this many pages: 1 below 48 MiB, 63 from 1 GiB on.</summary>
    public static int KernelBatch(long managed)
    {
        long batch = Math.Max(1, Math.Min(managed >> 10, (1 << 20) / Page.Size) / 4);
        return Math.Max(1, (1 << BitOperations.Log2((ulong)(batch + (batch / 2)))) - 1);
    }

    /// <param name="managed">The number of pages of the zone.</param>
    /// <param name="low">Its low watermark.</param>
    /// <param name="processors">The number of sets of the zone.</param>
    public static PageSetSize Of(long managed, long low, int processors)
    {
        long most = managed / HighFraction / processors;
        int batch = (int)Math.Clamp(most / 4, 1, Math.Max(LeastBatch, KernelBatch(managed)));
        long high = Math.Min(Math.Max(low / processors, batch * 4), most);
        return new PageSetSize(batch, (int)(high < batch ? 0 : Math.Min(high, MostHigh)));
    }
}
