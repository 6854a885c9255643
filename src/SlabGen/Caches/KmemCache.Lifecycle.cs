using SlabGen.Caches;
using SlabGen.Memory;

namespace SlabGen;

// Giving memory back, and the end of a cache.
public sealed partial class KmemCache
{
    private const int ReportedAddresses = 16;

    /// <summary>What <see cref="Destroy"/> found, also when it threw; <see langword="null"/> before.</summary>
    public LeakReport? Leak => Volatile.Read(ref _leak);

    /// <summary>
    /// Takes back every free object from the magazines of all threads, including idle ones, and gives every page that
    /// is then free to the operating system (<c>kmem_cache_shrink</c>). So it does with the pages of a slab between its
    /// live objects, but for a cache with a constructor, letters, guard pages or
    /// <see cref="SlabCacheOptions.TypeSafeByRcu"/>.
    /// </summary>
    /// <returns>
    /// Whether the cache still has a slab, because an object is live. (The kernel's function returns 0 when it has
    /// none.)
    /// </returns>
    /// <remarks>
    /// <para>A running thread may keep one free object and a magazine, because it could be about to take that object. A
    /// later call takes them, once the thread has been in the slow path of any cache. A resting thread keeps nothing. A
    /// thread rests when it is dead or in a managed wait. On Linux with <c>/proc</c>, it also rests when it sleeps in a
    /// system call, even for a moment, as a pool thread without work does. On Linux a later call also takes them from a
    /// thread that never sleeps, once it has computed for 40 ms. Elsewhere a thread in native code counts as
    /// running.</para>
    /// <para>Objects that wait for a reader stay until that wait is over, and so do the pages of a cache with
    /// <see cref="SlabCacheOptions.TypeSafeByRcu"/>. While an object is moved (<see cref="SetMove"/>), the slabs of
    /// both its places stay, even if it is freed meanwhile.</para>
    /// </remarks>
    /// <exception cref="SlabException">A bad pointer was found in a magazine.</exception>
    /// <exception cref="Exception">What a destructor threw. Of several errors this call throws the first, and later
    /// calls on the cache throw the others.</exception>
    /// <exception cref="ObjectDisposedException">The cache was destroyed.</exception>
    public bool Shrink()
    {
        _magazines.ThrowIfClosed();
        FoundErrors found = TakeHome(Patience.None).Errors;
        HollowOut();
        _slabs.Pages.Trim();
        found.ThrowFirst(later: Pending);
        Pending.Throw();
        return _slabs.Capacity > 0;
    }

    /// <summary>
    /// Ends the use of the cache (<c>kmem_cache_destroy</c>): every later call except this one throws. Its memory goes
    /// back to the operating system, except for slabs with live objects. Those stay mapped, so that no pointer to them
    /// dangles. It waits for the grace periods that objects and slabs of the cache wait for. It waits for ever if a
    /// thread leaves a read-side section of <see cref="Rcu"/> open (<see cref="Rcu.Stalled"/> names it). What must be
    /// left with a running thread (see <see cref="Shrink"/>) goes at a later interval of
    /// <see cref="SlabRuntimeOptions.ReapInterval"/>, or at a later <see cref="SlabRuntime.Shrink"/>.
    /// </summary>
    /// <returns>The objects that were never freed.</returns>
    /// <exception cref="InvalidOperationException">The calling thread is inside a read-side section of
    /// <see cref="Rcu"/>, or the cache belongs to a <see cref="Kmalloc"/>.</exception>
    /// <exception cref="SlabException">A bad pointer was found in a magazine. The cache is still destroyed.</exception>
    /// <exception cref="AggregateException">More than one error was found, perhaps of destructors. They are the inner
    /// exceptions, because no later call can throw them.</exception>
    /// <exception cref="ObjectDisposedException">The cache was destroyed before.</exception>
    public LeakReport Destroy()
    {
        ThrowIfOfKmalloc("Destroy");
        if (RcuReader.IsReading)
        {
            throw new InvalidOperationException($"Cache '{Name}': Destroy was called inside a read-side section of Rcu. It might wait for the end of that section.");
        }

        if (!TryDestroy(out FoundErrors found))
        {
            SlabGen.Slabs.Throw.Destroyed(Name);
        }

        found.ThrowAll();
        return Leak!;
    }

    /// <summary>Does what <see cref="Destroy"/> does. The caller is in no read-side section.</summary>
    /// <returns><see langword="false"/> when the cache was destroyed before.</returns>
    internal bool TryDestroy(out FoundErrors found)
    {
        found = default;
        _table.BeginEnd();
        try
        {
            return TryDestroyAlone(ref found);
        }
        finally
        {
            _table.FinishEnd();
        }
    }

    /// <summary>Gives the pages back that lie between live objects.</summary>
    internal void HollowOut() => _slabs.HollowOut();

    /// <inheritdoc cref="CacheTable.TryBeginEnd"/>
    internal bool TryBeginEnd() => _table.TryBeginEnd();

    /// <inheritdoc cref="CacheTable.FinishEnd"/>
    internal void FinishEnd() => _table.FinishEnd();

    /// <summary>After <see cref="TryDestroy"/>: what was found, if by another thread, once it has found it.</summary>
    internal LeakReport WaitForLeak()
    {
        LeakReport? leak;
        while ((leak = Volatile.Read(ref _leak)) is null)
        {
            UninterruptibleLock.Pause();
        }

        return leak;
    }

    private bool TryDestroyAlone(ref FoundErrors found)
    {
        if (!_magazines.TryClose())
        {
            return false;
        }

        Gather(Patience.Unlimited, ref found, out _);
        HashSet<nint> free = _magazines.ListLeft();
        nint[] addresses = new nint[ReportedAddresses];
        int listed = _slabs.ListInUse(addresses, free, out long inUse);
        Volatile.Write(ref _leak, new LeakReport(Name, Math.Max(listed, inUse), addresses[..listed]));
        FinishDiscardsAndWait(ref found);
        _slabs.Quota.Account?.Remove(this);
        Handles.Close();
        _table.Remove(this);
        _slabs.Pages.Trim();
        found.AddAll(Pending);
        return true;
    }

    /// <summary>
    /// Whether <see cref="SlabRuntime.LeaksFound"/> was raised for <see cref="Leak"/>. The end of the runtime does not
    /// raise it again.
    /// </summary>
    internal bool IsLeakTold
    {
        get => Volatile.Read(ref _leakTold);
        set => Volatile.Write(ref _leakTold, value);
    }

    private void ThrowIfOfKmalloc(string caller)
    {
        if (OfKmalloc is not null)
        {
            throw new InvalidOperationException($"Cache '{Name}': {caller} was called, but the cache belongs to Kmalloc '{OfKmalloc}', whose blocks would not know. Call Kmalloc.{caller}.");
        }
    }

    /// <summary>
    /// Whether every object was freed, and the end of the cache would wait for no reader. Everything free has come home
    /// then.
    /// </summary>
    internal bool HasNothingLive()
    {
        long left = TakeHomeQuietly(Patience.Short).Left;
        return !_deferred.Waits && _slabs.InUse <= left;
    }

    /// <summary>
    /// Gives the id up, once no slab has it and no running thread was left a magazine. Such a thread finds its slot by
    /// the id when it comes back.
    /// </summary>
    internal bool TryGiveUpId(out int id)
    {
        id = 0;
        if (!_magazines.HasLoadedMagazine() && _slabs.TryGiveUpId())
        {
            id = Interlocked.Exchange(ref _id, 0); // one caller gets it
        }

        if (id != 0)
        {
            CacheTable.ReturnId(_magazines.HiddenSlot);
            IdGivenUp?.Invoke();
        }

        return id != 0;
    }

    /// <summary>Gives up the ids of a cache that no one has seen yet.</summary>
    internal void GiveUpUnused()
    {
        CacheTable.ReturnId(Interlocked.Exchange(ref _id, 0));
        CacheTable.ReturnId(_magazines.HiddenSlot);
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
