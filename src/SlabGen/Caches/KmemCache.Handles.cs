using SlabGen.Metadata;

namespace SlabGen;

// Handles to the objects of a cache. SlabHandles<T> is their typed face.
public sealed partial class KmemCache
{
    /// <summary>The handles of the cache. The table takes no memory before the first one.</summary>
    internal HandleTable Handles { get; }

    /// <summary>Takes an entry for a handle to an object.</summary>
    /// <returns><see langword="false"/> when there is no memory for it, and none could be taken back.</returns>
    internal bool TryTakeHandle(nint address, out uint index, out uint generation)
    {
        for (int round = 0; !Handles.TryTake(address, out index, out generation); round++)
        {
            if (_magazines.IsClosed || round == PageAllocator.MaxReclaimRetries || _slabs.Pages.Reclaimer?.Reclaim(GfpFlags.Kernel, pages: 1) != true)
            {
                return false;
            }
        }

        return true;
    }
}
