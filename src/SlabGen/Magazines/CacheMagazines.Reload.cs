using SlabGen.CompilerServices;
using SlabGen.Pages;
using SlabGen.Slabs;

namespace SlabGen.Magazines;

// The magazines of a thread, the depot and the slabs: what to load when the loaded magazine does not serve. The owner,
// under its gate.
internal sealed partial class CacheMagazines
{
    /// <summary>
    /// Owner, under the gate: whether memory is short (<see cref="Shortage"/>), so that nothing goes into magazines.
    /// Those of the owner go home then; else what it does next may put a free object into one. What an owner puts there
    /// by its fast path, a slow operation has opened.
    /// </summary>
    private unsafe bool GoesPastMagazines(ThreadCache thread)
    {
        bool isShort = Slabs.IsShort;
        if (!isShort || thread.Loaded != null || thread.Previous != null)
        {
            Slabs.Stir(); // short: of the magazines themselves
        }

        if (isShort)
        {
            ThrowLater(ToError(thread.RevokeHeld(close: false, ownerGone: true, askKernel: false, out _)));
        }

        return isShort;
    }

    /// <summary>Owner, under the gate, the loaded magazine empty or absent: loads one with objects.</summary>
    private unsafe bool TryReload(ThreadCache thread)
    {
        if (Slabs.Layout.IsWholePages)
        {
            return false; // no more pages than are asked for
        }

        if (thread.Previous != null && thread.Previous->Count > 0)
        {
            if (thread.Loaded == null)
            {
                Magazine* previous = thread.Previous;
                thread.Previous = null;
                thread.Load(previous);
            }
            else
            {
                thread.Swap();
            }

            return true;
        }

        return TryLoadFull(thread, atOnce: false) || TryRefill(thread) || TryLoadFull(thread, atOnce: true);
    }

    private static unsafe bool TryLoadFull(ThreadCache thread, bool atOnce)
    {
        Magazine* full = thread.Depot.TradeForFull(thread.Shelf, thread.Loaded, atOnce);
        if (full == null)
        {
            return false;
        }

        thread.Load(full);
        return true;
    }

    private unsafe bool TryRefill(ThreadCache thread)
    {
        if (thread.Loaded == null)
        {
            Magazine* empty = thread.Depot.TryGetEmpty();
            if (empty == null)
            {
                return false;
            }

            thread.Load(empty);
        }

        int got = Slabs.Take(Magazine.Rounds(thread.Loaded), Slabs.Quota.ShareOf(thread.NextRefill(), Slabs.InUse));
        thread.Arm(got);
        return got > 0;
    }

    /// <summary>Owner, under the gate, the loaded magazine full or absent: loads a magazine with room.</summary>
    private unsafe bool TryMakeRoom(ThreadCache thread, ref BadPointer found)
    {
        Magazine* previous = thread.Previous, empty;
        if (thread.Loaded == null)
        {
            empty = thread.Depot.TryGetEmpty();
        }
        else if (Slabs.Layout.IsWholePages)
        {
            return false; // one magazine: see WholePageShare
        }
        else if (previous != null && previous->Count == 0)
        {
            thread.Swap();
            return true;
        }
        else if (previous == null)
        {
            empty = thread.Depot.TryGetEmpty();
            if (empty != null)
            {
                thread.Previous = thread.Unload();
            }
        }
        else
        {
            bool isEmpty = thread.Depot.TryTradeForEmpty(thread.Shelf, previous, out empty);
            // Before anything can throw: previous is the depot's by now, or is loaded below.
            thread.Previous = thread.Unload();
            try
            {
                found = isEmpty ? found : found.Or(Empty(empty));
            }
            finally
            {
                thread.Load(empty);
            }

            return true;
        }

        if (empty == null)
        {
            return false;
        }

        thread.Load(empty);
        return true;
    }

    /// <summary>Puts a magazine's objects into the slabs.</summary>
    private unsafe BadPointer Empty(Magazine* full)
    {
        try
        {
            return Slabs.Give(Magazine.Objects(full));
        }
        finally
        {
            full->Count = 0;
        }
    }
}
