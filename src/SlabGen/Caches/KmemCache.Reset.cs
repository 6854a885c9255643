using SlabGen.Caches;
using SlabGen.Memory;

namespace SlabGen;

// Emptying a cache, which lives on: Destroy, and a fresh one in its place, whose name, options, handles' type and threads stay.
public sealed partial class KmemCache
{
    /// <summary>How often the cache was emptied: an owner, a buffer or a reservation of an earlier count has nothing any more.</summary>
    internal int Resets => Volatile.Read(ref _resets);

    /// <summary>A mempool of the cache begins, or ends.</summary>
    internal void CountMempool(int change) => Interlocked.Add(ref _mempools, change);

    /// <summary>
    /// Frees every object at once, and gives the pages back: a frame's or a request's arena (jemalloc's <c>arena.i.reset</c>; <c>mi_heap_destroy</c>, but that the cache
    /// lives on). No pointer to an object may be used or freed afterwards.
    /// </summary>
    /// <remarks>
    /// <para><b>Who may call it.</b> Who knows that no other thread is inside a call to the cache, or makes one before this returns, as with <see cref="Destroy"/>. A thread that is
    /// seen to have allocated or freed meanwhile is an error, before anything was freed; not every one is seen. Threads that used the cache before, and rest or do something else,
    /// are no matter: what waits in their magazines is taken home.</para>
    /// <para><b>What becomes stale.</b> Every <see cref="SlabHandle{T}"/>, which is found as ever. Every <see cref="SlabOwner{T}"/>, <see cref="SlabBuffer"/> and <see cref="SlabReservation{T}"/>: a
    /// use of one throws <see cref="ObjectDisposedException"/>, its disposal frees nothing. Pointers and leases do not know: end leases before; what is
    /// freed by a stale pointer is found as any bad free is. A <see cref="Mempool"/> holds objects of the cache in reserve, and has to end before.</para>
    /// <para><b>What runs.</b> The destructor of the cache, for every object of every slab, as always when a slab goes; of an object that was live it sees what its user left. No hook of a
    /// generated class (<see cref="SlabFiniAttribute"/>): what is set aside looks live here, and was never prepared. With <see cref="SlabZeroing.OnFree"/> what was live is cleared.</para>
    /// <para><b>What is waited for.</b> Readers, where something was deferred (<see cref="FreeDeferred"/>, <see cref="SlabCacheOptions.TypeSafeByRcu"/>), as <see cref="Destroy"/> waits;
    /// and a move callback (<see cref="SetMove"/>) that runs in the background: do not hold the lock that it takes.</para>
    /// <para><b>What stays.</b> One free object of a thread that runs at this moment, and may be about to take it, with its slab, as after <see cref="Shrink"/>, until the thread is
    /// seen elsewhere. Limits and the account have room for all else at once. Counts of what happened, such as <see cref="CacheSnapshot.PeakObjects"/>, go on.</para>
    /// </remarks>
    /// <returns>How many objects were live, those set aside included; 0 when everything had been freed.</returns>
    /// <exception cref="InvalidOperationException">The calling thread is inside a read-side section of <see cref="Rcu"/>, or in a constructor, destructor or move callback of the cache; or
    /// a <see cref="Mempool"/> of the cache was not disposed; or the cache belongs to a <see cref="Kmalloc"/>; or another thread used the cache meanwhile. Nothing was freed.</exception>
    /// <exception cref="SlabException">A bad pointer was found in a magazine; the cache is empty all the same.</exception>
    /// <exception cref="Exception">What a destructor threw; the cache is empty all the same. Of several errors this call throws the first, and later calls on the cache the others.</exception>
    /// <exception cref="ObjectDisposedException">The cache was destroyed.</exception>
    public long Reset()
    {
        ThrowIfOfKmalloc("Reset");
        return Reset(clear: _zeroing == SlabZeroing.OnFree);
    }

    /// <summary>For generated code: <see cref="Reset()"/>.</summary>
    /// <param name="clear">Whether live objects are cleared, as they are when they are freed.</param>
    internal long Reset(bool clear)
    {
        ThrowIfNotToReset();
        FoundErrors found = default;
        long live;
        BeginAlone();
        try
        {
            Gather(Patience.Unlimited, ref found, out _); // no destructors yet: one may use the cache, which would be seen as another's use
            live = _magazines.Reset(clear, () =>
            {
                Interlocked.Increment(ref _resets);
                Handles.Reset();
            });
        }
        finally
        {
            Volatile.Write(ref _consolidator, 0);
        }

        FinishDiscardsAndWait(ref found);
        _slabs.Pages.Trim();
        found.ThrowFirst(later: Pending);
        Pending.Throw();
        return live;
    }

    /// <summary>Whether a reset would be refused, as far as can be known before it begins.</summary>
    internal void ThrowIfNotToReset()
    {
        _magazines.ThrowIfClosed();
        if (RcuReader.IsReading || _slabs.IsInItsLife)
        {
            string where = RcuReader.IsReading ? "inside a read-side section of Rcu, for whose end it might wait" : "in a constructor or destructor of the cache, whose slab is on its way";
            throw new InvalidOperationException($"Cache '{Name}': Reset was called {where}.");
        }

        if (Volatile.Read(ref _mempools) is > 0 and int pools)
        {
            throw new InvalidOperationException($"Cache '{Name}': Reset was called while {pools} mempool(s) have objects of it in reserve. Dispose of them first.");
        }
    }

    /// <summary>Keeps consolidation out: its callback's objects are in nobody's hands but its own.</summary>
    private void BeginAlone()
    {
        int current = Environment.CurrentManagedThreadId;
        for (int other; (other = Interlocked.CompareExchange(ref _consolidator, current, 0)) != 0; UninterruptibleLock.Pause())
        {
            if (other == current)
            {
                throw new InvalidOperationException($"Cache '{Name}': Reset was called in its move callback, whose objects it would free.");
            }
        }
    }
}
