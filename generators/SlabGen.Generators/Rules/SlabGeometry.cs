using Microsoft.CodeAnalysis;

namespace SlabGen.Generators;

/// <summary>
/// How the objects of a struct lie in its slabs. This is the runtime's <c>SlabLayout</c> for pages of 4 KiB, the
/// smallest page size. A test compares the two.
/// </summary>
/// <param name="ObjectSize">Bytes of an object, in a 64-bit process.</param>
/// <param name="SlotSize">Bytes that an object takes in a slab.</param>
/// <param name="Slab">Its slabs; null when the attribute asks for impossible ones.</param>
internal sealed record SlabGeometry(long ObjectSize, long SlotSize, SlabShape? Slab)
{
    public const int PageSize = 4096, DescriptorSize = 32;

    private const int MaxOrder = 10, MinAlignment = 8, CacheLine = 64;

    /// <summary>The number of objects whose descriptor fills a page.</summary>
    public const int MostObjects = (PageSize - DescriptorSize) * 8;

    /// <summary>The geometry; null when the struct's size is not certain, or is more than the largest slab.</summary>
    public static SlabGeometry? Of(INamedTypeSymbol type, SlabCacheArguments arguments)
    {
        if (FieldLayout.Of(type)?.Size is not { } size
            || SlotSizeOf(size, arguments) is var slot && slot > PageSize << MaxOrder)
        {
            return null;
        }

        SlabShape? slab =
            arguments.Order < 0 ? SlabShape.Choose(slot)
            : arguments.Order >= SlabShape.OrderFor(slot) && ((long)PageSize << arguments.Order) / slot <= MostObjects
            ? new(arguments.Order, 1, int.MaxValue)
            : null;

        return new(size, slot, slab is null ? null : slab with
        {
            Objects = slab.Bytes / slot,
            LeftOver = slab.Bytes % slot,
            Colors = arguments.Coloring
                ? (slab.Bytes % slot / Math.Max(CacheLine, AlignmentOf(size, arguments))) + 1 : 1,
        });
    }

    /// <summary>Bytes of the smallest slab that holds an object. Larger pages do not make it smaller.</summary>
    public static long LeastSlab(INamedTypeSymbol type, SlabCacheArguments arguments) =>
        (long)PageSize << SlabShape.OrderFor(SlotSizeOf(FieldLayout.Of(type)?.Size ?? 1, arguments));

    private static long SlotSizeOf(long objectSize, SlabCacheArguments arguments) =>
        FieldLayout.RoundUp(objectSize, AlignmentOf(objectSize, arguments));

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
