using SlabGen.Magazines;
using SlabGen.Memory;
using SlabGen.Slabs;

namespace SlabGen.CompilerServices;

// Revocation, whose five steps are in the remarks of the class, and the end of the thread. Any thread, under the gate.
public sealed partial class ThreadCache
{
    /// <summary>
    /// Takes back every free object held here, except one that the owner may be about to take. Any thread; takes the
    /// gate. The fast path stays shut: the owner's next operation opens it again, unless the cache is closed.
    /// </summary>
    /// <param name="close">Whether the cache is being destroyed: the fast path stays shut for good.</param>
    /// <param name="atWork">If given, receives an owner that may be at work, and the kernel is not asked about it: a
    /// later call takes the rest.</param>
    /// <param name="left">Free objects that could not be taken.</param>
    /// <returns>The first bad pointer that was found among the objects.</returns>
    internal BadPointer Revoke(bool close, HashSet<OwnerThread>? atWork, out int left)
    {
        using (Gate.Hold())
        {
            BadPointer found = RevokeHeld(close, ownerGone: false, askKernel: atWork is null, out left);
            if (left > 0)
            {
                atWork?.Add(Owner);
            }

            return found;
        }
    }

    /// <summary>
    /// Takes back what is held here if the owner seems not to have used it since the last call, or if a revocation has
    /// begun to. An owner that took and freed the same number of objects seems idle too, and pays a visit to the slow
    /// path for it. Any thread; takes the gate.
    /// </summary>
    /// <returns>The first bad pointer that was found among the objects.</returns>
    internal unsafe BadPointer ReapIfIdle()
    {
        using (Gate.Hold())
        {
            nint top = Volatile.Read(ref Words.Top);
            bool idle = (top == _reapedTop && _visits == _reapedVisits) || Revocation<RawWords>.IsShut(ref Words);
            (_reapedTop, _reapedVisits) = (top, _visits);
            return idle && (_held.Magazine != null || _previous != null)
                ? RevokeHeld(close: false, ownerGone: false, askKernel: true, out _) : default;
        }
    }

    /// <summary>
    /// Sends the owner's next operation into the slow path, where a guarded object may be due: a thread that takes no
    /// more than its magazine holds would never be there. The first two steps of a revocation, without the rest. Any
    /// thread; takes the gate.
    /// </summary>
    internal unsafe void Nudge()
    {
        using (Gate.Hold())
        {
            if (_held.Magazine != null)
            {
                Revocation<RawWords>.Shut(ref Words, ref _held, this);
            }
        }
    }

    /// <summary>The revocation, under the gate.</summary>
    /// <param name="close">As for <see cref="Revoke"/>.</param>
    /// <param name="ownerGone">The caller knows that no operation is in flight, and that none will be.</param>
    /// <param name="askKernel">Whether to ask the kernel where the owner is.</param>
    /// <param name="left">As for <see cref="Revoke"/>.</param>
    internal unsafe BadPointer RevokeHeld(bool close, bool ownerGone, bool askKernel, out int left)
    {
        left = 0;
        BadPointer found = default;
        _closed |= close;
        if (_held.Magazine != null)
        {
            found = Revocation<RawWords>.TakeBack(ref Words, ref _held, this, ownerGone, askKernel, out nint leftTop);
            if (_held.Magazine != null)
            {
                _leftTop = leftTop;
                _leftAt = Environment.TickCount64;
                // At least one: also into an empty magazine an operation in flight may be about to put something. The
                // top may lie below the bottom for a moment, while a batch is claimed that will be put back.
                left = Math.Max(1, (int)((leftTop - _held.Bottom) / sizeof(nint)));
            }
        }

        if (_previous != null)
        {
            try
            {
                BadPointer inPrevious = Magazines.Slabs.Give(Magazine.Objects(_previous));
                found = found.Or(inPrevious);
            }
            finally
            {
                Magazine* empty = _previous;
                _previous = null;
                Depot.ReturnEmpty(empty);
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

    /// <summary>Whether the words of the fast path are in a bin. The owner, or under the gate.</summary>
    internal unsafe bool HasBin => _bin != null;

    /// <summary>The bin, or null. The owner.</summary>
    internal unsafe ThreadBin* Bin => _bin;

    /// <summary>
    /// Owner, once the cache's list has this: the words of the fast path are in the thread's bin from now on, which no
    /// other thread cache has. A cache that was closed meanwhile may have lost its id to another: then nothing is done.
    /// </summary>
    internal unsafe void EnterBin()
    {
        if (!Magazines.HasBins || Owner.TryGetBins() is not { } bins)
        {
            return;
        }

        using (Gate.Hold())
        {
            if (!_closed && !_retired && !Magazines.IsClosed)
            {
                _bins = bins;
                _bin = bins.Lend(Magazines.BinId);
            }
        }
    }

    /// <summary>
    /// Under the gate, retired and without a loaded magazine: the words of the fast path are elsewhere from now on, and
    /// shut.
    /// </summary>
    internal unsafe void LeaveBin() => _bin = null;

    /// <summary>
    /// After <see cref="LeaveBin"/>, and once nobody can find this any more who reads words without the gate.
    /// </summary>
    internal void ReturnBin() => _bins?.Return(threadEnded: !Owner.IsAlive);

    /// <summary>
    /// Adds the free objects in the loaded magazine to a list. Takes the gate; exact while the owner is shut out.
    /// </summary>
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
        for (nint round = _held.Bottom; _held.Magazine != null && round < Volatile.Read(ref Words.Top);
            round += nint.Size)
        {
            addresses.Add(*(nint*)round);
        }
    }

    OwnerProgress IRevoked.LookAtOwner() => Owner.Look();

    bool IRevoked.OwnerHasLeft(in OwnerProgress since, bool askKernel) => Owner.HasLeft(since, askKernel);

    unsafe BadPointer IRevoked.Give(nint* first, int count) =>
        Magazines.Slabs.Give(new ReadOnlySpan<nint>(first, count));

    unsafe void IRevoked.ReturnEmpty(Magazine* magazine) => Depot.ReturnEmpty(magazine);
}
