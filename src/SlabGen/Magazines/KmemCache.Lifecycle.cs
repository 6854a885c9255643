using System.Runtime.ExceptionServices;
using SlabGen.Magazines;
using SlabGen.Memory;

namespace SlabGen;

// Giving memory back, and the end of a cache.
public sealed partial class KmemCache
{
    private const int ReportedAddresses = 16;
    private const int DestroyPatience = 20; // milliseconds

    /// <summary>What <see cref="Destroy"/> found, also when it threw; <see langword="null"/> before.</summary>
    public LeakReport? Leak { get; private set; }

    /// <summary>
    /// Takes back every free object, from the magazines of all threads, idle ones included, and gives every page that
    /// is then free to the operating system (<c>kmem_cache_shrink</c>).
    /// </summary>
    /// <returns>Whether the cache still has a slab, because an object is live (the kernel's function returns 0 when it has none).</returns>
    /// <remarks>
    /// Of a thread that runs, or waits in native code, one free object may have to stay: it might be about to take it. Objects that
    /// wait for a reader stay, and so do the pages of a cache with <see cref="SlabCacheOptions.TypeSafeByRcu"/>, until it has passed.
    /// </remarks>
    /// <exception cref="SlabException">A bad pointer was found in a magazine.</exception>
    /// <exception cref="ObjectDisposedException">The cache was destroyed.</exception>
    public bool Shrink()
    {
        _magazines.ThrowIfClosed();
        _deferred.FreeWithoutWaiting();
        SlabException? error = _magazines.Drain(close: false, out _);
        Exception? thrown = _node.FinishReleasesQuietly();
        _node.Pages.Trim();
        if (error is not null)
        {
            throw error;
        }

        Rethrow(thrown);
        _magazines.ThrowPending();
        return _node.Capacity > 0;
    }

    /// <summary>
    /// Ends the use of the cache (<c>kmem_cache_destroy</c>): every later call but this one throws. Its memory goes back to the
    /// operating system, except for slabs with live objects, which stay mapped so that no pointer to them dangles. Waits for
    /// the grace periods that objects and slabs of the cache wait for.
    /// </summary>
    /// <returns>Which objects were never freed.</returns>
    /// <exception cref="InvalidOperationException">The calling thread is inside a read-side section of <see cref="Rcu"/>.</exception>
    /// <exception cref="SlabException">A bad pointer was found in a magazine; the cache is destroyed all the same.</exception>
    /// <exception cref="ObjectDisposedException">The cache was destroyed before.</exception>
    public LeakReport Destroy()
    {
        if (_periods.IsReading)
        {
            throw new InvalidOperationException($"Cache '{Name}': Destroy was called inside a read-side section of Rcu, for whose end it might wait.");
        }

        if (!TryDestroy(out Exception? error))
        {
            Slabs.Throw.Destroyed(Name);
        }

        Rethrow(error);
        _magazines.ThrowPending();
        return Leak!;
    }

    /// <summary><see cref="Destroy"/>, by a caller that is not reading.</summary>
    /// <returns><see langword="false"/> when the cache was destroyed before.</returns>
    internal bool TryDestroy(out Exception? error)
    {
        error = null;
        if (!_magazines.TryClose())
        {
            return false;
        }

        _deferred.FreeAll();
        error = _magazines.Drain(close: true, out long left);
        for (int i = 0; left > 0 && i < DestroyPatience; i++)
        {
            // A thread was at work. Its operation ends within moments, and its next one gives back what it holds.
            UninterruptibleLock.Pause();
            SlabException? more = _magazines.Drain(close: true, out left);
            error ??= more;
        }

        HashSet<nint> free = _magazines.ListLeft();
        nint[] addresses = new nint[ReportedAddresses];
        int listed = _node.ListInUse(addresses, free, out long inUse);
        Leak = new LeakReport(Name, Math.Max(listed, inUse), addresses[..listed]);
        Exception? thrown = FinishReleasesAndWait();
        error ??= thrown;
        _node.Account?.Remove(_magazines);
        Handles.Close();
        _table.Remove(this);
        _node.Pages.Trim();
        return true;
    }

    private static void Rethrow(Exception? error)
    {
        if (error is not null)
        {
            ExceptionDispatchInfo.Throw(error);
        }
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
        if (_node.HasNoSlab && !_magazines.HasLoadedMagazine())
        {
            id = Interlocked.Exchange(ref _id, 0); // one caller gets it
        }

        if (id != 0)
        {
            CacheTable.GiveBackId(_magazines.HiddenSlot);
            IdGivenUp?.Invoke();
        }

        return id != 0;
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
