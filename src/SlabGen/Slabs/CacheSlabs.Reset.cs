using SlabGen.Checking;
using SlabGen.Guards;

namespace SlabGen.Slabs;

// Empties all slabs at once.
internal sealed partial class CacheSlabs
{
    /// <summary>Whether the calling thread is in a constructor or a destructor of this cache.</summary>
    public bool IsInItsLife => t_constructing?.Contains(this) == true || t_destructing?.Contains(this) == true;

    /// <summary>
    /// Frees every object, and discards every slab that then has none in use. Destructors wait for
    /// <see cref="FinishDiscards"/>.
    /// </summary>
    /// <param name="kept">The free objects that stay in magazines, and so in use here.</param>
    /// <param name="clear">Whether what was live is cleared.</param>
    /// <returns>How many were live.</returns>
    public unsafe long Reset(HashSet<nint> kept, bool clear)
    {
        // Not under the lock, because these may cause a collection.
        GuardSite? freed = Guards is null ? null : GuardSite.Capture();
        var places = new List<(nint Slab, int Index)>(kept.Count);
        using (_listLock.Hold())
        {
            foreach (nint address in kept)
            {
                // Otherwise a bad pointer, which is found when it comes home.
                if (Locate(address, out Slab* slab, out int index) == SlabFault.None)
                {
                    places.Add(((nint)slab, index));
                }
            }

            long before = InUse;
            GiveAllGuarded(freed);
            for (int list = IsolatedList; list > EmptyList; list--)
            {
                while (_lists[list].First != null)
                {
                    Empty(_lists[list].First, clear);
                }
            }

            foreach ((nint address, int index) in places)
            {
                var slab = (Slab*)address;
                Fill(slab);
                Slab.TryTake(slab, index);
                InUse++;
                MoveToItsList(slab);
            }

            while (_lists[EmptyList].First != null)
            {
                Discard(_lists[EmptyList].First);
            }

            return before - InUse;
        }
    }

    private unsafe void Empty(Slab* slab, bool clear)
    {
        for (int i = 0; clear && i < slab->Objects; i++)
        {
            if (!Slab.IsFree(slab, i))
            {
                new Span<byte>((void*)(slab->Memory + ((nint)i * Layout.Size)), Layout.ObjectSize).Clear();
            }
        }

        InUse -= slab->InUse;
        slab->InUse = 0;
        slab->Stuck = 0;
        Slab.FillBitmap(slab);
        if (States is not null)
        {
            Pages.FrameOf(slab->Memory, out Zone zone);
            ObjectStates.MakeFree(zone, slab->Memory, slab->Objects, Layout.Size);
            Marks?.Begin(slab->Memory, slab->Objects);
        }

        PutOn(EmptyList, slab);
    }
}
