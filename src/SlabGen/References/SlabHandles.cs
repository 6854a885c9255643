using System.Diagnostics.CodeAnalysis;
using SlabGen.CompilerServices;
using SlabGen.Magazines;
using SlabGen.Slabs;

namespace SlabGen;

/// <summary>Allocates objects of a cache by handle. Any thread may call anything.</summary>
/// <remarks>
/// An entry takes 8 bytes, in pages that go back when the cache is destroyed; 4 of them count against the memory limit.
/// Allocating and freeing take a lock of the cache's handles, besides what the cache takes. Reading a handle takes
/// none. An object that came by handle must be freed by handle. If it is freed by its address, its handle still finds
/// it live. Checked mode refuses that at the call (<see cref="SlabFault.HasHandle"/>).
/// </remarks>
/// <typeparam name="T">The type of the objects.</typeparam>
public sealed class SlabHandles<T>
    where T : unmanaged
{
    /// <summary>Adds handles to a cache. All instances for one cache share them.</summary>
    /// <param name="cache">A cache of <typeparamref name="T"/>.</param>
    /// <exception cref="ArgumentException">The objects of <paramref name="cache"/> are smaller than
    /// <typeparamref name="T"/>.</exception>
    /// <exception cref="InvalidOperationException">The objects of <paramref name="cache"/> are moved
    /// (<see cref="KmemCache.SetMove"/>).</exception>
    public SlabHandles(KmemCache cache)
    {
        ArgumentNullException.ThrowIfNull(cache);
        cache.RequireFit<T>();

        if (!cache.TryPin())
        {
            throw new InvalidOperationException($"Cache '{cache.Name}' has a move callback: handles would go on referring to where its objects were.");
        }

        Cache = cache;
    }

    /// <summary>The cache of the objects.</summary>
    public KmemCache Cache { get; }

    /// <summary>Takes an object; its contents are undefined.</summary>
    /// <exception cref="OutOfMemoryException">There is no memory for the object or for the handle's entry, and none
    /// could be taken back.</exception>
    /// <exception cref="SlabException">A bad pointer that was freed before has been found; no object was
    /// taken.</exception>
    /// <exception cref="ObjectDisposedException">The cache was destroyed.</exception>
    public SlabHandle<T> Alloc() => Alloc(ref ThreadSlots.Slot(Cache.Id));

    /// <summary>Takes an object, if there is one.</summary>
    /// <param name="handle">The object's handle, or the default one.</param>
    /// <returns>
    /// <see langword="false"/> where <see cref="Alloc()"/> would throw <see cref="OutOfMemoryException"/>.
    /// </returns>
    /// <inheritdoc cref="Alloc()"/>
    public bool TryAlloc(out SlabHandle<T> handle) => TryAlloc(ref ThreadSlots.Slot(Cache.Id), out handle);

    /// <summary>Takes an object back. From now on every copy of its handle is stale.</summary>
    /// <param name="handle">A handle of this cache.</param>
    /// <exception cref="SlabException">The handle is stale, default, or of another cache
    /// (<see cref="SlabFault.StaleHandle"/>), and nothing was freed. If two threads free one object, one of them gets
    /// this. Or a bad pointer that was freed before has been found.</exception>
    /// <exception cref="ObjectDisposedException">The cache was destroyed.</exception>
    public void Free(SlabHandle<T> handle)
    {
        if (!TryRelease(handle, out SlabPtr<T> obj))
        {
            ThrowStale(handle);
        }

        Cache.Free(obj.Address);
    }

    /// <summary>
    /// Ends a handle and leaves its object live. From now on every copy of the handle is stale. The object is the
    /// caller's to use, and to free by its address.
    /// </summary>
    /// <param name="handle">A handle of this cache.</param>
    /// <param name="obj">The object, or the null pointer.</param>
    /// <returns>
    /// <see langword="false"/> when the handle is stale, default, or of another cache. If two threads try, one
    /// succeeds.
    /// </returns>
    /// <exception cref="ObjectDisposedException">The cache was destroyed.</exception>
    public bool TryRelease(SlabHandle<T> handle, out SlabPtr<T> obj)
    {
        Cache.ThrowIfDestroyed();
        bool ended = Cache.TryGiveHandle(handle.Address, handle.Index, handle.Generation);
        obj = new SlabPtr<T>(ended ? handle.Address : 0);
        return ended;
    }

    /// <summary>Whether a handle refers to a live object of this cache.</summary>
    public bool Owns(SlabHandle<T> handle) => Cache.Handles.IsLive(handle.Index, handle.Generation);

    /// <summary>Does what <see cref="Alloc()"/> does, with the slot of the generated class.</summary>
    /// <param name="slot">The calling thread's slot for this cache.</param>
    internal SlabHandle<T> Alloc(ref ThreadCache? slot)
    {
        if (!TryAlloc(ref slot, out SlabHandle<T> handle))
        {
            Cache.ThrowOutOfMemory(1);
        }

        return handle;
    }

    /// <summary>
    /// Does what <see cref="TryAlloc(out SlabHandle{T})"/> does, with the slot of the generated class.
    /// </summary>
    /// <param name="slot">The calling thread's slot for this cache.</param>
    /// <param name="handle">The object's handle, or the default one.</param>
    internal bool TryAlloc(ref ThreadCache? slot, out SlabHandle<T> handle)
    {
        handle = default;
        if (!Cache.TryAlloc(ref slot, GfpFlags.Kernel, out nint address))
        {
            return false;
        }

        bool taken = false;
        uint index = 0, generation = 0;
        try
        {
            taken = Cache.TryTakeHandle(address, out index, out generation);
        }
        finally
        {
            if (!taken)
            {
                // Also when reclaim threw the exception of a shrinker.
                Cache.FreeBulk(ref slot, new ReadOnlySpan<nint>(in address));
            }
        }

        handle = taken ? new SlabHandle<T>(address, index, generation) : default;
        return taken;
    }

    /// <summary>Throws for a handle that <see cref="TryRelease"/> refused. Generated code calls it.</summary>
    /// <exception cref="SlabException">Always (<see cref="SlabFault.StaleHandle"/>).</exception>
    [DoesNotReturn]
    internal void ThrowStale(SlabHandle<T> handle) =>
        Throw.StaleHandle(Cache.Name, handle.Index, handle.Generation, "was freed before, or is not of this cache");
}
