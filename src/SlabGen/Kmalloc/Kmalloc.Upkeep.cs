using SlabGen.Memory;
using SlabGen.Slabs;

namespace SlabGen;

// Deferred frees, and what the caches of an instance have together.
public sealed partial class Kmalloc
{
    /// <summary>
    /// Frees a block after a grace period of <see cref="Rcu"/>, when no reader sees it any more (<c>kvfree_rcu</c>). It
    /// does not wait, and may be called inside a read-side section. Null and <see cref="ZeroSizePointer"/> are ignored.
    /// </summary>
    /// <remarks>
    /// A block goes the way of <see cref="KmemCache.FreeDeferred"/>. One that no cache has (<see cref="Kmalloc"/>) is
    /// freed by a callback of <see cref="Rcu.Call(Action{object?}, object?)"/>, which is some garbage, and counts as
    /// live until then: wait with <see cref="Rcu.Barrier"/> before the instance is destroyed or the runtime disposed.
    /// That it was freed twice is found by the callback (<see cref="Rcu.CallbackFailed"/>).
    /// </remarks>
    /// <param name="address">What an allocation returned, and was unlinked: new readers must not find it.</param>
    /// <exception cref="SlabException">The address is not the start of a block of this runtime (for one in a slab
    /// of a cache, this is found later, except in checked mode): it was not taken. Or it was taken, and one freed
    /// before is not one that its cache can take back.</exception>
    /// <exception cref="InvalidOperationException">It is an object of a cache with
    /// <see cref="SlabZeroing.OnFree"/>.</exception>
    /// <exception cref="ObjectDisposedException">The block's cache was destroyed, or the runtime disposed.</exception>
    public void FreeDeferred(nint address)
    {
        if (address is 0 or ZeroSizePointer)
        {
            return;
        }

        if (_table.Find(SlabCacheIdOf(address)) is { } cache)
        {
            cache.FreeDeferred(address);
        }
        else if (_pages.SizeOf(address) > 0)
        {
            Rcu.Call(static state => ((DeferredPages)state!).Free(), new DeferredPages(this, address));
        }
        else
        {
            ThrowIfUnmapped();
            throw Throw.NotABlock(address, SlabFault.ForeignPointer);
        }
    }

    /// <summary>
    /// Gives everything of its caches back that no user holds, as <see cref="KmemCache.Shrink"/> does for one
    /// (<c>kmem_cache_shrink</c>).
    /// </summary>
    /// <returns>Whether any slab is left.</returns>
    /// <exception cref="SlabException">A bad pointer was found in a magazine; all the caches were shrunk.</exception>
    /// <exception cref="AggregateException">More than one error was found; all the caches were shrunk.</exception>
    /// <exception cref="ObjectDisposedException">The instance was destroyed, or the runtime disposed.</exception>
    public bool Shrink()
    {
        ThrowIfDestroyed();
        FoundErrors found = default;
        bool isLeft = false;
        foreach (KmemCache cache in _caches)
        {
            try
            {
                isLeft |= cache.Shrink();
            }
            catch (Exception error) when (error is not ObjectDisposedException) // then all of them are
            {
                found.Add(error); // told below, after the others
            }
        }

        found.ThrowAll();
        return isLeft;
    }

    /// <summary>
    /// The state of its caches now. Threads at work are not stopped, so the numbers may not add up exactly.
    /// </summary>
    public KmallocSnapshot Snapshot() =>
        new() { Name = Name, Caches = Array.ConvertAll(_caches, cache => cache.Snapshot()) };

    /// <summary>
    /// Takes home a magazine of some size, for others that are asked for (<see cref="DepotBudget.IsOver"/>).
    /// </summary>
    private bool RelieveDepots()
    {
        for (int i = 0; i < _firstWhole; i++)
        {
            uint turn = Interlocked.Increment(ref _turn);
            if (_caches[(int)(turn % (uint)_firstWhole)].TryEmptyOneFull())
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A block of whole pages that waits for a grace period.</summary>
    private sealed class DeferredPages(Kmalloc kmalloc, nint address)
    {
        public void Free() => kmalloc.FreeSlow(address);
    }
}
