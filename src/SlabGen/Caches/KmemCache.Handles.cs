using SlabGen.Checking;
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
        bool taken = Handles.TryTake(out index, out generation), goesOn = true;
        while (!taken && goesOn && !IsDestroyed)
        {
            bool progress = loop.MayReclaim && _slabs.Pages.Reclaimer?.Reclaim(GfpFlags.Kernel, pages: 1) == true;
            taken = Handles.TryTake(out index, out generation);
            goesOn = taken || loop.GoesOn(progress);
        }

        if (taken)
        {
            _states?.Set(address, ObjectStates.Held);
        }

        return taken;
    }

    /// <summary>Ends a handle: its object is its caller's, by the address.</summary>
    /// <returns><see langword="false"/> when it is none that lives, or another thread ended it.</returns>
    internal bool TryGiveHandle(nint address, uint index, uint generation)
    {
        bool given = Handles.TryGive(index, generation);
        if (given)
        {
            _states?.Set(address, ObjectStates.Live);
        }

        return given;
    }
}
