namespace SlabGen;

// What a request says, and in which order zones are asked.
public sealed partial class PageAllocator
{
    /// <summary>Below this no system hands out addresses, so that null pointers fault (Linux: <c>vm.mmap_min_addr</c>; Windows: 64 KiB).</summary>
    private const nint LowestAddress = 64 << 10;

    internal const GfpFlags ZoneMask = GfpFlags.Dma | GfpFlags.Dma32 | GfpFlags.HighMem;

    private const GfpFlags Known = ZoneMask | GfpFlags.Kernel | GfpFlags.HighPriority | GfpFlags.Zero | GfpFlags.NoWarn
        | GfpFlags.RetryMayFail | GfpFlags.NoFail | GfpFlags.NoRetry | GfpFlags.ThisNode;

    /// <summary>The highest zone a request may have its pages from (<c>gfp_zone</c>).</summary>
    internal static ZoneKind KindOf(GfpFlags gfp) => (gfp & ZoneMask) switch
    {
        GfpFlags.Dma => ZoneKind.Dma,
        GfpFlags.Dma32 => ZoneKind.Dma32,
        GfpFlags.HighMem => ZoneKind.HighMem,
        _ => ZoneKind.Normal,
    };

    /// <exception cref="ArgumentException">The flags contradict themselves.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The fallback or the node is out of range.</exception>
    internal void Validate(GfpFlags gfp, ZoneFallback fallback, int node)
    {
        string? wrong = null;
        if ((gfp & ~Known) != 0)
        {
            wrong = $"0x{(int)(gfp & ~Known):x} has no meaning";
        }
        else if (!int.IsPow2((int)(gfp & ZoneMask)) && (gfp & ZoneMask) != 0)
        {
            wrong = $"{gfp & ZoneMask} names more than one zone";
        }
        else if ((gfp & GfpFlags.NoFail) != 0 && (gfp & GfpFlags.DirectReclaim) == 0)
        {
            wrong = "NoFail must be able to wait, and so needs DirectReclaim";
        }
        else if ((gfp & GfpFlags.NoFail) != 0 && (gfp & (GfpFlags.NoRetry | GfpFlags.RetryMayFail)) != 0)
        {
            wrong = "NoFail contradicts NoRetry and RetryMayFail";
        }
        else if ((gfp & GfpFlags.NoRetry) != 0 && (gfp & GfpFlags.RetryMayFail) != 0)
        {
            wrong = "NoRetry contradicts RetryMayFail";
        }

        if (wrong is not null)
        {
            throw new ArgumentException($"GfpFlags {gfp}: {wrong}.", nameof(gfp));
        }

        if (fallback is not (ZoneFallback.Strict or ZoneFallback.Preferred))
        {
            throw new ArgumentOutOfRangeException(nameof(fallback), fallback, "The fallback must be Strict or Preferred.");
        }

        if (node < -1 || node >= NodeCount)
        {
            throw new ArgumentOutOfRangeException(nameof(node), node, $"The node must be from 0 to {NodeCount - 1}, or -1 for that of the calling thread.");
        }
    }

    /// <summary>The one node that a valid request asks for; -1 when any will do, as always where there is but one.</summary>
    internal int NodeOf(GfpFlags gfp, int node) =>
        NodeCount == 1 ? -1
        : node < 0 && (gfp & GfpFlags.ThisNode) != 0 ? _topology.CurrentNode()
        : node;

    /// <summary>The zones that may serve a request, first choice first.</summary>
    private Zone[] Lists(ZoneKind kind, ZoneFallback fallback, int node, bool thisNode) =>
        _zones.List(kind, fallback, node >= 0 ? node : CurrentNode(), thisNode);
}
