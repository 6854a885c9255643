using SlabGen.Reclaim;

namespace SlabGen.Metrics;

/// <summary>What the meter says of a runtime, or of several that have one name.</summary>
internal sealed class RuntimeSums(string runtime)
{
    public string Runtime => runtime;

    public long Committed { get; private set; }

    /// <summary>The most that was committed: by it the largest are named, and stay so.</summary>
    public long Peak { get; private set; }

    public long Limit { get; private set; }

    public long Returned { get; private set; }

    /// <summary>Passes and what they brought, by <see cref="ReclaimKind"/>.</summary>
    public long[] Passes { get; } = new long[(int)ReclaimKind.Idle + 1];

    /// <inheritdoc cref="Passes"/>
    public long[] Reclaimed { get; } = new long[(int)ReclaimKind.Idle + 1];

    /// <summary>Pages by node and zone.</summary>
    public SortedDictionary<(int Node, string Zone), (long Used, long Free)> Zones { get; } = [];

    public void Add(PageAllocator pages)
    {
        Committed += pages.CommittedBytes;
        Peak += pages.PeakCommittedBytes;
        Limit += pages.Limit;
        Returned += pages.ReturnedBytes;
        foreach (Zone zone in pages.ZoneSpan)
        {
            AddZone((zone.Node, zone.Name), zone.AllocatedPages, zone.FreePages);
        }

        ReclaimTotals? totals = (pages.Reclaimer as DirectReclaim)?.Totals;
        for (int kind = 0; totals is not null && kind < Passes.Length; kind++)
        {
            Passes[kind] += totals.Passes((ReclaimKind)kind);
            Reclaimed[kind] += totals.Bytes((ReclaimKind)kind);
        }
    }

    public void Add(RuntimeSums other)
    {
        Committed += other.Committed;
        Peak += other.Peak;
        Limit += other.Limit;
        Returned += other.Returned;
        foreach (((int Node, string Zone) zone, (long used, long free)) in other.Zones)
        {
            AddZone(zone, used, free);
        }

        for (int kind = 0; kind < Passes.Length; kind++)
        {
            Passes[kind] += other.Passes[kind];
            Reclaimed[kind] += other.Reclaimed[kind];
        }
    }

    private void AddZone((int Node, string Zone) zone, long used, long free)
    {
        (long Used, long Free) before = Zones.GetValueOrDefault(zone);
        Zones[zone] = (before.Used + used, before.Free + free);
    }
}
