using System.Numerics;

namespace SlabGen.Memory;

/// <summary>
/// The base page: the operating system's page size (the kernel's <c>PAGE_SIZE</c> and <c>PAGE_SHIFT</c>).
/// </summary>
internal static class Page
{
    /// <summary>Bytes in a page; a power of two.</summary>
    public static readonly int Size = Environment.SystemPageSize;

    /// <summary>The logarithm of <see cref="Size"/>.</summary>
    public static readonly int Shift = BitOperations.Log2((uint)Environment.SystemPageSize);

    /// <summary>The least number of pages that hold <paramref name="bytes"/>.</summary>
    public static long Count(long bytes) => (bytes + Size - 1) >> Shift;

    /// <summary>
    /// The smallest order whose block holds <paramref name="bytes"/> (the kernel's <c>get_order</c>).
    /// </summary>
    public static int OrderOf(long bytes) => bytes <= Size ? 0 : BitOperations.Log2((ulong)(bytes - 1) >> Shift) + 1;

    /// <summary>
    /// <paramref name="value"/> rounded up to a multiple of <paramref name="alignment"/>, a power of two.
    /// </summary>
    public static long RoundUp(long value, long alignment) => (value + alignment - 1) & -alignment;
}
