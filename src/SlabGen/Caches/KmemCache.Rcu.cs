using SlabGen.Caches;
using SlabGen.Memory;
using SlabGen.Slabs;

namespace SlabGen;

// What waits for grace periods.
public sealed partial class KmemCache
{
    internal DeferredFrees Deferred => _deferred;

    /// <summary>
    /// Takes an object back once a grace period of <see cref="Rcu"/> has passed, when no reader sees it any more
    /// (<c>kfree_rcu</c>). It does not wait, and may be called inside a read-side section.
    /// </summary>
    /// <param name="address">An object of this cache that was unlinked: new readers must not find it.</param>
    /// <remarks>
    /// Objects are collected and freed together: in the background, by a thread that needs memory, or by
    /// <see cref="Rcu.Barrier"/>. A bad pointer, or one that was freed twice, is found then, and the next slow call on
    /// the cache throws it. With <see cref="SlabCacheOptions.Checked"/> this very call throws. When 10,000 objects or 8
    /// MiB wait, a thread that defers more helps to free them. A reader that does not leave its section holds them all
    /// up.
    /// </remarks>
    /// <exception cref="SlabException">The pointer is null, or in checked mode cannot be freed: it was not taken. Or
    /// the pointer was taken, and the cache cannot take back one that was freed before.</exception>
    /// <exception cref="InvalidOperationException">The cache has <see cref="SlabZeroing.OnFree"/>.</exception>
    /// <exception cref="ObjectDisposedException">The cache was destroyed.</exception>
    public void FreeDeferred(nint address)
    {
        if (address == 0)
        {
            _magazines.ThrowIfClosed();
            throw _magazines.ToError(new BadPointer(SlabFault.NullPointer, 0))!;
        }

        if (_zeroing == SlabZeroing.OnFree)
        {
            throw new InvalidOperationException($"Cache '{Name}' clears objects when they are freed (SlabCacheOptions.Zeroing): readers may still look at one that is freed later.");
        }

        _deferred.Add(address);
        _magazines.ThrowPending();
    }

    /// <summary>
    /// Called after the slabs were drained: waits until the slabs that wait for a grace period have left.
    /// </summary>
    private void FinishDiscardsAndWait(ref FoundErrors found)
    {
        found.AddAll(_slabs.FinishDiscardsQuietly());
        while (_slabs.LastGracePeriod() is > 0 and long last)
        {
            GracePeriods.OfProcess.Wait(last);
            found.AddAll(_slabs.FinishDiscardsQuietly());
        }
    }
}
