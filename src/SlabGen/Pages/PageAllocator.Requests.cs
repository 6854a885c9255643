using SlabGen.Memory;
using SlabGen.Pages;

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

        if (node < -1 || node >= _nodes.Length)
        {
            throw new ArgumentOutOfRangeException(nameof(node), node, $"The node must be from 0 to {_nodes.Length - 1}, or -1 for that of the calling thread.");
        }
    }

    /// <summary>The one node that a valid request asks for; -1 when any will do, as always where there is but one.</summary>
    internal int NodeOf(GfpFlags gfp, int node) =>
        _nodes.Length == 1 ? -1
        : node < 0 && (gfp & GfpFlags.ThisNode) != 0 ? _topology.CurrentNode()
        : node;

    /// <summary>The zones that may serve a request, first choice first: those of the nearest node, then those of the next (<c>build_zonelists</c>).</summary>
    private Zone[] Lists(ZoneKind kind, ZoneFallback fallback, int node, bool thisNode)
    {
        node = node >= 0 ? node : CurrentNode();
        int key = (((((node * PageNode.ZoneKinds) + (int)kind) * 2) + (int)fallback) * 2) + (thisNode ? 1 : 0);
        Zone[]?[] lists = Volatile.Read(ref _zoneLists);
        return lists[key] ??= BuildList(kind, fallback, node, thisNode);
    }

    private Zone[] BuildList(ZoneKind kind, ZoneFallback fallback, int node, bool thisNode) =>
        [.. (thisNode ? [node] : _topology.FallbackOrder(node)).SelectMany(n => _nodes[n].ZoneList(kind, fallback))];

    private void AddInitialZones()
    {
        long limitPages = _options.LimitPages;
        if (_options.Layout == ZoneLayout.Classic)
        {
            AddClassicZones(limitPages);
        }
        else
        {
            long share = limitPages / _nodes.Length;
            foreach (PageNode node in _nodes)
            {
                uint pages = (uint)(node.Index == 0 ? limitPages - (share * (_nodes.Length - 1)) : share);
                int? bind = _nodes.Length > 1 ? node.SystemNode : null;
                var window = new AddressWindow(_options.Memory, _options.Normal, pages, LargestBlock, bind);
                Add(node, ZoneKind.Normal, window, pages, window.Start >> Page.Shift);
            }

            AddHighMem(_options.HighMem.Bytes >> Page.Shift, startPfn: null);
        }

        UpdateWatermarks();
    }

    /// <summary>Divides the limit as a PC with 32 bits does, by the number of the page frame.</summary>
    private void AddClassicZones(long limitPages)
    {
        long dma = Math.Min(limitPages, _options.DmaEnd >> Page.Shift);
        long normal = Math.Min(limitPages, _options.ClassicNormalEnd >> Page.Shift) - dma;
        AddClassic(ZoneKind.Dma, dma, _options.Dma, 0);
        AddClassic(ZoneKind.Normal, normal, _options.Normal, dma);
        AddHighMem(limitPages - dma - normal, dma + normal);

        void AddClassic(ZoneKind kind, long pages, ZoneOptions options, long startPfn)
        {
            if (pages > 0)
            {
                Add(_nodes[0], kind, new AddressWindow(_options.Memory, options, (uint)pages, LargestBlock), pages, startPfn);
            }
        }
    }

    /// <summary>The zones with low addresses are reserved at the first request that names them, so that others pay nothing for them.</summary>
    internal void AddIfLow(ZoneKind kind)
    {
        if (kind > ZoneKind.Dma32 || _options.Layout == ZoneLayout.Classic || _nodes[0][kind] is not null)
        {
            return;
        }

        using (_zonesLock.Hold())
        {
            if (_nodes[0][kind] is not null)
            {
                return;
            }

            ObjectDisposedException.ThrowIf(IsReleased, this);
            (nint start, nint end) = kind == ZoneKind.Dma ? (0, (nint)_options.DmaEnd) : ((nint)_options.DmaEnd, (nint)_options.Dma32End);
            var window = new AddressWindow(_options.Memory, kind == ZoneKind.Dma ? _options.Dma : _options.Dma32, start, LowestAddress, end);
            Add(_nodes[0], kind, window, window.Present.Sum(p => p.Pages), start >> Page.Shift);
            UpdateWatermarks();
        }
    }

    private void Add(PageNode node, ZoneKind kind, ZoneWindow window, long managedPages, long startPfn, MemoryBudget? budget = null)
    {
        var zone = new Zone(kind, node.Index, window, _options.Memory, budget ?? _budget, (uint)managedPages, _options.Processors)
        {
            StartPfn = startPfn,
            Owner = this,
        };
        node[kind] = zone;
        Volatile.Write(ref _zones, [.. _nodes.SelectMany(n => n.ZoneList(ZoneKind.HighMem, ZoneFallback.Strict).Reverse())]);
        Volatile.Write(ref _zoneLists, new Zone[]?[_nodes.Length * PageNode.ZoneKinds * 2 * 2]);
    }

    /// <summary>What each zone keeps depends on all of them (<c>setup_per_zone_wmarks</c>, <c>setup_per_zone_lowmem_reserve</c>).</summary>
    private void UpdateWatermarks()
    {
        long lowmem = _zones.Where(z => z.Kind != ZoneKind.HighMem).Sum(z => (long)z.ManagedPages);
        long minFree = (_options.MinFreeBytes ?? (Watermarks.MinFreeKilobytes(lowmem * Page.Size / 1024) * 1024)) >> Page.Shift;
        foreach (PageNode node in _nodes)
        {
            foreach (Zone zone in node.ZoneList(ZoneKind.HighMem, ZoneFallback.Strict))
            {
                zone.SetWatermarks(
                    Watermarks.Of(zone.Kind, zone.ManagedPages, lowmem, minFree, _options.WatermarkScaleFactor),
                    Watermarks.LowmemReserve(zone.Kind, node.ManagedPages()));
            }
        }
    }
}
