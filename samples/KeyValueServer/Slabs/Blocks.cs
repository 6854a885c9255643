using System.Numerics;
using SlabGen;

namespace KeyValueServer.Slabs;

/// <summary>
/// The blocks of any size: keys, values and the tables' segments, in a <see cref="Kmalloc"/> of their own, and the count of
/// what is in use. The caller holds the lock of the store.
/// </summary>
internal static class Blocks
{
    private static readonly Kmalloc s_kmalloc = SlabRuntime.Default.CreateKmalloc("keyspace");

    /// <summary>Bytes in use, of blocks and of entries: what <c>maxmemory</c> limits.</summary>
    public static long Used { get; set; }

    public static long Live => s_kmalloc.Snapshot().LiveBlocks;

    public static bool TryAlloc(int size, out nint address)
    {
        if (!s_kmalloc.TryAlloc(Footprint(size), out address))
        {
            return false;
        }

        Used += Footprint(size);
        return true;
    }

    public static void Free(nint address, int size)
    {
        Used -= Footprint(size);
        s_kmalloc.Free(address);
    }

    public static Span<byte> Span(nint address, int size) => s_kmalloc.AsSpan(address, size);

    public static Span<EntryPtr> Entries(nint address, int count) => s_kmalloc.AsSpan<EntryPtr>(address, count);

    public static Span<nint> Words(nint address, int count) => s_kmalloc.AsSpan<nint>(address, count);

    /// <summary>Frees all blocks at once.</summary>
    public static void Reset() => s_kmalloc.Reset();

    /// <summary>
    /// What a block of this size takes: a multiple of 16 up to 256 bytes, then eight sizes to each doubling, as Kmalloc has them; above
    /// 8 KiB in pages. A value that grows within this stays where it is, so a long one that is appended to is seldom copied.
    /// </summary>
    public static int Footprint(int size)
    {
        const int Page = 4096;
        int step = size <= 256 ? 16 : (int)(BitOperations.RoundUpToPowerOf2((uint)size) / 16);
        step = size > 2 * Page ? Math.Max(step, Page) : step;
        return (int)Math.Min((size + (long)step - 1) / step * step, int.MaxValue);
    }
}
