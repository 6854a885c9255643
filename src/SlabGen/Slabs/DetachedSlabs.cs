namespace SlabGen.Slabs;

/// <summary>
/// The slabs of a cache that are on no list, though their frames have the cache's id. Some are being constructed or
/// destructed. Some have become empty and wait for their destructors, or for a grace period. While there is one, the id
/// must not be given up, and the memory must not be unmapped.
/// </summary>
/// <remarks>
/// Everything is under the list lock of the cache. <see cref="AnyWaits"/> and <see cref="Any"/> are also read without
/// it, as snapshots. Invariants: a slab that was added is waiting or in hand, or the caller holds the list lock; grace
/// periods in the queue rise.
/// </remarks>
/// <param name="layout">How many pages a slab has.</param>
internal sealed class DetachedSlabs(SlabLayout layout)
{
    /// <summary><see cref="Slab.List"/> of a detached slab.</summary>
    public const byte List = byte.MaxValue;

    // List lock: the waiting slabs, by Next, in the order in which they left the lists.
    private unsafe Slab* _first, _last;
    private int _waiting; // list lock; read by anyone: the number of waiting slabs
    private int _inHand; // list lock; read by anyone: the number of slabs that some thread constructs or destructs

    /// <summary>Whether any slab is detached.</summary>
    public bool Any => Volatile.Read(ref _waiting) + Volatile.Read(ref _inHand) > 0;

    /// <summary>Whether any slab waits to be discarded.</summary>
    public bool AnyWaits => Volatile.Read(ref _waiting) > 0;

    /// <summary>The number of pages of the detached slabs.</summary>
    public long Pages { get; private set; }

    /// <summary>The grace period that the last waiting slab needs, or 0.</summary>
    public unsafe long LastGracePeriod => _last == null ? 0 : _last->GracePeriod;

    /// <summary>Adds a slab that was just made, or has left its list.</summary>
    public unsafe void Add(Slab* slab)
    {
        slab->List = List; // a thread that finds the slab by its frames looks at this
        Pages += layout.PagesIn(slab->Order);
    }

    /// <summary>Removes a slab that goes on a list, or whose pages go back.</summary>
    public unsafe void Remove(Slab* slab) => Pages -= layout.PagesIn(slab->Order);

    /// <summary>
    /// Counts a slab that a thread constructs or destructs without the lock, until <see cref="LetGo"/>.
    /// </summary>
    public void Hold() => _inHand++;

    public void LetGo() => _inHand--;

    /// <summary>Queues an empty slab, to be discarded once a grace period has passed.</summary>
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

    /// <summary>Takes the first waiting slab in hand, if its grace period has passed.</summary>
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

    /// <summary>Drops all waiting slabs. No thread may look at them any more.</summary>
    public unsafe void Abandon()
    {
        _first = _last = null;
        Volatile.Write(ref _waiting, 0);
    }
}
