using SlabGen.Memory;

namespace SlabGen.Pages;

/// <summary>The zones whose memory is near the same processors: the kernel's <c>pg_data_t</c>.</summary>
/// <remarks>
/// <see cref="_zones"/> is filled by <see cref="PageAllocator"/> under its lock, and read by anyone: a zone never goes
/// once it is there.
/// </remarks>
internal sealed class PageNode(int index, int systemNode)
{
    public const int ZoneKinds = 4;

    private readonly Zone?[] _zones = new Zone?[ZoneKinds];

    /// <summary>The number of the node here, from 0.</summary>
    public int Index { get; } = index;

    /// <summary>The system's number of the node.</summary>
    public int SystemNode { get; } = systemNode;

    public Zone? this[ZoneKind kind]
    {
        get => Volatile.Read(ref _zones[(int)kind]);
        set => Volatile.Write(ref _zones[(int)kind], value);
    }

    /// <summary>The pages of the zones, by kind; 0 for those that are not there.</summary>
    public long[] ManagedPages() => [.. Enum.GetValues<ZoneKind>().Select(kind => (long)(this[kind]?.ManagedPages ?? 0))];

    /// <summary>The zones that may serve a request, first choice first.</summary>
    public IEnumerable<Zone> ZoneList(ZoneKind kind, ZoneFallback fallback)
    {
        for (ZoneKind lower = kind; lower >= ZoneKind.Dma; lower--)
        {
            if (this[lower] is { } zone)
            {
                yield return zone;
            }
        }

        for (ZoneKind higher = kind + 1; fallback == ZoneFallback.Preferred && higher <= ZoneKind.HighMem; higher++)
        {
            if (this[higher] is { } zone)
            {
                yield return zone;
            }
        }
    }
}
