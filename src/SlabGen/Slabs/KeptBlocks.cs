using SlabGen.Pages;
using SlabGen.Zones;

namespace SlabGen.Slabs;

/// <summary>
/// The blocks of pages that were slabs of a cache, and whose addresses it keeps
/// (<see cref="SlabCacheOptions.TypeStable"/>): they have no memory, and become slabs of the same cache again before any
/// other block does.
/// </summary>
/// <remarks>
/// Under the list lock of the cache. Lists by zone and order, the last first, linked by <c>Next</c> of the first frame,
/// which is the owner's. The guard of a block stays.
/// </remarks>
internal sealed class KeptBlocks(PageAllocator pages)
{
    private readonly uint[] _first = Empty(pages.MaxZones); // 1 + the index of the frame, or 0

    /// <summary>Blocks that are kept.</summary>
    public int Count { get; private set; }

    /// <summary>Keeps a block, whose frames name the cache no more.</summary>
    public unsafe void Add(Zone zone, uint block, int order)
    {
        PageFrame* head = zone.Frame(block);
        zone.Keep(block, head->Pages - (zone.IsGuarded(block) ? 1u : 0u));
        ref uint first = ref _first[Index(zone, order)];
        head->Next = first;
        first = block + 1;
        Count++;
    }

    /// <summary>
    /// Takes a block of an order, on a node or on any, if one is kept and the zone has so many pages.
    /// </summary>
    public unsafe bool TryTake(int order, in PageRequest request, out Zone? zone, out uint block)
    {
        block = PageFrame.None;
        zone = null;
        foreach (Zone candidate in Count == 0 ? default : pages.ZoneSpan)
        {
            ref uint first = ref _first[Index(candidate, order)];
            if (first == 0 || candidate.OwnName is not null || (request.Node >= 0 && candidate.Node != request.Node)
                || !pages.TryRetake(candidate, first - 1, request))
            {
                continue;
            }

            zone = candidate;
            block = first - 1;
            first = zone.Frame(block)->Next;
            Count--;
            return true;
        }

        return false;
    }

    /// <summary>Gives all addresses back, at the end of the cache.</summary>
    public unsafe void ReleaseAll()
    {
        foreach (Zone zone in pages.ZoneSpan)
        {
            for (int order = 0; order <= BuddyAllocator.MaxOrder && zone.OwnName is null; order++)
            {
                ref uint first = ref _first[Index(zone, order)];
                while (first != 0)
                {
                    uint block = first - 1;
                    first = zone.Frame(block)->Next;
                    zone.Unguard(block);
                    zone.Release(block);
                    Count--;
                }
            }
        }
    }

    private static uint[] Empty(int zones) => new uint[zones * (BuddyAllocator.MaxOrder + 1)];

    private static int Index(Zone zone, int order) => (zone.Index * (BuddyAllocator.MaxOrder + 1)) + order;
}
