namespace SlabGen.Generators;

/// <summary>
/// The runtime's <c>SlabLayout</c> for pages of 4 KiB, the smallest there are: the kernel's <c>calculate_sizes</c>. A test holds the two against each other.
/// </summary>
internal static class SlabGeometry
{
    private const int PageSize = 4096, MinAlignment = 8, CacheLine = 64;

    /// <summary>Bytes of the smallest slab that holds an object, which larger pages make no smaller.</summary>
    public static long LeastSlab(long objectSize, SlabCacheArguments arguments)
    {
        long slab = PageSize;
        for (long size = SlotSize(objectSize, arguments); slab < size;)
        {
            slab *= 2;
        }

        return slab;
    }

    /// <summary>Bytes that an object takes in a slab.</summary>
    public static long SlotSize(long objectSize, SlabCacheArguments arguments) => FieldLayout.RoundUp(objectSize, AlignmentOf(objectSize, arguments));

    /// <summary><c>calculate_alignment</c>: the cache line, halved while the object fits into half of it.</summary>
    private static int AlignmentOf(long objectSize, SlabCacheArguments arguments)
    {
        int alignment = Math.Max(arguments.Alignment, MinAlignment);
        if (!arguments.HwCacheAlign)
        {
            return alignment;
        }

        int line = CacheLine;
        while (objectSize <= line / 2)
        {
            line /= 2;
        }

        return Math.Max(alignment, line);
    }
}
