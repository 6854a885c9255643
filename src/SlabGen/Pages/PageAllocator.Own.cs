using SlabGen.Memory;
using SlabGen.Pages;
using SlabGen.Zones;

namespace SlabGen;

// The pages of SlabGen's own: descriptors of slabs, magazines, links of handles. They lie in a zone of their own, which
// no request names: so no object has them for neighbours, and who writes past an object does not meet them. They count
// against the limit and give their memory back as all others do.
public sealed partial class PageAllocator
{
    /// <summary>Where descriptors and magazines lie.</summary>
    internal Zone Metadata => _zones.Own[0];

    /// <summary>Every zone, also that which no request names.</summary>
    internal ReadOnlySpan<Zone> EveryZone => _zones.Every;

    /// <summary>Takes a page for the allocator's own use.</summary>
    /// <returns>The page, or <see cref="PageFrame.None"/> when there is none without reclaim.</returns>
    internal uint TryAllocMetadata(GfpFlags gfp) =>
        TryOnce(new PageRequest(1, Gfp: gfp) { IsOwn = true }, out _, out uint page, out _) ? page : PageFrame.None;

    /// <summary>Gives a page of <see cref="TryAllocMetadata"/> back.</summary>
    internal void FreeMetadata(uint page) => Metadata.Free(page, PageFlags.Reserved);

    /// <summary>
    /// Half of the limit in addresses: with the smallest objects, all of them in magazines, these are as large as the
    /// objects. Where addresses are scarce it is less, at least a section. Of no node: a page lies where it is first
    /// touched.
    /// </summary>
    /// <remarks>
    /// Locked memory is for what is in the objects, and for their speed: metadata is locked if it can be. It is never
    /// backed by huge pages, which would be mostly empty.
    /// </remarks>
    /// <exception cref="OutOfMemoryException">The address space has no room for it.</exception>
    private Zone MakeMetadata()
    {
        var options = new ZoneOptions
        {
            Pinning = _options.Normal.Pinning == Pinning.None ? Pinning.None : Pinning.BestEffort,
        };
        long most = Math.Min(_options.LimitPages / 2, (_options.Memory.MaxReservation / 16) >> Page.Shift);
        for (long pages = Page.RoundUp(Math.Max(most, 1), LeastLimitPages); ; pages /= 2)
        {
            pages = Page.RoundUp(pages, LeastLimitPages);
            try
            {
                var window = new AddressWindow(_options.Memory, options, (uint)pages, LargestBlock,
                    atRandom: _options.RandomAddresses, avoidsHuge: true);
                return new Zone(ZoneKind.Normal, node: 0, window, _options.Memory, _budget, (uint)pages, processors: 1)
                {
                    Owner = this,
                    OwnName = "Metadata",
                    HasPageSets = false, // a pool keeps its pages itself
                    StartPfn = window.Start >> Page.Shift,
                };
            }
            catch (OutOfMemoryException) when (pages > LeastLimitPages)
            {
                // Fewer, then.
            }
        }
    }

    /// <summary>How many times the limit there are addresses for slabs, where caches keep theirs.</summary>
    private const int KeptTimes = 16;

    private uint KeptSpan(long pages) => (uint)Math.Max(pages,
        Math.Min(Math.Min(pages * KeptTimes, uint.MaxValue >> 1), (_options.Memory.MaxReservation / 4) >> Page.Shift));

    /// <summary>
    /// Where caches keep their addresses: the zone of what is no slab, so that none of it ever was one, and no slab was
    /// ever a block of whole pages. As large as the limit, and of no node.
    /// </summary>
    private Zone MakeBlocks()
    {
        var window = new AddressWindow(_options.Memory, _options.Normal, (uint)_options.LimitPages, LargestBlock,
            atRandom: _options.RandomAddresses);
        return new Zone(ZoneKind.Normal, node: 0, window, _options.Memory, _budget, (uint)_options.LimitPages,
            _options.Processors)
        {
            Owner = this,
            OwnName = "Blocks",
            StartPfn = window.Start >> Page.Shift,
        };
    }

    /// <summary>
    /// Takes a block back whose addresses a cache kept, if the zone has so many pages for the request.
    /// </summary>
    internal bool TryRetake(Zone zone, uint block, in PageRequest request)
    {
        ZoneKind highest = (ZoneKind)Math.Max((int)request.Kind, (int)zone.Kind);
        if (FailsPages || !zone.IsOk(request.Order, zone.MinWatermark, highest, request.Gfp))
        {
            return false;
        }

        if (!zone.IsOk(request.Order, zone.LowWatermark, highest, GfpFlags.None)
            && request.Has(GfpFlags.BackgroundReclaim))
        {
            Interlocked.Or(ref _shortKinds, 1 << (int)request.Kind);
            Volatile.Write(ref _wakeWanted, true);
        }

        return zone.TryRetake(block);
    }
}
