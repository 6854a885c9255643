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
}
