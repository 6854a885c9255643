using SlabGen.Memory;
using SlabGen.Pages;

namespace SlabGen;

// The texts of errors: why there were no pages, as far as can be seen afterwards.
public sealed partial class PageAllocator
{
    private const string RefusedOnPurpose = "SlabFaults refuses pages";

    /// <summary>Why no zone has a block, as the rest of a sentence.</summary>
    internal string WhyNoBlock(PageRequest request)
    {
        if (Faults.IsInjected(FaultPoint.Pages))
        {
            return RefusedOnPurpose;
        }

        if (request.Pages > _budget.LimitPages && request.Kind != ZoneKind.HighMem)
        {
            return AboveTheLimit((nuint)request.Pages << Page.Shift);
        }

        Zone[] zones = Lists(request with { Gfp = request.Gfp & ~GfpFlags.ThisNode, Node = -1 });
        return zones.Length == 0
            ? "this runtime has no such zone"
            : string.Join("; ", zones.Select(zone => zone.WhyNoBlock(request.Pages, request.Kind)));
    }

    /// <summary>
    /// Why neither a block nor a mapping of its own holds this many bytes, as the rest of a sentence.
    /// </summary>
    internal string WhyNoBytes(nuint bytes) => bytes > (nuint)Limit ? AboveTheLimit(bytes) : WhyNoBytes((long)bytes);

    private string WhyNoBytes(long bytes) =>
        Faults.IsInjected(FaultPoint.Pages) ? RefusedOnPurpose
        : bytes > UsableLimit ? $"{bytes} bytes are above the {UsableLimit} bytes that the limit leaves besides its reserve"
        : UsedBytes + bytes > UsableLimit ? "the limit is reached"
        : $"{(bytes > LargestBlock ? "" : $"{(_zones.Blocks ?? Normal).WhyNoBlock(Page.Count(bytes), ZoneKind.Normal)}; ")}a mapping of its own was refused: {_large.Refusal ?? "there is one now"}";

    private string AboveTheLimit(nuint bytes) => $"{bytes} bytes are above the limit of {Limit} bytes";

    /// <summary>
    /// Called after memory was taken outside the zones. Free pages that still hold memory count against the limit as
    /// well.
    /// </summary>
    private void MakeRoom()
    {
        foreach (Zone zone in _zones.Every)
        {
            zone.TrimIfOverLimit();
        }
    }
}
