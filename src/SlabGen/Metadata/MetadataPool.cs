using SlabGen.Memory;
using SlabGen.Zones;

namespace SlabGen.Metadata;

/// <summary>
/// Chunks of one size for the allocator's own use, cut from single pages: slab descriptors and magazines. A page whose
/// chunks are all free goes back to the zone at once, so that metadata shrinks with what it describes.
/// </summary>
/// <remarks>
/// One pool per chunk size serves all caches of a runtime. Its lock comes after the list locks and the depots' locks
/// and before the zone's. In a page's frame, <c>Mapping</c> is the first free chunk (each free chunk names the next),
/// <c>Chunks</c> counts those in use, <c>Next</c>/<c>Prev</c> link the pages that have a free chunk; all under the lock.
/// </remarks>
internal sealed partial class MetadataPool
{
    private readonly UninterruptibleLock _lock = new();
    private readonly PageAllocator _pages;
    private readonly int _chunkSize;
    private readonly uint[] _first; // pages with a free chunk, by the index of their zone

    public MetadataPool(PageAllocator pages, int chunkSize)
    {
        _pages = pages;
        _chunkSize = chunkSize;
        _first = new uint[pages.MaxZones];
        for (int zone = 0; zone < _first.Length; zone++)
        {
            _first[zone] = PageFrame.None;
        }
    }

    /// <summary>Bytes of a chunk.</summary>
    public int ChunkSize => _chunkSize;

    private uint ChunksInPage => (uint)(Page.Size / _chunkSize);

    /// <returns>A chunk with undefined contents, or <see langword="null"/> when memory has run out.</returns>
    /// <param name="gfp">Whether a page for it may come out of the reserve.</param>
    public unsafe void* TryAlloc(GfpFlags gfp = GfpFlags.Kernel)
    {
        using (_lock.Hold())
        {
            Zone? zone = ZoneWithRoom() ?? TryGrow(gfp);
            if (zone is null)
            {
                return null;
            }

            PageFrame* frame = zone.Frame(_first[zone.Index]);
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
                frame->Flags &= ~PageFlags.Reserved;
                frame->Mapping = 0;
                _pages.FreeBlock(zone, zone.IndexOf(frame));
            }
        }
    }

    private Zone? ZoneWithRoom()
    {
        foreach (Zone zone in _pages.ZoneSpan)
        {
            if (_first[zone.Index] != PageFrame.None)
            {
                return zone;
            }
        }

        return null;
    }

    private unsafe Zone? TryGrow(GfpFlags gfp)
    {
        if (!_pages.TryAllocBlock(1, ZoneKind.Normal, ZoneFallback.Strict, out Zone? zone, out uint page, gfp))
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

    private unsafe void Link(Zone zone, PageFrame* frame)
    {
        ref uint first = ref _first[zone.Index];
        uint index = zone.IndexOf(frame);
        frame->Prev = PageFrame.None;
        frame->Next = first;
        if (first != PageFrame.None)
        {
            zone.Frame(first)->Prev = index;
        }

        first = index;
    }

    private unsafe void Unlink(Zone zone, PageFrame* frame)
    {
        if (frame->Prev == PageFrame.None)
        {
            _first[zone.Index] = frame->Next;
        }
        else
        {
            zone.Frame(frame->Prev)->Next = frame->Next;
        }

        if (frame->Next != PageFrame.None)
        {
            zone.Frame(frame->Next)->Prev = frame->Prev;
        }
    }
}
