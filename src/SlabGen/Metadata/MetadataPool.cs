using SlabGen.Memory;
using SlabGen.Pages;
using SlabGen.Zones;

namespace SlabGen.Metadata;

/// <summary>
/// Chunks of one size for the allocator's own use, cut from single pages: slab descriptors and magazines. A page whose
/// chunks are all free goes back to the zone at once, so metadata shrinks with what it describes.
/// </summary>
/// <remarks>
/// One pool per chunk size serves all caches of a runtime. Its lock comes after the list locks and the depots' locks,
/// and before the zone's. In a page's frame, <c>Mapping</c> is the first free chunk (each free chunk names the next),
/// <c>Chunks</c> counts those in use, and <c>Next</c>/<c>Prev</c> link the pages that have a free chunk. All of them
/// are under the lock.
/// </remarks>
internal sealed partial class MetadataPool
{
    private readonly UninterruptibleLock _lock = new();
    private readonly PageAllocator _pages;
    private readonly int _chunkSize;
    private readonly FrameList[] _withRoom; // lock: pages with a free chunk, by the index of their zone

    public MetadataPool(PageAllocator pages, int chunkSize)
    {
        _pages = pages;
        _chunkSize = chunkSize;
        _withRoom = FrameList.Make(pages.MaxZones);
    }

    /// <summary>Bytes of a chunk.</summary>
    public int ChunkSize => _chunkSize;

    private uint ChunksInPage => (uint)(Page.Size / _chunkSize);

    /// <returns>A chunk with undefined contents, or <see langword="null"/> when memory has run out.</returns>
    /// <param name="gfp">Whether a page for it may come from the reserve.</param>
    public unsafe void* TryAlloc(GfpFlags gfp = GfpFlags.Kernel)
    {
        using (_lock.Hold())
        {
            Zone? zone = ZoneWithRoom() ?? TryGrow(gfp);
            if (zone is null)
            {
                return null;
            }

            PageFrame* frame = zone.Frame(_withRoom[zone.Index].First);
            void* chunk = (void*)frame->Mapping;
            frame->Mapping = *(nint*)chunk;
            if (++frame->Chunks == ChunksInPage)
            {
                Unlink(zone, frame);
            }

            return chunk;
        }
    }

    public unsafe void Free(void* chunk)
    {
        using (_lock.Hold())
        {
            PageFrame* frame = _pages.FrameOf((nint)chunk, out Zone zone);
            *(nint*)chunk = frame->Mapping;
            frame->Mapping = (nint)chunk;
            if (frame->Chunks-- == ChunksInPage)
            {
                Link(zone, frame);
            }

            if (frame->Chunks == 0)
            {
                Unlink(zone, frame);
                frame->Mapping = 0;
                _pages.FreeBlock(zone, zone.IndexOf(frame), PageFlags.Reserved);
            }
        }
    }

    private Zone? ZoneWithRoom()
    {
        foreach (Zone zone in _pages.ZoneSpan)
        {
            if (_withRoom[zone.Index].Count > 0)
            {
                return zone;
            }
        }

        return null;
    }

    private unsafe Zone? TryGrow(GfpFlags gfp)
    {
        if (!_pages.TryAllocBlock(new PageRequest(1, Gfp: gfp), out Zone? zone, out uint page))
        {
            return null;
        }

        // Chain the chunks so that they are handed out in rising order.
        nint start = zone.Address(page), next = 0;
        for (int i = (int)ChunksInPage - 1; i >= 0; i--)
        {
            nint chunk = start + (i * _chunkSize);
            *(nint*)chunk = next;
            next = chunk;
        }

        PageFrame* frame = zone.Frame(page);
        frame->Flags |= PageFlags.Reserved;
        frame->Mapping = next;
        frame->Chunks = 0;
        Link(zone, frame);
        return zone;
    }

    private unsafe void Link(Zone zone, PageFrame* frame) =>
        _withRoom[zone.Index].AddFirst(zone.Frame(0), zone.IndexOf(frame));

    private unsafe void Unlink(Zone zone, PageFrame* frame) =>
        _withRoom[zone.Index].Remove(zone.Frame(0), zone.IndexOf(frame));
}
