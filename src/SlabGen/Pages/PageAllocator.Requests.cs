using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using SlabGen.Guards;
using SlabGen.Memory;
using SlabGen.Pages;
using SlabGen.Zones;

namespace SlabGen;

// What a request asks for, and in which order zones are tried.
public sealed partial class PageAllocator
{
    /// <summary>
    /// Below this lies no page of a zone. No system hands out the first addresses, so that null pointers fault (Linux:
    /// <c>vm.mmap_min_addr</c>; Windows: 64 KiB); behind them lie guarded objects.
    /// </summary>
    private const nint LowestAddress = GuardRange.End;

    internal const GfpFlags ZoneMask = GfpFlags.Dma | GfpFlags.Dma32 | GfpFlags.HighMem;

    private const GfpFlags Known = ZoneMask | GfpFlags.Kernel | GfpFlags.HighPriority | GfpFlags.Zero
        | GfpFlags.NoFail | GfpFlags.NoRetry | GfpFlags.ThisNode;

    /// <summary>The highest zone that may serve a request (<c>gfp_zone</c>).</summary>
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

    /// <summary>
    /// The one node that a valid request asks for; -1 when any node will do. With one node it is always -1.
    /// </summary>
    internal int NodeOf(GfpFlags gfp, int node) =>
        NodeCount == 1 ? -1
        : node < 0 && (gfp & GfpFlags.ThisNode) != 0 ? _topology.CurrentNode()
        : node;

    /// <summary>The zones that may serve a request, first choice first.</summary>
    private Zone[] Lists(in PageRequest request) =>
        request.IsOwn ? _zones.Own : _zones.List(request.Kind, request.Fallback,
            request.Node >= 0 ? request.Node : CurrentNode(),
            request.Has(GfpFlags.ThisNode), forSlab: request.IsSlab);

    private unsafe bool TryAllocSlow(in PageRequest request, out PagePtr page)
    {
        Validate(request.Gfp, request.Fallback, request.Node);
        ObjectDisposedException.ThrowIf(IsUnmapped, this);
        AddIfLow(request.Kind);
        page = default;
        if (request.Pages > _budget.LimitPages && request.Kind != ZoneKind.HighMem)
        {
            return false; // more than can ever exist: no reason to trouble the caches, or to wait
        }

        bool took = TryOnce(request, out Zone? zone, out uint block, out bool zeroed);
        WakeIfWanted();
        var loop = new ReclaimLoop(request.Gfp);
        if (!took && loop.MayReclaim)
        {
            bool progress;
            do
            {
                progress = loop.MayReclaim && Reclaimer?.Reclaim(request.Gfp, request.Pages) == true;
                took = TryOnce(request, out zone, out block, out zeroed);
            }
            while (!took && loop.GoesOn(progress));
        }

        if (!took)
        {
            return false;
        }

        bool clear = request.Has(GfpFlags.Zero) && !zeroed;
        if (!zone!.IsMapped)
        {
            if (PrepareOrFree(zone, block, request.Pages, map: !request.Has(GfpFlags.HighMem), clear) is { } refusal)
            {
                throw new IOException($"{request.Pages} page(s) of {zone} cannot be mapped: {refusal}");
            }
        }
        else if (clear)
        {
            NativeMemory.Clear((void*)zone.Address(block), (nuint)request.Pages << Page.Shift);
        }

        page = new PagePtr(zone, block);
        return true;
    }

    /// <summary>
    /// The zones in turn, held to the low watermark; then again, to the min watermark with the request's discounts
    /// (<c>get_page_from_freelist</c>).
    /// </summary>
    /// <remarks>
    /// A full GC heap counts as having no pages. The layers above hold locks and objects, and know what to do without
    /// pages: an exception would leave a free half done. A user asks by a <c>Try</c> that returns false.
    /// </remarks>
    private bool TryOnce(in PageRequest request, [NotNullWhen(true)] out Zone? zone, out uint block, out bool zeroed)
    {
        try
        {
            if (!FailsPages)
            {
                Zone[] zones = Lists(request);

                // Pages that wait in sets are no use to a larger block, nor to another processor (drain_all_pages).
                return TryMarks(zones, request, out zone, out block, out zeroed)
                    || (Drain(request.IsOwn ? _zones.All : zones) > 0
                        && TryMarks(zones, request, out zone, out block, out zeroed));
            }
        }
        catch (OutOfMemoryException)
        {
            // As if there were no pages.
        }

        (zone, block, zeroed) = (null, PageFrame.None, false);
        return false;
    }

    private static long Drain(Zone[] zones)
    {
        long pages = 0;
        foreach (Zone zone in zones)
        {
            pages += zone.DrainPageSets();
        }

        return pages;
    }

    private bool TryMarks(Zone[] zones, in PageRequest request, [NotNullWhen(true)] out Zone? zone, out uint block,
        out bool zeroed)
    {
        foreach (Zone candidate in zones)
        {
            if (TryZone(zones, candidate, candidate.LowWatermark, request, GfpFlags.None, out block, out zeroed))
            {
                zone = candidate;
                return true;
            }
        }

        if (request.Has(GfpFlags.BackgroundReclaim))
        {
            int kind = 1 << (int)request.Kind;
            if ((Volatile.Read(ref _shortKinds) & kind) == 0)
            {
                Interlocked.Or(ref _shortKinds, kind);
            }

            Volatile.Write(ref _wakeWanted, true);
        }

        foreach (Zone candidate in zones)
        {
            if (TryZone(zones, candidate, candidate.MinWatermark, request, request.Gfp, out block, out zeroed))
            {
                zone = candidate;
                return true;
            }
        }

        zone = null;
        block = PageFrame.None;
        zeroed = false;
        return false;
    }

    /// <summary>One zone, held to a watermark with the discounts that are given.</summary>
    private static bool TryZone(Zone[] zones, Zone candidate, long mark, in PageRequest request, GfpFlags discounts,
        out uint got, out bool zeros)
    {
        // A higher zone, reached by preference, keeps nothing back from a request for a lower one.
        ZoneKind highest = (ZoneKind)Math.Max((int)request.Kind, (int)candidate.Kind);
        got = PageFrame.None;
        zeros = false;
        if (!candidate.IsOk(request.Order, mark, highest, discounts))
        {
            return false;
        }

        got = candidate.AllocForRequest(request.Pages, out zeros);
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

    private OutOfMemoryException OutOfPages(in PageRequest request) => new(
        $"No {request.Pages} page(s) in one block for {request.Gfp}, {request.Fallback}: {WhyNoBlock(request)}. {UsedBytes} of the {Limit} bytes of SlabRuntimeOptions.MemoryLimit are in use.");
}
