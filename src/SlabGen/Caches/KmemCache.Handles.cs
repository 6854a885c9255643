using SlabGen.Metadata;
using SlabGen.Pages;

namespace SlabGen;

// Handles to the objects of a cache. SlabHandles<T> is their typed face.
public sealed partial class KmemCache
{
    /// <summary>Takes an entry for a handle to an object.</summary>
    /// <returns><see langword="false"/> when there is no memory for it, and none could be taken back.</returns>
    internal bool TryTakeHandle(nint address, out uint index, out uint generation)
    {
        var loop = new ReclaimLoop(GfpFlags.Kernel);
        bool taken = Handles.TryTake(address, out index, out generation), goesOn = true;
        while (!taken && goesOn && !IsDestroyed)
        {
            bool progress = loop.MayReclaim && _slabs.Pages.Reclaimer?.Reclaim(GfpFlags.Kernel, pages: 1) == true;
            taken = Handles.TryTake(address, out index, out generation);
            goesOn = taken || loop.GoesOn(progress);
        }

        return taken;
    }
}
