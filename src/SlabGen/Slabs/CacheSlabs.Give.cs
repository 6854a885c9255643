using SlabGen.Guards;
using SlabGen.Zones;

namespace SlabGen.Slabs;

// How objects come back into their slabs.
internal sealed partial class CacheSlabs
{
    /// <summary>Takes objects back. Pointers that are no such objects of this cache are left out.</summary>
    /// <returns>
    /// The first pointer that was left out, and the reason; <see cref="SlabFault.None"/> when there was none.
    /// </returns>
    public unsafe BadPointer Give(ReadOnlySpan<nint> addresses)
    {
        BadPointer first = default;
        using (_listLock.Hold())
        {
            _visits++;
            long before = InUse;
            // Of neighbours in the magazine: it goes to the list of its fill when the last of them is back.
            Slab* slab = null;
            foreach (nint address in addresses)
            {
                Slab* found = null;
                int index = 0;
                bool isGuarded = GuardRange.Contains(address);
                SlabFault fault = isGuarded ? GiveGuarded(address) : Locate(address, slab, out found, out index);
                if (fault != SlabFault.None)
                {
                    first = first.Or(new BadPointer(fault, address));
                    continue;
                }

                if (isGuarded)
                {
                    continue; // done
                }

                if (slab != found && slab != null)
                {
                    SettleGiven(slab);
                }

                slab = found;
                MarkFree(slab, index);
            }

            if (slab != null)
            {
                SettleGiven(slab);
            }

            _flushes += InUse < before ? 1 : 0;
        }

        return first;
    }

    private unsafe SlabFault GiveLocked(nint address)
    {
        SlabFault fault = Locate(address, out Slab* slab, out int index);
        if (fault == SlabFault.None)
        {
            MarkFree(slab, index);
            SettleGiven(slab);
        }

        return fault;
    }

    private unsafe void MarkFree(Slab* slab, int index)
    {
        Slab.TryGive(slab, index);
        InUse--;
        slab->Stuck = slab->Stuck == index + 1 ? (ushort)0 : slab->Stuck;
    }

    /// <summary>After objects came back into a slab: it goes to the list of its fill, or back to pages.</summary>
    private unsafe void SettleGiven(Slab* slab)
    {
        MoveToItsList(slab);
        if (slab->List == EmptyList
            && (_slabCount - _lists[FullList].Count > (_options.MinPartial ?? Layout.MinPartial) || IsShort))
        {
            Discard(slab); // discard_slab: enough others have room, or another cache wants the pages
        }
        else if (slab->List == EmptyList)
        {
            Stir();
        }
    }

    private unsafe SlabFault Locate(nint address, out Slab* slab, out int index) =>
        Locate(address, null, out slab, out index);

    /// <summary>Finds the object in use at an address. O(1), by the page's frame.</summary>
    /// <param name="address">The address.</param>
    /// <param name="guess">A slab of this cache that it may lie in, or null.</param>
    /// <param name="slab">Its slab.</param>
    /// <param name="index">The index of the object there.</param>
    private unsafe SlabFault Locate(nint address, Slab* guess, out Slab* slab, out int index)
    {
        slab = guess;
        index = 0;
        if (guess == null
            || (nuint)(address - guess->Memory) >= (nuint)((guess->Objects * Layout.Size) - Layout.LeftZone))
        {
            slab = null;
            if (address == 0)
            {
                return SlabFault.NullPointer;
            }

            // A frame with this cache's id cannot change while the list lock is held. A frame of another cache may be
            // gone the next moment, so its slab is not looked at.
            uint id = Pages.TryGetFrame(address, out _, out PageFrame* frame) ? Volatile.Read(ref frame->Private) : 0;
            if (id != CacheId)
            {
                return id == 0 ? SlabFault.ForeignPointer : SlabFault.WrongCache;
            }

            slab = (Slab*)frame->Mapping;
        }

        long offset = address - slab->Memory;
        if (offset < 0)
        {
            return SlabFault.InteriorPointer; // before the first object, in the colour
        }

        index = Layout.IndexOf((uint)offset);
        if (index >= slab->Objects || (long)index * Layout.Size != offset)
        {
            return SlabFault.InteriorPointer;
        }

        bool free = Slab.IsFree(slab, index);
        return free ? SlabFault.DoubleFree : SlabFault.None;
    }
}
