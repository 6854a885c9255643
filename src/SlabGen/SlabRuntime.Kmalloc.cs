using SlabGen.Memory;
using SlabGen.Slabs;

namespace SlabGen;

// The caches of a Kmalloc.
public sealed partial class SlabRuntime
{
    private Kmalloc CreateKmalloc(string name, SlabAccount? account, bool isPrivate)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        long least = KmallocSizes.Largest + Page.Size; // a slab of the largest size, and a page for its descriptor
        if (_pages.UsableLimit < least)
        {
            throw new InvalidOperationException($"Kmalloc needs a memory limit of {least} bytes or more besides the reserve; this runtime has {_pages.UsableLimit}.");
        }

        // What waits in the depots of small sizes is bounded together; whole pages wait in the threads' magazines
        // alone.
        var budget = new DepotBudget(() => _pages.UsedBytes, Kmalloc.DepotSlack, Kmalloc.DepotBytesOfOneSize);
        var small = new SlabCacheOptions
        {
            DepotBytes = Kmalloc.DepotBytes,
            DepotBudget = budget,
            InBins = true,
            StartsSmall = true,
            MinPartial = 2, // of many sizes most are at rest
            Account = account,
        };
        SlabCacheOptions whole =
            small with { DepotBytes = 0, MinPartial = 0, Alignment = Page.Size, WholePages = true };
        return new Kmalloc(name, account, isPrivate, _pages, _caches, _largeBlockOwners, budget,
            (cacheName, size, alignment) =>
            CreateCache(cacheName, size,
                size > KmallocSizes.Largest
                    ? whole with { MagazineRounds = KmallocSizes.WholeRounds(size) }
                    // The kernel's order: most sizes have few objects.
                    : small with
                    {
                        Alignment = alignment,
                        Order = Math.Max(SlabLayout.OrderOf(size, _options.Processors, Page.Size),
                            _options.GuardPages ? SlabLayout.LeastGuardedOrder : 0),
                    }, life: null));
    }
}
