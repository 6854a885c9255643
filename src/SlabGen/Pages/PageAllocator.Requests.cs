using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using SlabGen.Memory;
using SlabGen.Zones;

namespace SlabGen;

// What a request says, and in which order zones are asked.
public sealed partial class PageAllocator
{
    /// <summary>Below this no system hands out addresses, so that null pointers fault (Linux: <c>vm.mmap_min_addr</c>; Windows: 64 KiB).</summary>
    private const nint LowestAddress = 64 << 10;

    internal const GfpFlags ZoneMask = GfpFlags.Dma | GfpFlags.Dma32 | GfpFlags.HighMem;

    private const GfpFlags Known = ZoneMask | GfpFlags.Kernel | GfpFlags.HighPriority | GfpFlags.Zero
        | GfpFlags.NoFail | GfpFlags.NoRetry | GfpFlags.ThisNode;

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
        else if ((gfp & GfpFlags.NoFail) != 0 && (gfp & GfpFlags.NoRetry) != 0)
        {
            wrong = "NoFail contradicts NoRetry";
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

    private unsafe bool TryAllocSlow(GfpFlags gfp, uint pages, ZoneFallback fallback, int node, out PagePtr page)
    {
        Validate(gfp, fallback, node);
        ObjectDisposedException.ThrowIf(IsUnmapped, this);
        ZoneKind kind = KindOf(gfp);
        AddIfLow(kind);
        page = default;
        if (pages > _budget.LimitPages && kind != ZoneKind.HighMem)
        {
            return false; // more than there can ever be: no reason to trouble the caches, nor to wait
        }

        Zone[] zones = Lists(kind, fallback, node, (gfp & GfpFlags.ThisNode) != 0);
        bool took = TryOnce(zones, pages, kind, gfp, out Zone? zone, out uint block, out bool zeroed);
        WakeIfWanted();
        int rounds = (gfp & GfpFlags.DirectReclaim) == 0 ? 0 : (gfp & GfpFlags.NoRetry) != 0 ? 1 : MaxReclaimRetries;
        for (int round = 0; !took && round < rounds; round++)
        {
            bool progress = Reclaimer?.Reclaim(gfp, pages) == true;
            took = TryOnce(zones, pages, kind, gfp, out zone, out block, out zeroed);
            if ((gfp & GfpFlags.NoFail) != 0)
            {
                round = -1; // until somebody else frees memory
                if (!progress && !took)
                {
                    UninterruptibleLock.Pause();
                }
            }
            else if (!progress)
            {
                break;
            }
        }

        if (!took)
        {
            return false;
        }

        bool clear = (gfp & GfpFlags.Zero) != 0 && !zeroed;
        if (!zone!.IsMapped)
        {
            if (PrepareOrFree(zone, block, pages, map: (gfp & GfpFlags.HighMem) == 0, clear) is { } refusal)
            {
                throw new IOException($"{pages} page(s) of {zone} cannot be mapped: {refusal}");
            }
        }
        else if (clear)
        {
            NativeMemory.Clear((void*)zone.Address(block), (nuint)pages << Page.Shift);
        }

        page = new PagePtr(zone, block);
        return true;
    }

    /// <summary>The zones in turn, held to the low watermark; then again, to the min watermark with the request's discounts (<c>get_page_from_freelist</c>).</summary>
    private bool TryOnce(Zone[] zones, uint pages, ZoneKind kind, GfpFlags gfp, [NotNullWhen(true)] out Zone? zone, out uint block, out bool zeroed)
    {
        if (FailsPages)
        {
            (zone, block, zeroed) = (null, PageFrame.None, false);
            return false;
        }

        if (TryMarks(zones, pages, kind, gfp, out zone, out block, out zeroed))
        {
            return true;
        }

        // Pages that wait in sets are no use to a larger block, nor to another processor (drain_all_pages).
        return DrainPageSets(zones) > 0 && TryMarks(zones, pages, kind, gfp, out zone, out block, out zeroed);
    }

    private bool TryMarks(Zone[] zones, uint pages, ZoneKind kind, GfpFlags gfp, [NotNullWhen(true)] out Zone? zone, out uint block, out bool zeroed)
    {
        int order = Page.OrderOf((long)pages << Page.Shift);
        foreach (Zone candidate in zones)
        {
            if (TryZone(candidate, candidate.LowWatermark, GfpFlags.None, out block, out zeroed))
            {
                zone = candidate;
                return true;
            }
        }

        if ((gfp & GfpFlags.BackgroundReclaim) != 0)
        {
            if ((Volatile.Read(ref _shortKinds) & (1 << (int)kind)) == 0)
            {
                Interlocked.Or(ref _shortKinds, 1 << (int)kind);
            }

            Volatile.Write(ref _wakeWanted, true);
        }

        foreach (Zone candidate in zones)
        {
            if (TryZone(candidate, candidate.MinWatermark, gfp, out block, out zeroed))
            {
                zone = candidate;
                return true;
            }
        }

        zone = null;
        block = PageFrame.None;
        zeroed = false;
        return false;

        bool TryZone(Zone candidate, long mark, GfpFlags discounts, out uint got, out bool zeros)
        {
            // A higher zone, reached by preference, keeps nothing back from a request for a lower one.
            ZoneKind highest = (ZoneKind)Math.Max((int)kind, (int)candidate.Kind);
            got = PageFrame.None;
            zeros = false;
            if (!candidate.IsOk(order, mark, highest, discounts))
            {
                return false;
            }

            got = candidate.AllocForRequest(pages, out zeros);
            if (got == PageFrame.None)
            {
                return false;
            }

            if (candidate != zones[0])
            {
                candidate.CountFallbackIn();
                zones[0].CountFallbackOut();
            }

            return true;
        }
    }

    private OutOfMemoryException OutOfPages(GfpFlags gfp, long pages, ZoneFallback fallback) => new(
        $"No {pages} page(s) in one block for {gfp}, {fallback}: {WhyNoBlock(pages, KindOf(gfp), fallback)}. {UsedBytes} of the {Limit} bytes of SlabRuntimeOptions.MemoryLimit are in use.");
}
