using SlabGen.Memory;

namespace SlabGen.Pages;

/// <summary>What a request for one block of pages says (the kernel's <c>struct alloc_context</c>).</summary>
/// <param name="Pages">How many pages, at least 1.</param>
/// <param name="Kind">The zone that they are wanted from.</param>
/// <param name="Fallback">Where to go when it has none.</param>
/// <param name="Gfp">What may be done to have them.</param>
/// <param name="Node">The node that they should come from; -1 for that of the calling thread.</param>
internal readonly record struct PageRequest(uint Pages, ZoneKind Kind = ZoneKind.Normal,
    ZoneFallback Fallback = ZoneFallback.Strict, GfpFlags Gfp = GfpFlags.Kernel, int Node = -1)
{
    /// <summary>A request whose flags name the zone.</summary>
    public PageRequest(uint pages, GfpFlags gfp, ZoneFallback fallback, int node)
        : this(pages, PageAllocator.KindOf(gfp), fallback, gfp, node)
    {
    }

    /// <summary>Whether the pages are for a slab.</summary>
    public bool IsSlab { get; init; }

    /// <summary>Whether the pages are for SlabGen's own metadata.</summary>
    public bool IsOwn { get; init; }

    /// <summary>The order of the smallest block that holds the pages.</summary>
    public int Order => Page.OrderOf((long)Pages << Page.Shift);

    /// <summary>Whether the flags have one.</summary>
    public bool Has(GfpFlags flag) => (Gfp & flag) != 0;
}
