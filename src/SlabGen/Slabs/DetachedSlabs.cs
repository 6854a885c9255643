namespace SlabGen.Slabs;

/// <summary>
/// The slabs of a cache that are on no list, though their frames bear the cache's id: some are being constructed or destructed, and some
/// have become empty and wait for that, or for a grace period. The id must not be given up, nor the memory unmapped, while there is one.
/// </summary>
/// <remarks>
/// Everything is under the list lock of the cache. <see cref="AnyWaits"/> and <see cref="Any"/> are also read without it, as snapshots.
/// Invariants: a slab that was added is waiting, or in hand, or the caller holds the list lock; grace periods in the queue rise.
/// </remarks>
internal sealed class DetachedSlabs
{
    /// <summary><see cref="Slab.List"/> of a slab that is here.</summary>
    public const byte List = byte.MaxValue;

    private unsafe Slab* _first, _last; // list lock: those that wait, by Next, in the order in which they left the lists
    private int _waiting; // list lock; read by anyone: their number
    private int _inHand; // list lock; read by anyone: those that are being constructed or destructed, by whichever thread

    /// <summary>Whether any slab is here.</summary>
    public bool Any => Volatile.Read(ref _waiting) + Volatile.Read(ref _inHand) > 0;

    /// <summary>Whether any slab waits to be discarded.</summary>
    public bool AnyWaits => Volatile.Read(ref _waiting) > 0;

    /// <summary>Pages of the slabs that are here.</summary>
    public long Pages { get; private set; }

    /// <summary>The grace period that the last of the slabs that wait needs, or 0.</summary>
    public unsafe long LastGracePeriod => _last == null ? 0 : _last->GracePeriod;

    /// <summary>A slab was made, or has left its list.</summary>
    public unsafe void Add(Slab* slab)
    {
        slab->List = List; // who finds the slab by its frames looks
        Pages += 1 << slab->Order;
    }

    /// <summary>A slab comes on a list, or its pages go back.</summary>
    public unsafe void Remove(Slab* slab) => Pages -= 1 << slab->Order;

    /// <summary>A thread constructs or destructs a slab without the lock, until <see cref="LetGo"/>.</summary>
    public void Hold() => _inHand++;

    public void LetGo() => _inHand--;

    /// <summary>An empty slab waits to be discarded, once a grace period has passed.</summary>
    public unsafe void Enqueue(Slab* slab, long gracePeriod)
    {
        slab->Next = null;
        slab->GracePeriod = gracePeriod;
        if (_last == null)
        {
            _first = slab;
        }
        else
        {
            _last->Next = slab;
        }

        _last = slab;
        Volatile.Write(ref _waiting, _waiting + 1);
    }

    /// <summary>Takes the first slab that waits in hand, if its grace period has passed.</summary>
    public unsafe Slab* TryTake()
    {
        Slab* slab = _first;
        if (slab == null || !GracePeriods.OfProcess.HasPassed(slab->GracePeriod))
        {
            return null;
        }

        _first = slab->Next;
        _last = _first == null ? null : _last;
        Volatile.Write(ref _waiting, _waiting - 1);
        Hold();
        return slab;
    }

    /// <summary>Nobody may look at a slab that waits any more.</summary>
    public unsafe void Abandon()
    {
        _first = _last = null;
        Volatile.Write(ref _waiting, 0);
    }
}
