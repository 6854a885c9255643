using SlabGen.Memory;

namespace SlabGen.Slabs;

// Slabs that are on no list, though their frames bear the cache's id: some are being constructed, and some have become empty and
// wait to be destructed, or for a grace period. The id must not be given up, nor the memory unmapped, while there is one.
internal sealed partial class CacheSlabs
{
    private unsafe Slab* _firstLeaving, _lastLeaving; // by Next, in the order in which they left the lists; under the list lock
    private int _leaving; // their number; written under the list lock
    private bool _idGivenUp; // under the list lock
    private int _inHands; // being constructed or destructed, by whichever thread; under the list lock

    /// <summary>Who is to be called until every slab has left. Set before the first use.</summary>
    public IDeferred? Deferral { get; set; }

    /// <summary>Whether the calling thread is in a constructor or a destructor of a cache whose slabs lie in these pages.</summary>
    public static bool IsInUsersCode(PageAllocator pages) =>
        t_constructing?.Exists(slabs => slabs.Pages == pages) == true || t_destructing?.Exists(slabs => slabs.Pages == pages) == true;

    /// <summary>What was found where nobody could be told: the next slow calls on the cache throw it.</summary>
    public PendingErrors Pending { get; } = new();

    /// <summary>Whether slabs wait for a grace period.</summary>
    public bool WaitsForGracePeriod => _options.TypeSafeByRcu && Volatile.Read(ref _leaving) > 0;

    /// <summary>Whether any slab is on its way, in or out.</summary>
    public bool HasDetached
    {
        get
        {
            using (_listLock.Hold())
            {
                return _leaving + _inHands > 0;
            }
        }
    }

    /// <summary>Whether no frame bears the cache's id.</summary>
    public bool HasNoSlab
    {
        get
        {
            using (_listLock.Hold())
            {
                return Capacity == 0 && _leaving + _inHands == 0;
            }
        }
    }

    /// <summary>When no frame bears the cache's id, and the cache is closed: from now on another cache may bear it.</summary>
    /// <returns>Whether it may.</returns>
    public bool TryGiveUpId()
    {
        using (_listLock.Hold())
        {
            return _idGivenUp |= Capacity == 0 && _leaving + _inHands == 0;
        }
    }

    /// <summary>Destructs the slabs that left the lists and whose grace period has passed, and gives their pages back. The caller holds no lock.</summary>
    /// <exception cref="Exception">What a destructor threw first; later slow calls throw the others. Every slab was given back all the same.</exception>
    public void FinishDiscards() => FinishDiscardsQuietly().ThrowFirst(later: Pending);

    /// <inheritdoc cref="FinishDiscards"/>
    /// <returns>What destructors threw.</returns>
    public unsafe FoundErrors FinishDiscardsQuietly()
    {
        FoundErrors found = default;
        if (Volatile.Read(ref _leaving) == 0 || t_destructing?.Contains(this) == true)
        {
            return found; // inside a destructor of this cache: the call that runs it goes on to the slabs that leave meanwhile
        }

        PrepareToDestruct();
        for (Slab* slab = TakeLeaving(); slab != null; slab = TakeLeaving())
        {
            Destruct(slab, slab->Objects, ref found);
            GiveBackFromHands(slab);
        }

        if (WaitsForGracePeriod)
        {
            Interlocked.MemoryBarrier(); // as IDeferred asks
            try
            {
                if (!Deferral!.IsAttended)
                {
                    GracePeriods.OfProcess.Attend(Deferral, hurry: false);
                }
            }
            catch (Exception thrown)
            {
                found.Add(thrown); // no thread to be had: the next call that finds a slab waiting tries again
            }
        }

        return found;
    }

    /// <summary>The memory of the runtime is about to go without destructors, and nobody may look at a slab any more.</summary>
    public unsafe void Abandon()
    {
        using (_listLock.Hold())
        {
            _closed = true;
            _firstLeaving = _lastLeaving = null;
            Volatile.Write(ref _leaving, 0);
        }
    }

    /// <summary>The grace period that the last of the slabs that wait for one needs, or 0.</summary>
    public unsafe long LastGracePeriod()
    {
        using (_listLock.Hold())
        {
            return _lastLeaving == null ? 0 : _lastLeaving->GracePeriod;
        }
    }

    /// <summary>Under the list lock: an empty slab has left its list.</summary>
    private unsafe void Leave(Slab* slab)
    {
        slab->Next = null;
        slab->GracePeriod = _options.TypeSafeByRcu ? GracePeriods.Snapshot() : 0;
        if (_lastLeaving == null)
        {
            _firstLeaving = slab;
        }
        else
        {
            _lastLeaving->Next = slab;
        }

        _lastLeaving = slab;
        Volatile.Write(ref _leaving, _leaving + 1);
    }

    private unsafe Slab* TakeLeaving()
    {
        using (_listLock.Hold())
        {
            Slab* slab = _firstLeaving;
            if (slab == null || !GracePeriods.OfProcess.HasPassed(slab->GracePeriod))
            {
                return null;
            }

            _firstLeaving = slab->Next;
            _lastLeaving = _firstLeaving == null ? null : _lastLeaving;
            Volatile.Write(ref _leaving, _leaving - 1);
            _inHands++;
            return slab;
        }
    }

    /// <summary>Makes room to note that the thread is in a destructor of this cache: this can fail, and so comes before a slab is in hand.</summary>
    private void PrepareToDestruct()
    {
        if (_life is not null)
        {
            List<CacheSlabs> destructing = t_destructing ??= [];
            destructing.EnsureCapacity(destructing.Count + 1);
        }
    }

    private unsafe void Destruct(Slab* slab, int constructed, ref FoundErrors found)
    {
        if (_life is null)
        {
            return;
        }

        List<CacheSlabs> destructing = t_destructing!; // PrepareToDestruct was called
        destructing.Add(this);
        _life.Destruct(slab->Memory, constructed, Layout.Size, ref found);
        destructing.RemoveAt(destructing.Count - 1);
    }

    /// <summary>Under the lock, because <see cref="Locate"/> follows a frame that bears the id to its slab.</summary>
    private unsafe void GiveBackFromHands(Slab* slab)
    {
        using (_listLock.Hold())
        {
            FreePages(slab);
            _inHands--;
        }
    }
}
