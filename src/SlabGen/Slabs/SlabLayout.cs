using System.Numerics;
using SlabGen.Checking;
using SlabGen.Memory;
using SlabGen.Zones;

namespace SlabGen.Slabs;

/// <summary>
/// How the objects of a cache lie in its slabs. This is pure arithmetic, after the kernel's <c>calculate_sizes</c> and
/// <c>calculate_order</c> (mm/slub.c), with colouring after Bonwick (USENIX Summer 1994, section 4.1).
/// </summary>
internal sealed class SlabLayout
{
    /// <summary>The highest order that the kernel's rule chooses to reduce waste (<c>slub_max_order</c>).</summary>
    private const int CostlyOrder = 3;

    /// <summary>The least order that is chosen for slabs with a guard: it is then an eighth at most.</summary>
    public const int LeastGuardedOrder = CostlyOrder;

    /// <summary>
    /// The largest slab, in bytes, that is chosen to reduce waste further; and the part of a slab that may be wasted,
    /// as a divisor.
    /// </summary>
    private const int DenseBytes = 64 << 10, DenseFraction = 80;

    /// <summary>The most objects in a slab (<c>MAX_OBJS_PER_PAGE</c>).</summary>
    public const int MaxObjects = 32767;

    /// <summary>The least alignment of an object, in bytes (<c>ARCH_SLAB_MINALIGN</c>).</summary>
    public const int MinAlignment = 8;

    private const int CacheLine = 64;

    /// <summary>The largest object, in bytes. It fills the largest block alone.</summary>
    public static int MaxObjectSize => Page.Size << BuddyAllocator.MaxOrder;

    /// <summary>Computes the layout.</summary>
    /// <param name="objectSize">1 to <see cref="MaxObjectSize"/> bytes.</param>
    /// <param name="alignment">A power of two up to the page size, or 0 for <see cref="MinAlignment"/>.</param>
    /// <param name="hwCacheAlign">Aligns to the cache line, if the object is not much smaller.</param>
    /// <param name="processors">The least number of objects in a slab grows with this.</param>
    /// <param name="order">The order of a slab, if the options set it.</param>
    /// <param name="coloring">Whether slabs have different colours.</param>
    /// <param name="wholePages">Whether a slab is one object of whole pages, which then is its size.</param>
    /// <param name="guardBytes">What is inaccessible at the end of a slab, if the largest block has room for
    /// it.</param>
    /// <param name="letters">What takes room beside each object.</param>
    public SlabLayout(int objectSize, int alignment, bool hwCacheAlign, int processors, int? order = null,
        bool coloring = true, bool wholePages = false, int guardBytes = 0, SlabDebug letters = SlabDebug.None)
    {
        ObjectSize = objectSize;
        Alignment = AlignmentOf(objectSize, alignment, hwCacheAlign);
        Marks = MarkedLayout.Of(letters, objectSize, Alignment, wholePages);
        Size = Marks?.Size ?? (int)Page.RoundUp(objectSize, Alignment);
        IsWholePages = wholePages;
        GuardBytes = (long)Size + guardBytes <= MaxObjectSize ? guardBytes : 0;
        MinOrder = Page.OrderOf(Size + GuardBytes);
        int least = Math.Max(GuardBytes == 0 ? 0 : LeastGuardedOrder, MinOrder);
        Order = order ?? (wholePages ? MinOrder : Denser(Math.Max(OrderOf(Size, processors, Page.Size), least)));
        ColorOffset = Math.Max(CacheLine, Alignment);
        int leftOver = UsableIn(Order) - (ObjectsIn(Order) * Size);
        Colors = coloring && !wholePages ? (leftOver / ColorOffset) + 1 : 1;
        _reciprocal = (ulong.MaxValue / (uint)Size) + 1;
    }

    /// <summary>The layout of a cache.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The order that the options ask for holds no object, or too
    /// many.</exception>
    public static SlabLayout Of(string cacheName, int objectSize, SlabCacheOptions options, int processors,
        SlabDebug letters = SlabDebug.None)
    {
        var layout =
            new SlabLayout(objectSize, options.Alignment, options.HwCacheAlign, processors, coloring: options.Coloring,
                wholePages: options.WholePages, guardBytes: options.GuardBytes, letters: letters);
        if (options.Order is not { } order)
        {
            return layout;
        }

        // Letters are put on from outside, and a guard's page comes on top: the program's order is then the least that
        // holds an object, if need be.
        bool mayRise = layout.Marks is not null || layout.GuardBytes > 0;
        order = mayRise && order >= 0 ? Math.Max(order, layout.MinOrder) : order;

        int most = layout.MinOrder;
        while (most < BuddyAllocator.MaxOrder && ((long)Page.Size << (most + 1)) / layout.Size <= Slab.MostObjects)
        {
            most++;
        }

        return order >= layout.MinOrder && order <= most
            ? new SlabLayout(objectSize, options.Alignment, options.HwCacheAlign, processors, order, options.Coloring,
                guardBytes: options.GuardBytes, letters: letters)
            : throw SlabCacheOptions.Refuse(cacheName, nameof(SlabCacheOptions.Order), order, $"must be from {layout.MinOrder} to {most} for objects of {layout.Size} bytes");
    }

    /// <summary>The bytes that the user asked for.</summary>
    public int ObjectSize { get; }

    /// <summary>
    /// The bytes from one object to the next: <see cref="ObjectSize"/> and what <see cref="Marks"/> take, rounded up to
    /// <see cref="Alignment"/>.
    /// </summary>
    public int Size { get; }

    /// <summary>What lies beside each object of a cache with letters; else null.</summary>
    public MarkedLayout? Marks { get; }

    /// <summary>
    /// The bytes before an object that belong to it. The last one ends so much before a whole stride.
    /// </summary>
    public int LeftZone => Marks?.LeftZone ?? 0;

    public int Alignment { get; }

    /// <summary>The order of a slab. If no such block is left, <see cref="MinOrder"/> is tried.</summary>
    public int Order { get; }

    /// <summary>The least order that holds one object.</summary>
    public int MinOrder { get; }

    /// <summary>Bytes between two colours.</summary>
    public int ColorOffset { get; }

    /// <summary>
    /// The number of places where the first object can lie, so that equal fields of many slabs spread over the cache.
    /// </summary>
    public int Colors { get; }

    /// <summary>
    /// Whether a slab is one object and has just its pages, which need be no power of two. It is aligned as if they
    /// were.
    /// </summary>
    public bool IsWholePages { get; }

    private readonly ulong _reciprocal;

    /// <summary>The pages of a slab of an order.</summary>
    public uint PagesIn(int order) => IsWholePages ? (uint)(Size + GuardBytes) >> Page.Shift : 1u << order;

    /// <summary>The bytes of a slab of an order.</summary>
    public long BytesIn(int order) => (long)PagesIn(order) << Page.Shift;

    public int ObjectsIn(int order) => Math.Min(MaxObjects, UsableIn(order) / Size);

    /// <summary>The inaccessible bytes at the end of a slab: a page, or 0.</summary>
    public int GuardBytes { get; }

    private int UsableIn(int order) => (Page.Size << order) - GuardBytes;

    /// <summary>
    /// The order of a slab for so many objects, or for a quarter of those in use, whichever are more; at most
    /// <see cref="Order"/>.
    /// </summary>
    public int OrderFor(int wanted, long inUse)
    {
        long objects = Math.Max(wanted, (inUse / 4) + 1);
        int order = MinOrder;
        while (order < Order && ObjectsIn(order) < objects)
        {
            order++;
        }

        return order;
    }

    /// <summary>
    /// How many slabs with a free object a cache may have before one that becomes empty goes back
    /// (<c>set_min_partial</c>).
    /// </summary>
    public int MinPartial => Math.Clamp(BitOperations.Log2((uint)Size) / 2, 5, 10);

    /// <summary>
    /// Divides <paramref name="offset"/> by <see cref="Size"/> without a division (Lemire, Kaser and Kurz 2019). It is
    /// exact because the offset and the size are below 2^23.
    /// </summary>
    public int IndexOf(uint offset) => (int)Math.BigMul(_reciprocal, offset, out _);

    /// <summary><c>calculate_alignment</c>: the cache line, halved while the object fits into half of it.</summary>
    private static int AlignmentOf(int objectSize, int alignment, bool hwCacheAlign)
    {
        int result = Math.Max(alignment, MinAlignment);
        if (hwCacheAlign)
        {
            int line = CacheLine;
            while (objectSize <= line / 2)
            {
                line /= 2;
            }

            result = Math.Max(result, line);
        }

        return result;
    }

    /// <summary>
    /// <c>calculate_order</c>: the smallest order that wastes at most 1/16 of the slab, then 1/8, 1/4, 1/2.
    /// </summary>
    internal static int OrderOf(int size, int processors, int pageSize)
    {
        int log2 = BitOperations.Log2((uint)processors) + 1; // fls
        int most = Math.Max((pageSize << CostlyOrder) / size, 1);
        int least = Math.Min(4 * (log2 + 1), most);
        int minOrder = OrderFor((long)least * size, pageSize);
        if ((pageSize << minOrder) / size > MaxObjects)
        {
            return OrderFor((long)size * MaxObjects, pageSize) - 1;
        }

        for (int fraction = 16; fraction > 1; fraction /= 2)
        {
            for (int order = minOrder; order <= CostlyOrder; order++)
            {
                int slab = pageSize << order;
                if (slab % size <= slab / fraction)
                {
                    return order;
                }
            }
        }

        return OrderFor(size, pageSize);
    }

    /// <summary>
    /// Takes the first order, from the kernel's on, that wastes at most 1/80 of the slab, the slab's descriptor
    /// included. With the page frames, 1/128, that makes 2 %. The kernel's rule allows 6 % without either. If no order
    /// does, takes the first that halves the waste.
    /// </summary>
    private int Denser(int order)
    {
        return FirstWithin(1.0 / DenseFraction) ?? FirstWithin(WasteOf(order) / 2) ?? order;

        int? FirstWithin(double most)
        {
            for (int next = order; Page.Size << next <= DenseBytes; next++)
            {
                if (WasteOf(next) <= most)
                {
                    return next;
                }
            }

            return null;
        }
    }

    private double WasteOf(int order)
    {
        int bytes = Page.Size << order, objects = ObjectsIn(order);
        return objects > Slab.MostObjects ? 1 : (bytes - ((double)objects * Size) + Slab.BytesFor(objects)) / bytes;
    }

    private static int OrderFor(long bytes, int pageSize) =>
        bytes <= pageSize ? 0 : BitOperations.Log2((ulong)(bytes - 1) / (ulong)pageSize) + 1;
}
