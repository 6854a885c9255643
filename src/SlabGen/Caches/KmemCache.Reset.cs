using SlabGen.Caches;
using SlabGen.Memory;

namespace SlabGen;

// Emptying a cache that lives on: Destroy, and a fresh cache in its place with the same name, options, type of handles
// and threads.
public sealed partial class KmemCache
{
    /// <summary>
    /// How often the cache was emptied. An owner, a buffer or a reservation with an earlier count has nothing any more.
    /// </summary>
    internal int Resets => Volatile.Read(ref _resets);

    /// <summary>Called when a mempool of the cache begins or ends.</summary>
    internal void CountMempool(int change) => Interlocked.Add(ref _mempools, change);

    /// <summary>
    /// Frees every object at once, and gives the pages back. Use it for the arena of a frame or a request (jemalloc's
    /// <c>arena.i.reset</c>; <c>mi_heap_destroy</c>, except that the cache lives on). No pointer to an object may be
    /// used or freed afterwards.
    /// </summary>
    /// <remarks>
    /// <para><b>Who may call it.</b> The caller must know that no other thread is inside a call to the cache, or makes
    /// one before this returns, as with <see cref="Destroy"/>. If a thread is seen to have allocated or freed
    /// meanwhile, this throws, before anything was freed. Not every such thread is seen. Threads that used the cache
    /// before, and now rest or do something else, do not matter: what waits in their magazines is taken home.</para>
    /// <para><b>What becomes stale.</b> Every <see cref="SlabHandle{T}"/>, which is found stale as usual. Every
    /// <see cref="SlabOwner{T}"/>, <see cref="SlabBuffer"/> and <see cref="SlabReservation{T}"/>: using one throws
    /// <see cref="ObjectDisposedException"/>, and its disposal frees nothing. Pointers and leases do not know. End
    /// leases before. A free by a stale pointer is found like any bad free. A <see cref="Mempool"/> holds objects of
    /// the cache in reserve, so dispose of it before.</para>
    /// <para><b>What runs.</b> The destructor of the cache runs for every object of every slab, as always when a slab
    /// goes. For a live object it sees what its user left. No hook of a generated class
    /// (<see cref="SlabFiniAttribute"/>) runs, because objects set aside look live here and were never prepared. With
    /// <see cref="SlabZeroing.OnFree"/> live objects are cleared.</para>
    /// <para><b>What is waited for.</b> Readers, if something was deferred (<see cref="FreeDeferred"/>,
    /// <see cref="SlabCacheOptions.TypeSafeByRcu"/>), as in <see cref="Destroy"/>. And a move callback
    /// (<see cref="SetMove"/>) that runs in the background: do not hold the lock that it takes.</para>
    /// <para><b>What stays.</b> One free object, with its slab, of each thread that is running at this moment and may
    /// be about to take it, as after <see cref="Shrink"/>, until the thread is seen elsewhere. Limits and the account
    /// have room for everything else at once. Counts of events, such as <see cref="CacheSnapshot.PeakObjects"/>, go
    /// on.</para>
    /// </remarks>
    /// <returns>The number of live objects, including those set aside; 0 when everything had been freed.</returns>
    /// <exception cref="InvalidOperationException">Nothing was freed, for one of these reasons: the calling thread is
    /// inside a read-side section of <see cref="Rcu"/>, or in a constructor, destructor or move callback of the cache;
    /// a <see cref="Mempool"/> of the cache was not disposed; the cache belongs to a <see cref="Kmalloc"/>; or another
    /// thread used the cache meanwhile.</exception>
    /// <exception cref="SlabException">A bad pointer was found in a magazine. The cache is still empty.</exception>
    /// <exception cref="Exception">What a destructor threw. The cache is still empty. Of several errors this call
    /// throws the first, and later calls on the cache throw the others.</exception>
    /// <exception cref="ObjectDisposedException">The cache was destroyed.</exception>
    public long Reset()
    {
        ThrowIfOfKmalloc("Reset");
        return Reset(clear: _zeroing == SlabZeroing.OnFree);
    }

    /// <summary>
    /// Does what <see cref="Reset()"/> does, and clears live objects if the generated class wants that.
    /// </summary>
    /// <param name="clear">Whether live objects are cleared, as they are when they are freed.</param>
    internal long Reset(bool clear)
    {
        ThrowIfNotToReset();
        FoundErrors found = default;
        long live;
        BeginAlone();
        try
        {
            // No destructors yet: one may use the cache, which would be seen as another's use.
            Gather(Patience.Unlimited, ref found, out _);
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

    /// <summary>Throws if a reset would be refused, as far as that is known before it begins.</summary>
    internal void ThrowIfNotToReset()
    {
        _magazines.ThrowIfClosed();
        if (RcuReader.IsReading || _slabs.IsInItsLife)
        {
            string where = RcuReader.IsReading ? "inside a read-side section of Rcu, whose end it might wait for" : "in a constructor or destructor of the cache, whose slab is on its way";
            throw new InvalidOperationException($"Cache '{Name}': Reset was called {where}.");
        }

        if (Volatile.Read(ref _mempools) is > 0 and int pools)
        {
            throw new InvalidOperationException($"Cache '{Name}': Reset was called while {pools} mempool(s) have objects of it in reserve. Dispose of them first.");
        }
    }

    /// <summary>Keeps consolidation out, because only its callback holds the objects that it moves.</summary>
    private void BeginAlone()
    {
        int current = Environment.CurrentManagedThreadId;
        for (int other; (other =
            Interlocked.CompareExchange(ref _consolidator, current, 0)) != 0; UninterruptibleLock.Pause())
        {
            if (other == current)
            {
                throw new InvalidOperationException($"Cache '{Name}': Reset was called in its move callback, whose objects it would free.");
            }
        }
    }
}
