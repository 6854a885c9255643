using SlabGen.Checking;
using SlabGen.Events;
using SlabGen.Memory;
using SlabGen.Zones;

namespace SlabGen.Slabs;

// Objects move from one slab to others, so that the first slab can go (illumos kmem.c, the slab consolidator). A cache
// has one consolidator at a time. It isolates a slab, moves its objects one by one, and then lets the slab rejoin the
// lists or go. Between these steps users' code runs, and no lock is held. Other threads take and free objects
// meanwhile, but none is taken from the isolated slab, and what is freed into it stays mapped until the slab rejoins.
// So the address of an object that is about to be moved can be read throughout the callback, whatever became of the
// object.
internal sealed partial class CacheSlabs
{
    /// <summary>
    /// Two conditions for consolidating a cache unasked: it has at least this many slabs (<c>kmem_frag_minslabs</c>),
    /// and more than this part of its objects is free, as a divisor (<c>kmem_frag_denom</c>).
    /// </summary>
    internal const int FragMinSlabs = 101, FragDenominator = 8;

    /// <summary>
    /// Whether there are many slabs, and more than an eighth of their objects is free
    /// (<c>kmem_cache_is_fragmented</c>).
    /// </summary>
    public bool IsFragmented
    {
        get
        {
            using (_listLock.Hold())
            {
                return _slabCount >= FragMinSlabs && (Capacity - InUse) * FragDenominator > Capacity;
            }
        }
    }

    /// <summary>
    /// Lists the partial slabs whose objects may be moved, the sparsest first, each by the address of its first object.
    /// </summary>
    public unsafe (nint[] Slabs, ushort[] InUse) ListSparsest()
    {
        nint[] slabs = new nint[Count().Partial]; // not under the lock, because it may cause a collection
        ushort[] inUse = new ushort[slabs.Length];
        int found = 0;
        using (_listLock.Hold())
        {
            for (int list = EmptyList + 1; list < FullList; list++)
            {
                for (Slab* slab = _lists[list].First; slab != null && found < slabs.Length; slab = slab->Next)
                {
                    if (slab->Stuck == 0)
                    {
                        (slabs[found], inUse[found++]) = (slab->Memory, slab->InUse);
                    }
                }
            }
        }

        Array.Resize(ref slabs, found);
        Array.Resize(ref inUse, found);
        Array.Sort(inUse, slabs);
        return (slabs, inUse);
    }

    /// <summary>
    /// Isolates a slab. It must still belong to this cache, be no fuller than it was, and the other slabs must have
    /// room for its objects.
    /// </summary>
    /// <param name="memory">The address of its first object.</param>
    /// <param name="inUse">The objects in use when the slab was seen. If there are more now, others were moved into
    /// it.</param>
    /// <returns>The slab, or <see langword="null"/>. The caller must let it <see cref="Rejoin"/>.</returns>
    public unsafe Slab* TryIsolate(nint memory, int inUse)
    {
        using (_listLock.Hold())
        {
            if (!Pages.TryGetFrame(memory, out _, out PageFrame* frame) || Volatile.Read(ref frame->Private) != CacheId)
            {
                return null;
            }

            Slab* slab = (Slab*)frame->Mapping;
            if (slab->Memory != memory || slab->Stuck != 0 || slab->InUse > inUse
                || slab->List is EmptyList or FullList or DetachedSlabs.List || RoomBeside(slab) < slab->InUse)
            {
                return null;
            }

            PutOn(IsolatedList, slab);
            return slab;
        }
    }

    /// <summary>
    /// Picks the next object of an isolated slab, and takes an object for it to move to from the fullest of the other
    /// slabs.
    /// </summary>
    /// <param name="slab">The slab.</param>
    /// <param name="next">Where to continue. It is advanced.</param>
    /// <param name="from">An object in use in the slab. It may meanwhile lie free in a magazine.</param>
    /// <param name="to">A free object, now in use.</param>
    /// <returns><see langword="false"/> when there is none, or the slab cannot become empty any more.</returns>
    public unsafe bool TryBeginMove(Slab* slab, ref int next, out nint from, out nint to)
    {
        from = to = 0;
        using (_listLock.Hold())
        {
            while (next < slab->Objects && !MayMove(slab, next))
            {
                next++;
            }

            if (next == slab->Objects || _closed || slab->Stuck != 0 || RoomBeside(slab) == 0)
            {
                return false;
            }

            from = slab->Memory + ((nint)next++ * Layout.Size);
            Slab* target = FullestWithRoom(); // a partial slab, so there is room
            nint address;
            Fill(target);
            InUse += Slab.Take(target, Layout.Size, &address, 1);
            _taken++;
            to = _movingTo = address;
            MarkLive(to); // from the reply on, before the lock is back, it is its user's
            MoveToItsList(target);
            return true;
        }
    }

    /// <summary>Ends a move. What the reply calls free goes back to its slab, past the magazines.</summary>
    /// <returns>An object that could not be freed because another thread had freed it, and the fault.</returns>
    public unsafe BadPointer EndMove(Slab* slab, nint from, nint to, SlabMoveReply reply)
    {
        using (_listLock.Hold())
        {
            _movingTo = 0;
            SlabFault atFrom = reply is SlabMoveReply.Yes or SlabMoveReply.DontNeed ? GiveMoved(from) : SlabFault.None;
            SlabFault atTo = reply != SlabMoveReply.Yes ? GiveMoved(to) : SlabFault.None;
            if (reply == SlabMoveReply.Yes)
            {
                Note(SlabEventKind.ObjectMoved, from, to);
            }

            if (reply == SlabMoveReply.No && Locate(from, out _, out int index) == SlabFault.None)
            {
                slab->Stuck = (ushort)(index + 1);
            }

            return new BadPointer(atFrom, from).Or(new BadPointer(atTo, to));
        }
    }

    /// <summary>Whether an object may be asked for. Checked mode knows those that lie free in magazines.</summary>
    private unsafe bool MayMove(Slab* slab, int index) =>
        !Slab.IsFree(slab, index)
            && States?.Of(slab->Memory + ((nint)index * Layout.Size)) is null or ObjectStates.Live;

    private SlabFault GiveMoved(nint address) =>
        MarkFree(address) is not SlabFault.None and var fault ? fault : GiveLocked(address);

    /// <summary>Puts an isolated slab back on the list it belongs to, or discards it if it is empty.</summary>
    /// <returns>
    /// The bytes of the slab, if it was discarded; else 0. Destructors wait for <see cref="FinishDiscards"/>.
    /// </returns>
    public unsafe long Rejoin(Slab* slab)
    {
        using (_listLock.Hold())
        {
            PutOn(ListFor(slab), slab);
            if (slab->InUse > 0)
            {
                return 0;
            }

            long bytes = Layout.BytesIn(slab->Order);
            Discard(slab);
            return bytes;
        }
    }

    /// <summary>The number of free objects in all partial slabs except one. Under the list lock.</summary>
    private unsafe long RoomBeside(Slab* slab)
    {
        long room = Capacity - InUse - (slab->Objects - slab->InUse);
        for (Slab* empty = _lists[EmptyList].First; empty != null; empty = empty->Next)
        {
            room -= empty->Objects;
        }

        return room;
    }
}
