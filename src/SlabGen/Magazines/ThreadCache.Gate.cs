using SlabGen.Magazines;
using SlabGen.Memory;
using SlabGen.Slabs;

namespace SlabGen.CompilerServices;

// The part of a thread cache that works under its gate: its owner's slow path, revocation, and the end of its thread.
public sealed partial class ThreadCache
{
    private const int FirstRefill = 16;

    private unsafe Magazine* _loaded, _previous;
    private int _refill = FirstRefill;
    private bool _closed, _retired;
    private int _visits; // of the owner's slow path
    private nint _reapedTop; // _top and _visits when last asked whether the owner is idle
    private int _reapedVisits;
    private OwnerProgress _shutAt; // how far the owner was, when a revocation left the fast path shut
    private nint _leftTop; // _top when a revocation last had to leave something here
    private long _leftAt; // and the time, in milliseconds

    internal ThreadCache(MagazineLayer layer)
    {
        Layer = layer;
        Depot = layer.DepotOfThisThread();
        Registration = new ThreadCacheRegistration(this, OwnerThread.Current);
    }

    /// <summary>A dead thread's objects come home: .NET has no thread-exit callback, but the slot of a dead thread is garbage.</summary>
    ~ThreadCache()
    {
        if (Registration is not null) // else the constructor ran out of memory
        {
            try
            {
                Layer.Retire(this);
            }
            catch (Exception failure)
            {
                Layer.ThrowLater(failure); // an exception would end the process here; the cache's next slow call has it
            }
        }
    }

    internal MagazineLayer Layer { get; }

    /// <summary>The depot of the node that the thread ran on at its first call.</summary>
    internal Depot Depot { get; }

    /// <summary>The full magazines that this thread put into the depot.</summary>
    internal Shelf Shelf { get; } = new();

    /// <summary>Its entry in the layer's list, which also keeps <see cref="Gate"/> alive for late finalizers.</summary>
    internal ThreadCacheRegistration Registration { get; }

    internal UninterruptibleLock Gate => Registration.Gate;

    /// <summary>The cache was destroyed: the slow path must not touch its slabs any more. Under the gate.</summary>
    internal bool IsClosed => _closed;

    internal OwnerThread Owner => Registration.Owner;

    internal unsafe Magazine* Loaded => _loaded;

    internal unsafe Magazine* Previous
    {
        get => _previous;
        set => _previous = value;
    }

    /// <summary>The first entry left in the loaded magazine: <c>_low</c>, also while that says "none".</summary>
    private nint _bottom;

    /// <summary>Adds the free objects in the loaded magazine to a list. Takes the gate; exact while the owner is shut out.</summary>
    internal void AddLeftTo(ICollection<nint> addresses)
    {
        using (Gate.Hold())
        {
            AddLeftHeldTo(addresses);
        }
    }

    /// <summary>As <see cref="AddLeftTo"/>, under the gate.</summary>
    internal unsafe void AddLeftHeldTo(ICollection<nint> addresses)
    {
        for (nint round = _bottom; _loaded != null && round < Volatile.Read(ref _top); round += nint.Size)
        {
            addresses.Add(*(nint*)round);
        }
    }

    /// <summary>Under the gate: whether the owner has been in the slow path since the last revocation, so that its fast path works.</summary>
    internal bool IsOpen => _low != NoLow;

    /// <summary>Owner, under the gate, a magazine loaded: how many objects to take from the slabs at once, few for a thread that takes few.</summary>
    internal unsafe int NextRefill()
    {
        int refill = Math.Min(_refill, _loaded->Capacity);
        _refill = refill * 2;
        return refill;
    }

    /// <summary>Owner, under the gate: moves what a revocation left to the bottom of the magazine.</summary>
    internal unsafe void Settle()
    {
        _visits++;
        Owner.CountVisit();
        if (_loaded == null)
        {
            return;
        }

        nint* rounds = Magazine.Rounds(_loaded);
        if (_bottom != (nint)rounds || _low == NoLow)
        {
            int left = (int)((_top - _bottom) / sizeof(nint));
            new ReadOnlySpan<nint>((nint*)_bottom, left).CopyTo(new Span<nint>(rounds, left));
            Arm(left);
        }
    }

    /// <summary>Owner, under the gate, the cache not closed: takes as many objects as the span holds, if the loaded magazine has them.</summary>
    internal unsafe bool TryPopAll(Span<nint> addresses)
    {
        nint first = _top - ((nint)addresses.Length * sizeof(nint));
        if (_loaded == null || first < _bottom)
        {
            return false;
        }

        new ReadOnlySpan<nint>((nint*)first, addresses.Length).CopyTo(addresses);
        _top = first;
        return true;
    }

    /// <summary>Owner, under the gate, the cache not closed: puts all the objects into the loaded magazine, if it has room.</summary>
    internal unsafe bool TryPushAll(ReadOnlySpan<nint> addresses)
    {
        nint end = _top + ((nint)addresses.Length * sizeof(nint));
        if (_loaded == null || end > (nint)(Magazine.Rounds(_loaded) + _loaded->Capacity))
        {
            return false;
        }

        addresses.CopyTo(new Span<nint>((nint*)_top, addresses.Length));
        _top = end;
        return true;
    }

    /// <summary>Owner, under the gate: takes up to so many objects from the loaded magazine.</summary>
    internal unsafe int Pop(Span<nint> addresses)
    {
        int taken = _loaded == null ? 0 : Math.Min(addresses.Length, (int)((_top - _bottom) / sizeof(nint)));
        nint first = _top - (taken * sizeof(nint));
        new ReadOnlySpan<nint>((nint*)first, taken).CopyTo(addresses);
        _top = first;
        return taken;
    }

    /// <summary>Owner, under the gate: puts as many objects as there is room for into the loaded magazine.</summary>
    internal unsafe int Push(ReadOnlySpan<nint> addresses)
    {
        if (_loaded == null)
        {
            return 0;
        }

        nint end = (nint)(Magazine.Rounds(_loaded) + _loaded->Capacity);
        int room = Math.Min(addresses.Length, (int)((end - _top) / sizeof(nint)));
        addresses[..room].CopyTo(new Span<nint>((nint*)_top, room));
        _top += room * sizeof(nint);
        return room;
    }

    /// <summary>Owner, under the gate: loads a magazine in place of none.</summary>
    internal unsafe void Load(Magazine* magazine)
    {
        _loaded = magazine;
        Arm(magazine->Count);
    }

    /// <summary>Owner, under the gate: takes the loaded magazine out, with its count written down.</summary>
    internal unsafe Magazine* Unload()
    {
        Magazine* magazine = _loaded;
        magazine->Count = (int)((_top - _bottom) / sizeof(nint));
        Disarm();
        return magazine;
    }

    /// <summary>Owner, under the gate: the loaded magazine and the previous one change places.</summary>
    internal unsafe void Swap()
    {
        Magazine* loaded = _loaded;
        loaded->Count = (int)((_top - _bottom) / sizeof(nint));
        Load(_previous);
        _previous = loaded;
    }

    /// <summary>Owner, under the gate: sets how many rounds of the loaded magazine are objects.</summary>
    internal unsafe void Arm(int count)
    {
        nint rounds = (nint)Magazine.Rounds(_loaded);
        _top = rounds + (count * sizeof(nint));
        _bottom = rounds;
        _low = rounds;
        _high = rounds + (_loaded->Capacity * sizeof(nint));
    }

    /// <summary>
    /// Takes back every free object held here, except one that the owner may be about to take. Any thread; takes the gate.
    /// The fast path stays shut: the owner's next operation opens it again, unless the cache is closed.
    /// </summary>
    /// <param name="close">Whether the cache is being destroyed: the fast path stays shut for good.</param>
    /// <param name="atWork">If given, receives an owner that may be at work, and the kernel is not asked about it: a later call takes the rest.</param>
    /// <param name="left">Free objects that could not be taken.</param>
    /// <returns>The first bad pointer that was found among the objects.</returns>
    internal (SlabFault Fault, nint Address) Revoke(bool close, HashSet<OwnerThread>? atWork, out int left)
    {
        using (Gate.Hold())
        {
            (SlabFault, nint) found = RevokeHeld(close, ownerGone: false, askKernel: atWork is null, out left);
            if (left > 0)
            {
                atWork?.Add(Owner);
            }

            return found;
        }
    }

    /// <summary>
    /// Takes back what is held here if the owner seems not to have used it since the last call, or if a revocation has begun
    /// to. An owner that took and freed the same number of objects seems idle too, and pays a visit to the slow path for it.
    /// Any thread; takes the gate.
    /// </summary>
    /// <returns>The first bad pointer that was found among the objects.</returns>
    internal unsafe (SlabFault Fault, nint Address) ReapIfIdle()
    {
        using (Gate.Hold())
        {
            nint top = Volatile.Read(ref _top);
            bool idle = (top == _reapedTop && _visits == _reapedVisits) || _low == NoLow;
            (_reapedTop, _reapedVisits) = (top, _visits);
            return idle && (_loaded != null || _previous != null) ? RevokeHeld(close: false, ownerGone: false, askKernel: true, out _) : default;
        }
    }

    /// <summary>The revocation, under the gate.</summary>
    /// <param name="close">As for <see cref="Revoke"/>.</param>
    /// <param name="ownerGone">The caller knows that no operation is in flight, and that none will be.</param>
    /// <param name="askKernel">Whether to ask the kernel where the owner is.</param>
    /// <param name="left">As for <see cref="Revoke"/>.</param>
    internal unsafe (SlabFault Fault, nint Address) RevokeHeld(bool close, bool ownerGone, bool askKernel, out int left)
    {
        left = 0;
        (SlabFault Fault, nint Address) found = default;
        _closed |= close;
        if (_loaded != null)
        {
            if (_low != NoLow) // else an earlier revocation shut it, and _shutAt was seen after its barrier
            {
                _low = NoLow;
                _high = NoHigh;
                Interlocked.MemoryBarrierProcessWide();
                _shutAt = Owner.Look();
            }

            // After the barrier: an owner that has been outside since has no operation in flight, and can start none.
            bool outside = ownerGone || Owner.HasLeft(_shutAt, askKernel);
            Interlocked.MemoryBarrier(); // _top is read after the owner's state, or what it did before that is missed
            nint top = Volatile.Read(ref _top);
            nint end = outside ? top : top - sizeof(nint);
            if (end > _bottom)
            {
                try
                {
                    found = Layer.Node.Give(new ReadOnlySpan<nint>((nint*)_bottom, (int)((end - _bottom) / sizeof(nint))));
                }
                finally
                {
                    _bottom = end; // should it throw midway: what is lost has no owner, what is given twice would have two
                }
            }

            if (outside)
            {
                ReturnEmpty(ref _loaded);
                Disarm();
            }
            else
            {
                _leftTop = Volatile.Read(ref _top);
                _leftAt = Environment.TickCount64;
                left = (int)((_leftTop - _bottom) / sizeof(nint));
            }
        }

        if (_previous != null)
        {
            try
            {
                (SlabFault Fault, nint Address) inPrevious = Layer.Node.Give(Magazine.Objects(_previous));
                found = found.Fault == SlabFault.None ? inPrevious : found;
            }
            finally
            {
                ReturnEmpty(ref _previous);
            }
        }

        return found;
    }

    /// <summary>Under the gate: marks the thread cache as done with.</summary>
    /// <returns><see langword="false"/> when it was marked before.</returns>
    internal bool TryMarkRetired()
    {
        bool first = !_retired;
        _retired = true;
        return first;
    }

    /// <summary>Under the gate, the owner outside: no magazine is loaded, and both compares fail.</summary>
    internal unsafe void Disarm()
    {
        _low = NoLow;
        _high = NoHigh;
        _loaded = null;
    }

    private unsafe void ReturnEmpty(ref Magazine* magazine)
    {
        Magazine* empty = magazine;
        magazine = null;
        Depot.ReturnEmpty(empty);
    }
}
