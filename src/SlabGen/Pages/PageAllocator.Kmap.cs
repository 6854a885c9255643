using SlabGen.Memory;
using SlabGen.Zones;

namespace SlabGen;

// Pages of high memory, which have no address until they are mapped.
public sealed partial class PageAllocator
{
    /// <summary>
    /// Maps a page, if it is not mapped already (<c>kmap</c>). Each call is undone by one of <see cref="Kunmap"/>.
    /// </summary>
    /// <param name="page">Any page of an allocated block. A page outside high memory always has its address.</param>
    /// <returns>The address, which is the same each time. It is valid until the page is unmapped.</returns>
    /// <exception cref="ArgumentException">The page is null or of another runtime.</exception>
    /// <exception cref="InvalidOperationException">The page is not allocated. Or as many pages as
    /// <see cref="HighMemOptions.MappedPages"/> permits are mapped and in use.</exception>
    /// <exception cref="IOException">The file that holds the page was truncated, or the system refuses. Nothing has
    /// changed.</exception>
    /// <exception cref="ObjectDisposedException">The runtime was disposed.</exception>
    public nint Kmap(PagePtr page) => TryKmap(page, out nint address)
        ? address
        : throw new InvalidOperationException(
            $"{page} cannot be mapped: {page.Zone.Kmap!.Capacity} pages are mapped and in use, as many as HighMemOptions.MappedPages permits.");

    /// <summary>Maps a page, if a place for it is free or idle.</summary>
    /// <param name="page">A page of an allocated block.</param>
    /// <param name="address">The address, or 0.</param>
    /// <returns><see langword="false"/> when <see cref="Kmap"/> would throw because all places are in use.</returns>
    /// <inheritdoc cref="Kmap"/>
    public bool TryKmap(PagePtr page, out nint address)
    {
        Zone zone = Own(page);
        address = zone.IsMapped ? zone.Address(page.FrameIndex) : zone.Kmap!.Map(page.FrameIndex);
        return address != 0;
    }

    /// <summary>Undoes one call of <see cref="Kmap"/> (<c>kunmap</c>). The page's contents stay.</summary>
    /// <exception cref="ArgumentException">The page is null or of another runtime.</exception>
    /// <exception cref="InvalidOperationException">The page is not mapped.</exception>
    /// <exception cref="ObjectDisposedException">The runtime was disposed.</exception>
    public void Kunmap(PagePtr page)
    {
        Own(page).Kmap?.Unmap(page.FrameIndex);
    }

    /// <summary>Maps a page until the end of a scope (<c>kmap_local_page</c>).</summary>
    /// <inheritdoc cref="Kmap"/>
    public KmapScope KmapLocal(PagePtr page) => new(this, page);

    /// <summary>Adds the zone of high memory, if there is to be one.</summary>
    private void AddHighMem(long pages, long? startPfn)
    {
        if (pages <= 0)
        {
            return;
        }

        if (!BackingFile.IsSupported)
        {
            Add(NewZone(0, ZoneKind.HighMem, new NoWindow("this system has no files that can be mapped page by page at a given address"), 0, startPfn ?? 0));
            return;
        }

        // The pages of a disk file are no memory. Those of a memory file are, and count against the limit.
        BackingFile file = _options.HighMem.Path is { } path
            ? BackingFile.OnDisk(path) : BackingFile.InMemory("slabgen-highmem");
        MemoryBudget? budget = file.IsInMemory ? null : new MemoryBudget(pages);
        var window = new FileWindow(file, _options.Memory, (uint)pages, LargestBlock);
        Zone zone = NewZone(0, ZoneKind.HighMem, window, pages, startPfn ?? window.Start >> Page.Shift, budget);
        zone.Kmap = new KmapWindow(zone, window, _options.HighMem.MappedPages);
        Add(zone);
    }

    /// <summary>
    /// Clears a new block of high memory, and gives it an address if its request asked for pages that have one.
    /// </summary>
    /// <returns>
    /// Why that was refused, or <see langword="null"/>. The block was then freed. It is also freed when this throws,
    /// because counting the process's mappings reads a file.
    /// </returns>
    private static string? PrepareOrFree(Zone zone, uint block, uint pages, bool map, bool clear)
    {
        bool isReady = false;
        try
        {
            string? refusal = (clear ? zone.Kmap!.Clear(block, pages) : null)
                ?? (map ? zone.Kmap!.MapBlock(block, pages) : null);
            isReady = refusal is null;
            return refusal;
        }
        finally
        {
            if (!isReady)
            {
                zone.Free(block);
            }
        }
    }
}
