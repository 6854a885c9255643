using SlabGen.Memory;
using SlabGen.Pages;

namespace SlabGen.Slabs;

/// <summary>
/// Chunks of one size for the allocator's own use, cut from single pages: slab descriptors and magazines. A page whose
/// chunks are all free goes back to the zone at once, so that metadata shrinks with what it describes.
/// </summary>
/// <remarks>
/// One pool per chunk size serves all caches of a runtime. Its lock comes after the list locks and the depots' locks
/// and before the zone's. In a page's frame, <c>Mapping</c> is the first free chunk (each free chunk names the next),
/// <c>Chunks</c> counts those in use, <c>Next</c>/<c>Prev</c> link the pages that have a free chunk; all under the lock.
/// </remarks>
internal sealed class MetadataPool(PageAllocator pages, int chunkSize)
{
    private readonly UninterruptibleLock _lock = new();
    private uint _first = PageFrame.None; // pages with a free chunk

    private uint ChunksInPage => (uint)(Page.Size / chunkSize);

    /// <returns>A chunk with undefined contents, or <see langword="null"/> when memory has run out.</returns>
    public unsafe void* TryAlloc()
    {
        using (_lock.Hold())
        {
            if (_first == PageFrame.None && !TryGrow())
            {
                return null;
            }

            PageFrame* frame = pages.Normal.Frame(_first);
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
            pages.Normal.TryGetFrame((nint)chunk, out PageFrame* frame);
            *(nint*)chunk = frame->Mapping;
            frame->Mapping = (nint)chunk;
            if (frame->Chunks-- == ChunksInPage)
            {
                Link(frame);
            }

            if (frame->Chunks == 0)
            {
                Unlink(frame);
                frame->Flags &= ~PageFlags.Reserved;
                frame->Mapping = 0;
                pages.Normal.Free(pages.Normal.IndexOf(frame));
            }
        }
    }

    private unsafe bool TryGrow()
    {
        uint page = pages.Normal.Alloc(1);
        if (page == PageFrame.None)
        {
            return false;
        }

        // Chain the chunks so that they are handed out in rising order.
        nint start = pages.Normal.Address(page), next = 0;
        for (int i = (int)ChunksInPage - 1; i >= 0; i--)
        {
            nint chunk = start + (i * chunkSize);
            *(nint*)chunk = next;
            next = chunk;
        }

        PageFrame* frame = pages.Normal.Frame(page);
        frame->Flags |= PageFlags.Reserved;
        frame->Mapping = next;
        frame->Chunks = 0;
        Link(frame);
        return true;
    }

    private unsafe void Link(PageFrame* frame)
    {
        uint index = pages.Normal.IndexOf(frame);
        frame->Prev = PageFrame.None;
        frame->Next = _first;
        if (_first != PageFrame.None)
        {
            pages.Normal.Frame(_first)->Prev = index;
        }

        _first = index;
    }

    private unsafe void Unlink(PageFrame* frame)
    {
        if (frame->Prev == PageFrame.None)
        {
            _first = frame->Next;
        }
        else
        {
            pages.Normal.Frame(frame->Prev)->Next = frame->Next;
        }

        if (frame->Next != PageFrame.None)
        {
            pages.Normal.Frame(frame->Next)->Prev = frame->Prev;
        }
    }
}
