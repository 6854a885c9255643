using System.Runtime.InteropServices;

namespace SlabGen.Zones;

/// <summary>
/// The record of one page: the kernel's <c>struct page</c>. Frames lie out of line, in the <c>mem_map</c> array of
/// their zone. No bookkeeping lies inside a page that was handed out.
/// </summary>
/// <remarks>
/// A frame of zeros describes a page that was never used. So a <c>mem_map</c> costs memory only where its zone is in
/// use. Who may write a field:
/// <list type="bullet">
/// <item>while the page is free: <see cref="BuddyAllocator"/>, under the zone's lock;</item>
/// <item>while it is allocated: its owner. A page of a slab is written when the slab is made and when it is discarded,
/// under the list lock of its cache; between the two it does not change, so that the holder of a live object may read
/// it.</item>
/// </list>
/// </remarks>
[StructLayout(LayoutKind.Sequential)]
internal struct PageFrame
{
    /// <summary>What the page is now. In a block only the first frame says so.</summary>
    public PageFlags Flags;

    /// <summary>
    /// The logarithm of the number of pages in the block. Valid in the first frame of a free or allocated block.
    /// </summary>
    public byte Order;

    /// <summary>Pages in the allocated block, which need not be a power of two. Valid in its first frame.</summary>
    public ushort Pages;

    /// <summary>
    /// References to the block (<c>_refcount</c>): 1 or more while it is allocated, 0 while it is free. Changed by
    /// interlocked operations.
    /// </summary>
    public int Count;

    /// <summary>For a page of a slab: the id of its cache; else 0 (<c>private</c>).</summary>
    public uint Private;

    /// <summary>
    /// For a page of high memory: how often it is mapped (<c>_mapcount</c>), under the lock of the kmap window.
    /// </summary>
    public ushort MapCount;

    /// <summary>
    /// For a metadata page: its chunks in use. For the last page of a slab: 1 if it is inaccessible, under the zone's
    /// lock.
    /// </summary>
    public ushort Chunks;

    /// <summary>
    /// Links in a list of frames of the same zone, as indexes into its <c>mem_map</c> (<c>lru</c>). There are lists of
    /// free blocks, of metadata pages with a free chunk, and of mapped pages without users.
    /// </summary>
    public uint Next, Prev;

    /// <summary>
    /// The owner (<c>mapping</c>): for a page of a slab its <c>Slab*</c>, for a metadata page its first free chunk.
    /// </summary>
    public nint Mapping;

    /// <summary>The end of a list of frames.</summary>
    public const uint None = uint.MaxValue;
}
