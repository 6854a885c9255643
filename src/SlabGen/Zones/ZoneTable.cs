using SlabGen.Memory;

namespace SlabGen.Zones;

/// <summary>
/// The zones of a runtime at one moment, and the order in which a request asks them. A table never changes. To add a
/// zone, a new table replaces the old one in one store. So a thread that sees a zone in one place sees it everywhere.
/// </summary>
/// <remarks>
/// <see cref="PageAllocator"/> replaces the table under its lock. Anyone reads it without the lock: each operation
/// reads the reference once, and goes on with what it found. A zone is complete (watermarks, kmap window) before it is
/// in a table, and is in every later one. Only the lists are filled in late. Two threads may both build one, and build
/// the same.
/// </remarks>
internal sealed class ZoneTable
{
    public const int ZoneKinds = 4;

    private readonly NumaTopology _topology;
    private readonly Zone?[] _zones; // by Zone.Index
    private readonly Zone[]?[] _lists; // by node, kind, fallback and whether only this node

    public ZoneTable(NumaTopology topology)
        : this(topology, new Zone?[topology.Nodes.Count * ZoneKinds], [], null)
    {
    }

    private ZoneTable(NumaTopology topology, Zone?[] zones, Zone[] own, Zone? blocks)
    {
        _topology = topology;
        _zones = zones;
        _lists = new Zone[]?[zones.Length * 2 * 2 * 2];
        Blocks = blocks;
        var all = new List<Zone>();
        foreach (Zone? zone in zones)
        {
            if (zone is not null)
            {
                all.Add(zone);
            }
        }

        if (blocks is not null)
        {
            all.Add(blocks);
        }

        All = all.ToArray();
        Own = own;
        all.AddRange(own);
        Every = all.ToArray();
    }

    /// <summary>The zones that exist, by node and kind.</summary>
    public Zone[] All { get; }

    /// <summary>
    /// Where blocks of whole pages lie that ask for Normal, if not with slabs. It has no place of its own by node and
    /// kind.
    /// </summary>
    public Zone? Blocks { get; }

    /// <summary>The zone of SlabGen's own metadata, which no request names.</summary>
    public Zone[] Own { get; }

    /// <summary><see cref="All"/>, and <see cref="Own"/>.</summary>
    public Zone[] Every { get; }

    public Zone? this[int node, ZoneKind kind] => _zones[(node * ZoneKinds) + (int)kind];

    /// <summary>The table with one more zone.</summary>
    public ZoneTable With(Zone zone)
    {
        var zones = (Zone?[])_zones.Clone();
        zones[zone.Index] = zone;
        return new ZoneTable(_topology, zones, Own, Blocks);
    }

    /// <summary>The table with the zone of SlabGen's own metadata, and that of blocks, if there is one.</summary>
    public ZoneTable With(Zone own, Zone? blocks) => new(_topology, _zones, [own], blocks);

    /// <summary>
    /// The zones that may serve a request, first choice first: those of the nearest node, then those of the next
    /// (<c>build_zonelists</c>).
    /// </summary>
    public Zone[] List(ZoneKind kind, ZoneFallback fallback, int node, bool thisNode, bool forSlab = true)
    {
        bool blocks = Blocks is not null && !forSlab;
        int key = ((((((node * ZoneKinds) + (int)kind) * 2) + (int)fallback) * 2) + (thisNode ? 1 : 0)) * 2;
        return _lists[key + (blocks ? 1 : 0)] ??= BuildList(kind, fallback, node, thisNode, blocks);
    }

    private Zone[] BuildList(ZoneKind kind, ZoneFallback fallback, int node, bool thisNode, bool blocks)
    {
        var list = new List<Zone>();
        foreach (int near in thisNode ? [node] : _topology.FallbackOrder(node))
        {
            AddOfNode(list, near, kind, fallback);
        }

        for (int i = 0; blocks && i < list.Count; i++)
        {
            list[i] = list[i].Kind == ZoneKind.Normal ? Blocks! : list[i];
        }

        return list.ToArray();
    }

    /// <summary>The pages of a node's zones, by kind; 0 for those that are not there.</summary>
    public long[] ManagedPages(int node)
    {
        long[] pages = new long[ZoneKinds];
        for (int kind = 0; kind < ZoneKinds; kind++)
        {
            pages[kind] = this[node, (ZoneKind)kind]?.ManagedPages ?? 0;
        }

        return pages;
    }

    private void AddOfNode(List<Zone> list, int node, ZoneKind kind, ZoneFallback fallback)
    {
        for (ZoneKind lower = kind; lower >= ZoneKind.Dma; lower--)
        {
            if (this[node, lower] is { } zone)
            {
                list.Add(zone);
            }
        }

        for (ZoneKind higher = kind + 1; fallback == ZoneFallback.Preferred && higher <= ZoneKind.HighMem; higher++)
        {
            if (this[node, higher] is { } zone)
            {
                list.Add(zone);
            }
        }
    }
}
