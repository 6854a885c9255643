using SlabGen.Caches;
using SlabGen.Memory;

namespace SlabGen;

// Giving memory back, and the end of a cache.
public sealed partial class KmemCache
{
    private const int ReportedAddresses = 16;
    private const int DestroyPatience = 20; // milliseconds

    /// <summary>What <see cref="Destroy"/> found, also when it threw; <see langword="null"/> before.</summary>
    public LeakReport? Leak => Volatile.Read(ref _leak);

    /// <summary>
    /// Takes back every free object, from the magazines of all threads, idle ones included, and gives every page that
    /// is then free to the operating system (<c>kmem_cache_shrink</c>).
    /// </summary>
    /// <returns>Whether the cache still has a slab, because an object is live (the kernel's function returns 0 when it has none).</returns>
    /// <remarks>
    /// <para>A running thread may keep one free object and a magazine, because it could be about to take that object. A later call takes
    /// them, once the thread has been in the slow path of any cache. A resting thread keeps nothing: one that is dead, in a managed wait,
    /// or, on Linux with <c>/proc</c>, asleep in a system call, even for a moment, as a pool thread without work is. On Linux a later call
    /// also takes them from a thread that never sleeps, once it has computed for 40 ms. Elsewhere a thread in native code counts as
    /// running.</para>
    /// <para>Objects that wait for a reader stay, and so do the pages of a cache with <see cref="SlabCacheOptions.TypeSafeByRcu"/>,
    /// until it has passed.</para>
    /// </remarks>
    /// <exception cref="SlabException">A bad pointer was found in a magazine.</exception>
    /// <exception cref="Exception">What a destructor threw. Of several errors this call throws the first, and later calls on the cache the others.</exception>
    /// <exception cref="ObjectDisposedException">The cache was destroyed.</exception>
    public bool Shrink()
    {
        _magazines.ThrowIfClosed();
        _deferred.FreeWithoutWaiting();
        FoundErrors found = default;
        found.Add(_magazines.Drain(close: false, out _));
        found.AddAll(_slabs.FinishDiscardsQuietly());
        _slabs.Pages.Trim();
        found.ThrowFirst(later: _magazines.Pending);
        _magazines.ThrowPending();
        return _slabs.Capacity > 0;
    }

    /// <summary>
    /// Ends the use of the cache (<c>kmem_cache_destroy</c>): every later call but this one throws. Its memory goes back to the
    /// operating system, except for slabs with live objects, which stay mapped so that no pointer to them dangles. Waits for
    /// the grace periods that objects and slabs of the cache wait for: for ever, if a thread leaves a read-side section of <see cref="Rcu"/> open
    /// (<see cref="Rcu.Stalled"/> names it). What must be left with a running thread (see <see cref="Shrink"/>)
    /// goes at a later interval of <see cref="SlabRuntimeOptions.ReapInterval"/>, or at a later <see cref="SlabRuntime.Shrink"/>.
    /// </summary>
    /// <returns>Which objects were never freed.</returns>
    /// <exception cref="InvalidOperationException">The calling thread is inside a read-side section of <see cref="Rcu"/>; or the cache belongs to a <see cref="Kmalloc"/>.</exception>
    /// <exception cref="SlabException">A bad pointer was found in a magazine; the cache is destroyed all the same.</exception>
    /// <exception cref="AggregateException">More than one error was found, perhaps of a destructor. They are the inner exceptions, because
    /// no later call can throw them.</exception>
    /// <exception cref="ObjectDisposedException">The cache was destroyed before.</exception>
    public LeakReport Destroy()
    {
        ThrowIfOfKmalloc("Destroy");
        if (RcuReader.IsReading)
        {
            throw new InvalidOperationException($"Cache '{Name}': Destroy was called inside a read-side section of Rcu, for whose end it might wait.");
        }

        if (!TryDestroy(out FoundErrors found))
        {
            SlabGen.Slabs.Throw.Destroyed(Name);
        }

        found.ThrowAll();
        return Leak!;
    }

    /// <summary><see cref="Destroy"/>, by a caller that is not reading.</summary>
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

        _deferred.FreeAll();
        found.Add(_magazines.Drain(close: true, out long left));
        for (int i = 0; left > 0 && i < DestroyPatience; i++)
        {
            // A thread was at work. Its operation ends within moments, and its next one gives back what it holds.
            UninterruptibleLock.Pause();
            found.Add(_magazines.Drain(close: true, out left));
        }

        HashSet<nint> free = _magazines.ListLeft();
        nint[] addresses = new nint[ReportedAddresses];
        int listed = _slabs.ListInUse(addresses, free, out long inUse);
        Volatile.Write(ref _leak, new LeakReport(Name, Math.Max(listed, inUse), addresses[..listed]));
        FinishDiscardsAndWait(ref found);
        _slabs.Quota.Account?.Remove(this);
        Handles.Close();
        _table.Remove(this);
        _slabs.Pages.Trim();
        found.AddAll(_magazines.Pending);
        return true;
    }

    /// <summary>Whether <see cref="Leak"/> was told to <see cref="SlabRuntime.LeaksFound"/>: not again by the end of the runtime.</summary>
    internal bool IsLeakTold
    {
        get => Volatile.Read(ref _leakTold);
        set => Volatile.Write(ref _leakTold, value);
    }

    /// <summary>The name of the <see cref="Kmalloc"/> whose cache this is, or null. What ends or empties such a cache goes by way of the Kmalloc, whose blocks must know.</summary>
    internal string? OfKmalloc { get; set; }

    private void ThrowIfOfKmalloc(string caller)
    {
        if (OfKmalloc is not null)
        {
            throw new InvalidOperationException($"Cache '{Name}': {caller} was called, but the cache belongs to Kmalloc '{OfKmalloc}', whose blocks would not know. Call Kmalloc.{caller}.");
        }
    }

    /// <summary>The tie to a load context that can be unloaded, or null.</summary>
    internal WeakReference<ContextTie>? Tie { get; set; }

    /// <summary>Whether every object was freed, and the end of the cache would wait for no reader. Everything free has come home then.</summary>
    internal bool HasNothingLive()
    {
        _deferred.FreeWithPatience();
        _magazines.ThrowLater(_magazines.Drain(close: false, out long left));
        _deferred.FreeWithPatience(); // slabs that have just left may wait for a grace period too
        _magazines.ThrowLater(_slabs.FinishDiscardsQuietly());
        return !_deferred.Waits && _slabs.InUse <= left;
    }

    /// <summary>Called when the index was given up, before another cache can get it.</summary>
    internal Action? IdGivenUp { get; set; }

    /// <summary>
    /// Gives the index up, once no slab bears it and no thread at work was left a magazine. Such a thread finds its slot by
    /// the index when it comes back.
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

    /// <summary>Gives the indices up of a cache that nobody came to know.</summary>
    internal void GiveUpUnused()
    {
        CacheTable.ReturnId(Interlocked.Exchange(ref _id, 0));
        CacheTable.ReturnId(_magazines.HiddenSlot);
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
