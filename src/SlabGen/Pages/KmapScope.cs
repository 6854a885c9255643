using SlabGen.Memory;

namespace SlabGen;

/// <summary>A page that is mapped until the end of the scope (<c>kmap_local_page</c>).</summary>
public readonly ref struct KmapScope
{
    private readonly PageAllocator _pages;
    private readonly PagePtr _page;

    internal KmapScope(PageAllocator pages, PagePtr page)
    {
        _pages = pages;
        _page = page;
        Address = pages.Kmap(page);
    }

    /// <summary>The address of the page.</summary>
    public nint Address { get; }

    /// <summary>The bytes of the page. Do not use them after the end of the scope.</summary>
    public unsafe Span<byte> Bytes => new((void*)Address, Page.Size);

    /// <summary>Unmaps the page.</summary>
    public void Dispose() => _pages?.Kunmap(_page);
}
