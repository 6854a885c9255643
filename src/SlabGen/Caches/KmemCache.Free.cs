using System.Runtime.CompilerServices;
using SlabGen.CompilerServices;
using SlabGen.Magazines;
using SlabGen.Slabs;

namespace SlabGen;

// Frees, at once and after a grace period.
public sealed partial class KmemCache
{
    /// <summary>Takes an object back (<c>kmem_cache_free</c>). It must not be used any more.</summary>
    /// <param name="address">An object of this cache. Null is an error, as it is in the kernel.</param>
    /// <exception cref="SlabException">The pointer, or one freed before, is not one that this cache can take
    /// back.</exception>
    /// <exception cref="ObjectDisposedException">The cache was destroyed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Free(nint address)
    {
        ThreadCache? thread = ThreadSlots.Peek(Id);
        if (thread is null || !thread.TryFree(address))
        {
            FreeSlow(thread, address);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private unsafe void FreeSlow(ThreadCache? thread, nint address)
    {
        bool marked = false;
        if (!TryFreeChecked(BinOf(thread), address, ref marked))
        {
            FreeSlower(ref ThreadSlots.Slot(Id), address, marked);
        }
    }

    /// <summary>Takes objects back (<c>kmem_cache_free_bulk</c>).</summary>
    /// <exception cref="SlabException">One of the pointers is null, and none was taken back; or one of them, or of
    /// those freed before, is not one that this cache can take back, and all others were.</exception>
    /// <exception cref="ObjectDisposedException">The cache was destroyed.</exception>
    public void FreeBulk(ReadOnlySpan<nint> addresses) => FreeBulk(ref ThreadSlots.Slot(Id), addresses);

    /// <summary>
    /// Takes an object back once a grace period of <see cref="Rcu"/> has passed, when no reader sees it any more
    /// (<c>kfree_rcu</c>). It does not wait, and may be called inside a read-side section.
    /// </summary>
    /// <param name="address">An object of this cache that was unlinked: new readers must not find it.</param>
    /// <remarks>
    /// Objects are collected and freed together, in the background, or by a thread that needs memory, or by
    /// <see cref="Rcu.Barrier"/>. A bad pointer, or one that was freed twice, is found then, and the next slow call on
    /// the cache throws it; with <see cref="SlabCacheOptions.Checked"/> this very call does. When 10,000 objects or 8
    /// MiB wait, a thread that defers more helps to free them. A reader that does not leave its section holds them all
    /// up.
    /// </remarks>
    /// <exception cref="SlabException">The null pointer, or in checked mode one that cannot be freed: it was not taken.
    /// Or the pointer was taken, and one freed before is not one that this cache can take back.</exception>
    /// <exception cref="InvalidOperationException">The cache has <see cref="SlabZeroing.OnFree"/>.</exception>
    /// <exception cref="ObjectDisposedException">The cache was destroyed.</exception>
    public void FreeDeferred(nint address)
    {
        if (address == 0)
        {
            _magazines.ThrowIfClosed();
            throw ToError(SlabFault.NullPointer, 0);
        }

        if (_zeroing == SlabZeroing.OnFree && !_zeroesDeferred)
        {
            throw new InvalidOperationException($"Cache '{Name}' clears objects when they are freed (SlabCacheOptions.Zeroing): readers may still look at one that is freed later.");
        }

        _slabs.NoteFree(new ReadOnlySpan<nint>(in address));
        _deferred.Add(address);
        Pending.Throw();
    }

    /// <summary>For generated code: <see cref="Free(nint)"/> after the fast path failed.</summary>
    /// <param name="slot">The calling thread's slot for this cache.</param>
    /// <param name="address">The object.</param>
    /// <remarks>It becomes part of the method that generated code calls, which is not inlined itself.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal unsafe void FreeSlow(ref ThreadCache? slot, nint address)
    {
        bool marked = false;
        if (!TryFreeChecked(BinOf(slot), address, ref marked))
        {
            FreeSlower(ref slot, address, marked);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void FreeSlower(ref ThreadCache? slot, nint address, bool marked)
    {
        if (_states is not null)
        {
            FreeChecked(ref slot, address, marked);
            return;
        }

        _slabs.NoteFree(new ReadOnlySpan<nint>(in address));
        ClearGiven(new ReadOnlySpan<nint>(in address));
        GiveToMagazines(ref slot, new ReadOnlySpan<nint>(in address));
    }

    private void GiveToMagazines(ref ThreadCache? slot, ReadOnlySpan<nint> addresses)
    {
        try
        {
            if (addresses.Length == 1)
            {
                _magazines.Free(ref slot, addresses[0]);
            }
            else
            {
                _magazines.Free(ref slot, addresses);
            }
        }
        catch (SlabException)
        {
            _slabs.FinishDiscardsQuietly().Keep(Pending);
            throw;
        }

        _slabs.Pages.WakeIfWanted();
        _slabs.FinishDiscards();
    }

    /// <summary>For generated code: <see cref="FreeBulk(ReadOnlySpan{nint})"/>.</summary>
    /// <param name="slot">The calling thread's slot for this cache.</param>
    /// <param name="addresses">The objects.</param>
    internal void FreeBulk(ref ThreadCache? slot, ReadOnlySpan<nint> addresses)
    {
        if (_states is not null || !_magazines.TryPushAll(slot, addresses))
        {
            FreeBulkSlow(ref slot, addresses);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void FreeBulkSlow(ref ThreadCache? slot, ReadOnlySpan<nint> addresses)
    {
        if (_states is not null)
        {
            FreeChecked(ref slot, addresses);
            return;
        }

        _slabs.NoteFree(addresses);
        ClearGiven(addresses);
        GiveToMagazines(ref slot, addresses);
    }
}
