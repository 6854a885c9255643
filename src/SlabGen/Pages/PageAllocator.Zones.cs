using SlabGen.Memory;
using SlabGen.Zones;

namespace SlabGen;

// How zones are made: which there are, where they lie, how many of their pages can be in use, and what they keep.
public sealed partial class PageAllocator
{
    /// <returns>
    /// <see langword="false"/> when the address space has no room for the limit, and a lower limit may be tried.
    /// </returns>
    private bool TryAddInitialZones()
    {
        try
        {
            AddInitialZones();
            ZoneTable zones = _zones.With(MakeMetadata(), _options.KeepsAddresses ? MakeBlocks() : null);
            SetWatermarks(zones);
            _zones = zones;
            return true;
        }
        catch (OutOfMemoryException) when (_options.LimitShrinks && _options.LimitPages >= 2 * LeastLimitPages)
        {
            Unmap();
            return false;
        }
        catch
        {
            Unmap();
            throw;
        }
    }

    private void AddInitialZones()
    {
        long limitPages = _options.LimitPages;
        if (_options.Layout == ZoneLayout.Classic)
        {
            AddClassicZones(limitPages);
        }
        else
        {
            long share = limitPages / NodeCount;
            for (int node = 0; node < NodeCount; node++)
            {
                uint pages = (uint)(node == 0 ? limitPages - (share * (NodeCount - 1)) : share);
                int? bind = NodeCount > 1 ? _topology.Nodes[node] : null;
                uint spanned = _options.KeepsAddresses ? KeptSpan(pages) : pages;
                var window = new AddressWindow(_options.Memory, _options.Normal, spanned, LargestBlock, bind,
                    _options.RandomAddresses);
                Add(NewZone(node, ZoneKind.Normal, window, pages, window.Start >> Page.Shift));
            }

            AddHighMem(_options.HighMem.Bytes >> Page.Shift, startPfn: null);
        }
    }

    /// <summary>Divides the limit by page frame numbers, as a 32-bit PC does.</summary>
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
                Add(NewZone(0, kind, new AddressWindow(_options.Memory, options, (uint)pages, LargestBlock,
                    atRandom: _options.RandomAddresses), pages, startPfn));
            }
        }
    }

    /// <summary>
    /// Reserves a zone with low addresses at the first request that names it, so that other programs pay nothing. A
    /// runtime reserves what its limit can use, and at most half of what is left, so that the next runtime finds some.
    /// </summary>
    internal void AddIfLow(ZoneKind kind)
    {
        if (kind > ZoneKind.Dma32 || _options.Layout == ZoneLayout.Classic || _zones[0, kind] is not null)
        {
            return;
        }

        ObjectDisposedException.ThrowIf(!TryAddLow(kind), this);
    }

    /// <returns><see langword="false"/> when everything was unmapped.</returns>
    private bool TryAddLow(ZoneKind kind)
    {
        using (_zonesLock.Hold())
        {
            if (_zones[0, kind] is not null)
            {
                return true;
            }

            if (IsUnmapped)
            {
                return false;
            }

            (nint start, nint end) = kind == ZoneKind.Dma
                ? (0, (nint)_options.DmaEnd) : ((nint)_options.DmaEnd, (nint)_options.Dma32End);
            ZoneOptions options = kind == ZoneKind.Dma ? _options.Dma : _options.Dma32;
            var window = new AddressWindow(_options.Memory, options, start, LowestAddress, end, LargestBlock,
                _options.LimitPages << Page.Shift);
            long managed = Math.Min(window.PresentPages, _options.LimitPages);
            Add(NewZone(0, kind, window, managed, start >> Page.Shift));
            return true;
        }
    }

    private Zone NewZone(int node, ZoneKind kind, ZoneWindow window, long managedPages, long startPfn,
        MemoryBudget? budget = null) =>
        new(kind, node, window, _options.Memory, budget ?? _budget, (uint)managedPages, _options.Processors)
        {
            StartPfn = startPfn,
            Owner = this,
        };

    /// <summary>
    /// Makes a zone visible to requests. Before that, it has its watermarks, and the other zones have watermarks that
    /// fit.
    /// </summary>
    private void Add(Zone zone)
    {
        ZoneTable zones = _zones.With(zone);
        SetWatermarks(zones);
        _zones = zones;
    }

    /// <summary>
    /// Sets what each zone keeps, which depends on all zones (<c>setup_per_zone_wmarks</c>,
    /// <c>setup_per_zone_lowmem_reserve</c>).
    /// </summary>
    /// <remarks>
    /// What counts is the number of pages that can be in use, never addresses. The zones of a machine divide its
    /// memory. Here the zones with low addresses share one limit with Normal, and each keeps its part of what is left
    /// of that limit. So all of them together are no more than the limit.
    /// </remarks>
    private void SetWatermarks(ZoneTable zones)
    {
        long mapped = 0;
        foreach (Zone zone in zones.All)
        {
            mapped += zone.Kind != ZoneKind.HighMem ? zone.ManagedPages : 0;
        }

        long lowmem = Math.Min(_options.LimitPages, mapped);
        // A limit may have shrunk below what was asked for.
        long minFree = Math.Min(lowmem / 2,
            (_options.MinFreeBytes ?? (Watermarks.MinFreeKilobytes(lowmem * Page.Size / 1024) * 1024)) >> Page.Shift);
        foreach (Zone own in zones.Own)
        {
            // It is no part of the limit, but shares it: so what counts is what all keep together.
            own.SetWatermarks(Watermarks.Of(ZoneKind.Normal, lowmem, lowmem, minFree, _options.WatermarkScaleFactor),
                new long[ZoneTable.ZoneKinds]);
        }

        foreach (Zone zone in zones.All)
        {
            zone.SetWatermarks(
                Watermarks.Of(zone.Kind, zone.ManagedPages, lowmem, minFree, _options.WatermarkScaleFactor),
                Watermarks.LowmemReserve(zone.Kind, zones.ManagedPages(zone.Node)));
        }
    }
}
