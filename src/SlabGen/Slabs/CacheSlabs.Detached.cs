using SlabGen.Memory;

namespace SlabGen.Slabs;

// Slabs that are on no list: how they are destructed and discarded.
internal sealed partial class CacheSlabs
{
    /// <summary>
    /// Whether the calling thread is in a constructor or a destructor of a cache whose slabs lie in these pages.
    /// </summary>
    public static bool IsInUsersCode(PageAllocator pages) =>
        t_constructing?.Exists(slabs => slabs.Pages == pages) == true
            || t_destructing?.Exists(slabs => slabs.Pages == pages) == true;

    /// <summary>Whether slabs wait for a grace period.</summary>
    public bool WaitsForGracePeriod => _options.TypeSafeByRcu && _detached.AnyWaits;

    /// <summary>Whether any slab is being made or discarded.</summary>
    public bool HasDetached
    {
        get
        {
            using (_listLock.Hold())
            {
                return _detached.Any;
            }
        }
    }

    /// <summary>Whether no frame has the cache's id.</summary>
    public bool HasNoSlab
    {
        get
        {
            using (_listLock.Hold())
            {
                return Capacity == 0 && !_detached.Any;
            }
        }
    }

    /// <summary>Gives up the id of a closed cache once no frame has it. Another cache may then get it.</summary>
    /// <returns>Whether it was given up.</returns>
    public bool TryGiveUpId()
    {
        using (_listLock.Hold())
        {
            return _idGivenUp |= Capacity == 0 && !_detached.Any;
        }
    }

    /// <summary>
    /// Destructs the slabs that left the lists and whose grace period has passed, and gives their pages back. The
    /// caller holds no lock.
    /// </summary>
    /// <exception cref="Exception">What a destructor threw first; later slow calls throw the others. Every slab was
    /// discarded all the same.</exception>
    public void FinishDiscards() => FinishDiscardsQuietly().ThrowFirst(later: Pending);

    /// <inheritdoc cref="FinishDiscards"/>
    /// <returns>The exceptions of destructors.</returns>
    public unsafe FoundErrors FinishDiscardsQuietly()
    {
        FoundErrors found = default;
        if (!_detached.AnyWaits || t_destructing?.Contains(this) == true)
        {
            // Called inside a destructor of this cache: the call that runs it goes on to the slabs that leave
            // meanwhile.
            return found;
        }

        PrepareToDestruct();
        for (Slab* slab = TakeDetached(); slab != null; slab = TakeDetached())
        {
            Destruct(slab, slab->Objects, ref found);
            DiscardHeld(slab);
        }

        if (WaitsForGracePeriod)
        {
            try
            {
                if (GracePeriod<RawWords>.NeedsAttention(Deferral!, first: true))
                {
                    GracePeriods.OfProcess.Attend(Deferral!, hurry: false);
                }
            }
            catch (Exception thrown)
            {
                found.Add(thrown); // no thread could be had: the next call that finds a slab waiting tries again
            }
        }

        return found;
    }

    /// <summary>
    /// Called before the memory of the runtime goes without destructors. No thread may look at a slab any more.
    /// </summary>
    public void Abandon()
    {
        using (_listLock.Hold())
        {
            _closed = true;
            _detached.Abandon();
            GiveAllGuarded(site: null);
        }
    }

    /// <summary>The grace period that the last waiting slab needs, or 0.</summary>
    public long LastGracePeriod()
    {
        using (_listLock.Hold())
        {
            return _detached.LastGracePeriod;
        }
    }

    private unsafe Slab* TakeDetached()
    {
        using (_listLock.Hold())
        {
            return _detached.TryTake();
        }
    }

    /// <summary>
    /// Makes room to note that the thread is in a destructor of this cache. This can fail, so it comes before a slab is
    /// in hand.
    /// </summary>
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

    /// <summary>Under the lock, because <c>Locate</c> follows a frame with this id to its slab.</summary>
    private unsafe void DiscardHeld(Slab* slab)
    {
        using (_listLock.Hold())
        {
            FreePages(slab);
            _detached.LetGo();
        }
    }
}
