namespace SlabGen.Zones;

/// <summary>
/// How many free pages a zone keeps, and for whom. This is pure arithmetic, after the kernel's
/// <c>setup_per_zone_wmarks</c>, <c>setup_per_zone_lowmem_reserve</c> and <c>__zone_watermark_ok</c> (mm/page_alloc.c,
/// Linux 6.12). All numbers are pages unless their name says otherwise.
/// </summary>
internal readonly record struct Watermarks(long Min, long Low, long High)
{
    /// <summary>
    /// By <see cref="ZoneKind"/>: the divisor that gives the pages of a zone which requests for a higher zone may not
    /// take (<c>sysctl_lowmem_reserve_ratio</c>).
    /// </summary>
    private static readonly int[] s_reserveRatio = [256, 256, 32, 0];

    /// <summary>
    /// The reserve of all zones together, in KiB (<c>calculate_min_free_kbytes</c>): the square root of 16 times their
    /// size, at least 128 and at most 262144.
    /// </summary>
    /// <remarks>
    /// The kernel has no pools below a few MiB. Here the reserve is at most a 32nd, which matters below 16 MiB.
    /// </remarks>
    public static long MinFreeKilobytes(long lowmemKilobytes) =>
        Math.Min(Math.Clamp(SquareRoot(lowmemKilobytes * 16), 128, 262144), lowmemKilobytes / 32);

    /// <summary>The watermarks of one zone.</summary>
    /// <remarks>
    /// Numbers of pages are below 2^32, and their products fit. With <see cref="UInt128"/> the method would be compiled
    /// at each start.
    /// </remarks>
    /// <param name="kind">Which zone: <see cref="ZoneKind.HighMem"/> has a small min watermark of its own.</param>
    /// <param name="managed">Pages of the zone.</param>
    /// <param name="lowmem">Pages of all zones that are not <see cref="ZoneKind.HighMem"/>.</param>
    /// <param name="minFree">The number of pages that all zones keep together.</param>
    /// <param name="scaleFactor">The least distance between two watermarks, in ten-thousandths of the zone.</param>
    public static Watermarks Of(ZoneKind kind, long managed, long lowmem, long minFree, int scaleFactor)
    {
        long share = lowmem == 0 ? 0 : minFree * managed / lowmem;
        long min = kind == ZoneKind.HighMem ? Math.Min(Math.Clamp(managed / 1024, 32, 128), managed / 32) : share;
        long gap = Math.Max(share / 4, managed * scaleFactor / 10000);
        return new Watermarks(min, min + gap, min + gap + gap);
    }

    /// <summary>
    /// The pages that <paramref name="zone"/> reserves against requests that a higher zone could serve, indexed by the
    /// request's highest zone.
    /// </summary>
    /// <param name="zone">The zone that reserves.</param>
    /// <param name="managed">The pages of the zones of a node, by <see cref="ZoneKind"/>; 0 for a zone that is
    /// missing.</param>
    public static long[] LowmemReserve(ZoneKind zone, ReadOnlySpan<long> managed)
    {
        long[] reserve = new long[managed.Length];
        int ratio = s_reserveRatio[(int)zone];
        long above = 0;
        for (int highest = (int)zone + 1; highest < managed.Length; highest++)
        {
            above += managed[highest];
            reserve[highest] = ratio == 0 || managed[(int)zone] == 0 ? 0 : above / ratio;
        }

        return reserve;
    }

    /// <summary>Whether the number of free pages lets a request take a block.</summary>
    /// <param name="free">Free pages of the zone.</param>
    /// <param name="order">The order of the block.</param>
    /// <param name="mark">The watermark that applies to the request.</param>
    /// <param name="reserve">The lowmem reserve of the zone against the highest zone of the request.</param>
    /// <param name="gfp">Gives discounts: half of the mark for <see cref="GfpFlags.HighPriority"/>, and a quarter of
    /// what is then left if the request also may not wait.</param>
    public static bool IsOk(long free, int order, long mark, long reserve, GfpFlags gfp)
    {
        if ((gfp & GfpFlags.HighPriority) != 0)
        {
            mark -= mark / 2;
            if ((gfp & GfpFlags.DirectReclaim) == 0)
            {
                mark -= mark / 4;
            }
        }

        return free - ((1L << order) - 1) > mark + reserve;
    }

    /// <summary>
    /// The largest whole number whose square is not above <paramref name="value"/> (<c>int_sqrt</c>).
    /// </summary>
    private static long SquareRoot(long value)
    {
        long root = (long)Math.Sqrt(value);
        while (root * root > value)
        {
            root--;
        }

        while ((root + 1) * (root + 1) <= value)
        {
            root++;
        }

        return root;
    }
}
