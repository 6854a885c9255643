using SlabGen.Memory;

namespace SlabGen;

// Emptying a private instance, which lives on.
public sealed partial class Kmalloc
{
    /// <summary>
    /// How often the instance was emptied: an owning block or a reservation of an earlier count has nothing any more.
    /// </summary>
    internal int Resets => Volatile.Read(ref _resets);

    /// <summary>
    /// Frees every block of a private instance at once, those of whole pages too, and gives the pages back: an arena,
    /// which can then be filled anew (<c>mi_heap_destroy</c>, but that the instance lives on). No block may be used or
    /// freed afterwards.
    /// </summary>
    /// <remarks>
    /// <para>As <see cref="KmemCache.Reset()"/>, for all of its caches: no other thread may be inside a call to the
    /// instance, or to <see cref="Free"/> with one of its blocks; what was deferred (<see cref="FreeDeferred"/>) is
    /// waited for. A <see cref="KmallocBlock"/> and a <see cref="KmallocReservation"/> throw
    /// <see cref="ObjectDisposedException"/> from then on, and their disposal frees nothing. A <see cref="KeptLocal"/>
    /// goes on.</para>
    /// <para>A block of whole pages that was freed as pages (<see cref="PageAllocator.FreePages(nint)"/>) counts as the
    /// instance's still: free blocks by <see cref="Free"/>.</para>
    /// </remarks>
    /// <returns>How many blocks were live, those set aside included.</returns>
    /// <exception cref="InvalidOperationException">This is <see cref="SlabRuntime.Kmalloc"/>, which serves the whole
    /// runtime. Or the calling thread is inside a read-side section or a callback of <see cref="Rcu"/>, or a
    /// <see cref="Mempool"/> has blocks of one of its caches in reserve. Nothing was freed. Or another thread used a
    /// cache of the instance meanwhile: that one was not emptied.</exception>
    /// <exception cref="SlabException">A bad pointer was found in a magazine; everything was freed all the
    /// same.</exception>
    /// <exception cref="AggregateException">More than one error was found.</exception>
    /// <exception cref="ObjectDisposedException">The instance was destroyed, or the runtime disposed.</exception>
    public long Reset()
    {
        if (!_isPrivate)
        {
            throw new InvalidOperationException("SlabRuntime.Kmalloc serves the whole runtime and cannot be emptied. SlabRuntime.CreateKmalloc makes an instance that can.");
        }

        ThrowIfDestroyed();
        Rcu.ThrowIfReading("Kmalloc.Reset");
        if (GracePeriods.OfProcess.Background.IsCurrent)
        {
            throw new InvalidOperationException("Kmalloc.Reset was called in a callback of Rcu.Call: a block of whole pages may wait for a later one.");
        }

        // Before anything is freed, or any block counts as freed.
        Array.ForEach(_caches, cache => cache.ThrowIfNotToReset());
        FoundErrors found = default;
        if (_owners.Of(this).Length > 0)
        {
            WaitForDeferredPages(ref found);
        }

        Interlocked.Increment(ref _resets);
        long live = 0;
        foreach (KmemCache cache in _caches)
        {
            try
            {
                live += cache.Reset(clear: false);
            }
            catch (Exception error)
            {
                found.Add(error); // told below, after the others
            }
        }

        foreach (nint address in _owners.Of(this))
        {
            live += TryFreeLarge(address) ? 1 : 0;
        }

        _pages.Trim();
        found.ThrowAll();
        return live;
    }

    /// <summary>
    /// One of the blocks may be on its way in a callback, which must not meet its address when that is another's.
    /// </summary>
    private static void WaitForDeferredPages(ref FoundErrors found)
    {
        try
        {
            Rcu.Barrier();
        }
        catch (Exception error)
        {
            found.Add(error); // of whichever callback; everything was waited for
        }
    }
}
