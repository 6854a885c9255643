using System.Diagnostics;
using SlabGen.Memory;
using SlabGen.Zones;

namespace SlabGen.Metadata;

/// <summary>
/// Chunks of one size for the allocator's own use, cut from single pages: slab descriptors and magazines. A page whose
/// chunks are all free goes back to the zone at once, so metadata shrinks with what it describes.
/// </summary>
/// <remarks>
/// <para>The pages are of a zone of their own (<see cref="PageAllocator.Metadata"/>), with inaccessible addresses
/// before and behind: no object has them for neighbours.</para>
/// <para>One pool per chunk size serves all caches of a runtime. Its lock comes after the list locks and the depots'
/// locks, and before the zone's. In a page's frame, <c>Mapping</c> is the first free chunk (each free chunk names the
/// next), <c>Chunks</c> counts those in use, and <c>Next</c>/<c>Prev</c> link the pages that have a free chunk. All of
/// them are under the lock.</para>
/// </remarks>
internal sealed partial class MetadataPool(PageAllocator pages, int chunkSize)
{
    private readonly UninterruptibleLock _lock = new();
    private readonly Zone _zone = pages.Metadata;
    private FrameList _withRoom = new(); // lock: pages with a free chunk

    /// <summary>Bytes of a chunk.</summary>
    public int ChunkSize => chunkSize;

    private uint ChunksInPage => (uint)(Page.Size / chunkSize);

    /// <returns>A chunk with undefined contents, or <see langword="null"/> when memory has run out.</returns>
    /// <param name="gfp">Whether a page for it may come from the reserve.</param>
    public unsafe void* TryAlloc(GfpFlags gfp = GfpFlags.Kernel)
    {
        using (_lock.Hold())
        {
            if (_withRoom.Count == 0 && !TryGrow(gfp))
            {
                return null;
            }

            PageFrame* frame = _zone.Frame(_withRoom.First);
            void* chunk = (void*)frame->Mapping;
            frame->Mapping = *(nint*)chunk;
            if (++frame->Chunks == ChunksInPage)
            {
                Unlink(frame);
            }

            return chunk;
        }
    }

    public unsafe void Free(void* chunk)
    {
        using (_lock.Hold())
        {
            if (!_zone.TryGetFrame((nint)chunk, out PageFrame* frame))
            {
                // It is better to end the call than to write to another frame.
                throw new UnreachableException($"0x{(nint)chunk:x} should be a chunk of metadata, and is none.");
            }

            *(nint*)chunk = frame->Mapping;
            frame->Mapping = (nint)chunk;
            if (frame->Chunks-- == ChunksInPage)
            {
                Link(frame);
            }

            if (frame->Chunks == 0)
            {
                Unlink(frame);
                frame->Mapping = 0;
                pages.FreeMetadata(_zone.IndexOf(frame));
            }
        }
    }

    private unsafe bool TryGrow(GfpFlags gfp)
    {
        uint page = pages.TryAllocMetadata(gfp);
        if (page == PageFrame.None)
        {
            return false;
        }

        // Chain the chunks so that they are handed out in rising order.
        nint start = _zone.Address(page), next = 0;
        for (int i = (int)ChunksInPage - 1; i >= 0; i--)
        {
            nint chunk = start + (i * chunkSize);
            *(nint*)chunk = next;
            next = chunk;
        }

        PageFrame* frame = _zone.Frame(page);
        frame->Flags |= PageFlags.Reserved;
        frame->Mapping = next;
        frame->Chunks = 0;
        Link(frame);
        return true;
    }

    private unsafe void Link(PageFrame* frame) => _withRoom.AddFirst(_zone.Frame(0), _zone.IndexOf(frame));

    private unsafe void Unlink(PageFrame* frame) => _withRoom.Remove(_zone.Frame(0), _zone.IndexOf(frame));
}
