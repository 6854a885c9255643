using SlabGen.Memory;
using SlabGen.Zones;

namespace SlabGen.Metadata;

// Counts the invariants that do not hold.
internal sealed partial class MetadataPool
{
    /// <summary>Walks the pages that have a free chunk, and the free chunks in each.</summary>
    public unsafe void Validate(ValidationReport report)
    {
        using (_lock.Hold())
        {
            report.Subject = $"Metadata of {chunkSize} bytes";
            uint previous = PageFrame.None;
            for (uint page = _withRoom.First; page != PageFrame.None;)
            {
                PageFrame* frame = _zone.Frame(page);
                nint start = _zone.Address(page);
                if (frame->Flags != (PageFlags.Head | PageFlags.Reserved) || frame->Prev != previous)
                {
                    report.Add($"0x{start:x}: a page with free chunks has flags {frame->Flags}, and is not linked as it should be");
                    break; // its links cannot be trusted
                }

                report.Expect(start, "free chunks", CountFree(frame, start), ChunksInPage - frame->Chunks);
                (previous, page) = (page, frame->Next);
            }
        }
    }

    /// <summary>The length of the chain of free chunks. The chain ends where a link leaves the page.</summary>
    private unsafe long CountFree(PageFrame* frame, nint start)
    {
        long free = 0;
        for (nint chunk = frame->Mapping; chunk != 0 && free <= ChunksInPage; chunk = *(nint*)chunk)
        {
            nint offset = chunk - start;
            if (offset < 0 || offset >= Page.Size || offset % chunkSize != 0)
            {
                return -1;
            }

            free++;
        }

        return free;
    }
}
