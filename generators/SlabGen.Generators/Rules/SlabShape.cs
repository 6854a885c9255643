namespace SlabGen.Generators;

/// <summary>The slabs of a cache, with pages of 4 KiB.</summary>
/// <param name="Order">The pages of a slab, as a power of two.</param>
/// <param name="LeastProcessors">The fewest processors with which the kernel's rule chooses the order.</param>
/// <param name="MostProcessors">The most; <see cref="int.MaxValue"/> for any number.</param>
internal sealed record SlabShape(int Order, int LeastProcessors, int MostProcessors)
{
    // slub_max_order; and the range of fls(processors). The common value is that of 8 to 15 processors.
    private const int CostlyOrder = 3, MostLog = 17, CommonLog = 4;

    // The highest order that is chosen to reduce waste further, and the part of a slab that may be wasted, as a
    // divisor.
    private const int DenseOrder = 4, DenseFraction = 80;

    public long Objects { get; init; }

    /// <summary>Bytes that hold no object.</summary>
    public long LeftOver { get; init; }

    public long Colors { get; init; }

    public long Bytes => (long)SlabGeometry.PageSize << Order;

    /// <summary>
    /// The slabs that the rule chooses with 8 to 15 processors, and the range of processors with which it chooses the
    /// same.
    /// </summary>
    public static SlabShape Choose(long slotSize)
    {
        int order = DenseOrderOf(slotSize, CommonLog), least = CommonLog, most = CommonLog;
        while (least > 1 && DenseOrderOf(slotSize, least - 1) == order)
        {
            least--;
        }

        while (most < MostLog && DenseOrderOf(slotSize, most + 1) == order)
        {
            most++;
        }

        return new(order, 1 << (least - 1), most == MostLog ? int.MaxValue : (1 << most) - 1);
    }

    /// <summary>The least order that holds this many bytes.</summary>
    public static int OrderFor(long bytes)
    {
        int order = 0;
        while ((long)SlabGeometry.PageSize << order < bytes)
        {
            order++;
        }

        return order;
    }

    /// <summary>The order that the runtime chooses: the kernel's, or a higher one that wastes less.</summary>
    private static int DenseOrderOf(long size, int processorsLog)
    {
        int order = OrderOf(size, processorsLog);
        double kernel = WasteOf(size, order);
        foreach (double most in new[] { 1.0 / DenseFraction, kernel / 2 })
        {
            for (int next = order; next <= DenseOrder; next++)
            {
                if (WasteOf(size, next) <= most)
                {
                    return next;
                }
            }
        }

        return order;
    }

    /// <summary>The part of a slab that is left over, or taken by its descriptor.</summary>
    private static double WasteOf(long size, int order)
    {
        long bytes = (long)SlabGeometry.PageSize << order, objects = bytes / size;
        long descriptor = SlabGeometry.DescriptorSize + ((objects + 63) / 64 * sizeof(ulong)); // and its bitmap
        return objects > SlabGeometry.MostObjects ? 1 : (bytes - ((double)objects * size) + descriptor) / bytes;
    }

    /// <summary>
    /// <c>calculate_order</c>: the smallest order that wastes at most 1/16 of the slab, then 1/8, 1/4, 1/2.
    /// </summary>
    private static int OrderOf(long size, int processorsLog)
    {
        long most = Math.Max((SlabGeometry.PageSize << CostlyOrder) / size, 1);
        int minOrder = OrderFor(Math.Min(4 * (processorsLog + 1), most) * size);
        for (int fraction = 16; fraction > 1; fraction /= 2)
        {
            for (int order = minOrder; order <= CostlyOrder; order++)
            {
                long slab = (long)SlabGeometry.PageSize << order;
                if (slab % size <= slab / fraction)
                {
                    return order;
                }
            }
        }

        return OrderFor(size);
    }
}
