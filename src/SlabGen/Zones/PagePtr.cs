using System.Diagnostics;
using SlabGen.Zones;

namespace SlabGen;

/// <summary>
/// Names a page: the kernel's <c>struct page *</c>. Its properties are read from the page's frame at that moment.
/// </summary>
/// <remarks>
/// A block of pages is named by its first page. Naming a page keeps nothing alive; a reference to the block does
/// (<see cref="PageAllocator.Get"/>). A frame can be read at any time until its runtime is disposed.
/// </remarks>
[DebuggerDisplay("{ToString(),nq}")]
public readonly struct PagePtr : IEquatable<PagePtr>
{
    private readonly Zone? _zone;
    private readonly uint _index;

    internal PagePtr(Zone zone, uint index)
    {
        _zone = zone;
        _index = index;
    }

    /// <summary>Whether this names no page.</summary>
    public bool IsNull => _zone is null;

    /// <summary>The zone of the page (<c>page_zone</c>).</summary>
    /// <exception cref="InvalidOperationException">This names no page.</exception>
    public Zone Zone => _zone ?? throw new InvalidOperationException("This names no page.");

    /// <summary>
    /// The number of the page (<c>page_to_pfn</c>): its address in pages. In the classic layout, its position in the
    /// layout.
    /// </summary>
    public long Pfn => Zone.StartPfn + _index;

    /// <summary>What the page is used for.</summary>
    public PageFlags Flags => Frame.Flags;

    /// <summary>References to the block that starts here (<c>page_count</c>); 0 when it is free.</summary>
    public int Count => Frame.Count;

    /// <summary>
    /// How often a page of <see cref="ZoneKind.HighMem"/> is mapped (<c>page_mapcount</c>); 0 for other pages.
    /// </summary>
    public int MapCount => Frame.MapCount;

    /// <summary>
    /// The logarithm of the pages in the block that starts here (<c>compound_order</c>, <c>buddy_order</c>).
    /// </summary>
    public int Order => Frame.Order;

    /// <summary>The number of pages in the allocated block that starts here; 0 when no such block does.</summary>
    public int Pages => (Frame.Flags & PageFlags.Head) != 0 ? Frame.Pages : 0;

    /// <summary>For a page of a slab, the id of its cache; 0 for others (<c>page->private</c>).</summary>
    internal long Private => Frame.Private;

    /// <summary>
    /// The address of the owner's own record (<c>page->mapping</c>): the slab, or a metadata page's first free chunk. 0
    /// for pages of users.
    /// </summary>
    internal nint Mapping => Frame.Mapping;

    /// <summary>
    /// For a page of <see cref="ZoneKind.HighMem"/>, its place in the file; 0 for others (<c>page->index</c>).
    /// </summary>
    internal long Index => Zone.IsMapped ? 0 : _index;

    /// <summary>
    /// Where the page can be used (<c>page_address</c>); 0 for a page of <see cref="ZoneKind.HighMem"/> that is not
    /// mapped.
    /// </summary>
    public nint Address => Zone.IsMapped || Frame.MapCount > 0 ? Zone.Address(_index) : 0;

    internal uint FrameIndex => _index;

    private unsafe ref readonly PageFrame Frame
    {
        get
        {
            ObjectDisposedException.ThrowIf(Zone.IsUnmapped, Zone);
            return ref *Zone.Frame(_index);
        }
    }

    /// <summary>The page that lies a number of pages further on, in the same zone.</summary>
    /// <param name="page">The page to count from.</param>
    /// <param name="pages">The number of pages; may be negative.</param>
    /// <exception cref="ArgumentOutOfRangeException">The zone has no such page.</exception>
    public static PagePtr operator +(PagePtr page, int pages) => page.Add(pages);

    /// <inheritdoc cref="op_Addition"/>
    public PagePtr Add(int pages)
    {
        long index = _index + (long)pages;
        if (index < 0 || index >= Zone.ReachablePages)
        {
            throw new ArgumentOutOfRangeException(nameof(pages), pages, $"Page {index} is not one of the {Zone.ReachablePages} pages in use of {Zone}.");
        }

        return new PagePtr(Zone, (uint)index);
    }

    /// <summary>Whether two name the same page.</summary>
    public static bool operator ==(PagePtr left, PagePtr right) => left.Equals(right);

    /// <summary>Whether two name different pages.</summary>
    public static bool operator !=(PagePtr left, PagePtr right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(PagePtr other) => _zone == other._zone && _index == other._index;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is PagePtr other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_zone, _index);

    /// <summary>Zone, number, flags and count.</summary>
    public override string ToString() => IsNull ? "null" : Zone.IsUnmapped ? $"{Zone}, unmapped" : $"{Zone}, page {Pfn}: {Flags}, order {Order}, count {Count}";
}
