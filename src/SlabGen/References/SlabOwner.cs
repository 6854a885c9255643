using System.Diagnostics;
using SlabGen.Slabs;

namespace SlabGen;

/// <summary>
/// Owns one object for as long as you like: across <c>await</c>, in a field, in a collection. It frees the object once,
/// when it is disposed. Any thread may dispose of it. A lease (<see cref="KmemCache{T}.Rent"/>) costs nothing, but
/// lives on the stack.
/// </summary>
/// <remarks>
/// <para>It is a class, and 48 bytes of garbage. A struct could be copied, and neither copy would know what the other
/// freed. All holders of this owner hold the same one, so a second disposal never frees a second time. In checked mode
/// the second disposal throws, as a second free does; otherwise it does nothing, as <see cref="IDisposable"/>
/// asks.</para>
/// <para><see cref="_state"/>, written by exchange, is the object's address, and 1 more once it was disposed. (Objects
/// are aligned to at least 8 bytes.) There is no finalizer, because a <see langword="ref"/> into the object does not
/// keep this alive. A lost owner is a leak, which <see cref="KmemCache.Destroy"/> reports.</para>
/// </remarks>
/// <example><code><![CDATA[
/// using SlabOwner<Order> order = OrderCache.Own();
/// order.Value = new Order { Id = 7 };
/// await Task.Delay(1);                               // a lease could not be here
/// Console.WriteLine(order.Value.Id);
/// ]]></code></example>
/// <typeparam name="T">The type of the object.</typeparam>
[DebuggerDisplay("{DebuggerDisplay,nq}")]
public sealed class SlabOwner<T> : IDisposable
    where T : unmanaged
{
    private readonly KmemCache _cache;
    // What a generated class does with an object before it is freed, or null.
    private readonly Action<SlabPtr<T>>? _finish;
    private readonly int _resets; // the cache's count of resets when the object was taken
    private long _state; // any thread, interlocked

    /// <summary>
    /// Takes an object; its contents are undefined. Hooks and zeroing of a generated class do not apply: use the
    /// class's own <c>Own</c> for those.
    /// </summary>
    /// <param name="cache">The cache of <typeparamref name="T"/> that the object comes from and goes back to, for
    /// example <c>OrderCache.Cache</c>.</param>
    /// <exception cref="ArgumentException">The objects of <paramref name="cache"/> are smaller than
    /// <typeparamref name="T"/>.</exception>
    /// <exception cref="OutOfMemoryException">There is no object.</exception>
    /// <exception cref="InvalidOperationException">The objects of <paramref name="cache"/> are moved
    /// (<see cref="KmemCache.SetMove"/>).</exception>
    /// <exception cref="SlabException">A bad pointer that was freed before has been found; no object was
    /// taken.</exception>
    /// <exception cref="ObjectDisposedException">The cache was destroyed.</exception>
    public SlabOwner(KmemCache cache)
        : this(cache, finish: null)
    {
    }

    /// <summary>Takes an object, and calls back with it before it is freed. Generated code calls it.</summary>
    /// <param name="cache">The cache that the object comes from.</param>
    /// <param name="finish">Called with the object at the disposal. If it throws, the owner keeps the object.</param>
    internal SlabOwner(KmemCache cache, Action<SlabPtr<T>>? finish)
    {
        ArgumentNullException.ThrowIfNull(cache);
        cache.RequireFit<T>();

        if (!cache.TryPin())
        {
            throw new InvalidOperationException($"Cache '{cache.Name}' has a move callback: an owner would go on referring to where its object was.");
        }

        _cache = cache;
        _finish = finish;
        _resets = cache.Resets;
        _state = cache.Alloc();
    }

    /// <summary>The object, until this is disposed.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed, or the cache was emptied
    /// (<see cref="KmemCache.Reset()"/>).</exception>
    public SlabPtr<T> Pointer
    {
        get
        {
            long state = Volatile.Read(ref _state);
            ObjectDisposedException.ThrowIf((state & 1) != 0, this);
            if (_resets != _cache.Resets)
            {
                Throw.FreedByReset(_cache.Name, "the object of a SlabOwner");
            }

            return new SlabPtr<T>((nint)state);
        }
    }

    /// <summary>The object itself. Do not use the reference after the disposal: that is not noticed.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed, or the cache was emptied
    /// (<see cref="KmemCache.Reset()"/>).</exception>
    public ref T Value => ref Pointer.Value;

    private string DebuggerDisplay
    {
        get
        {
            long state = Volatile.Read(ref _state);
            return $"0x{state & ~1:x} of '{_cache.Name}'{((state & 1) != 0 ? ", disposed" : _resets != _cache.Resets ? ", freed by Reset" : "")}";
        }
    }

    /// <summary>
    /// Frees the object, once. An object that <see cref="KmemCache.Reset()"/> has freed is not freed again.
    /// </summary>
    /// <exception cref="SlabException">In checked mode, this was disposed before (<see cref="SlabFault.DoubleFree"/>),
    /// or the object is free already. Or a bad pointer that was freed to the cache before has been found.</exception>
    /// <exception cref="ObjectDisposedException">The cache was destroyed.</exception>
    public void Dispose()
    {
        long before = Interlocked.Or(ref _state, 1);
        if ((before & 1) == 0)
        {
            if (_resets == _cache.Resets)
            {
                Free((nint)before);
            }
        }
        else if (_cache.IsChecked)
        {
            throw _cache.ToError(SlabFault.DoubleFree, (nint)(before & ~1));
        }
    }

    private void Free(nint address)
    {
        if (_finish is not null)
        {
            bool finished = false;
            try
            {
                _finish(new SlabPtr<T>(address));
                finished = true;
            }
            finally
            {
                if (!finished)
                {
                    Volatile.Write(ref _state, address); // the owner still has it, and can be disposed again
                }
            }
        }

        _cache.Free(address);
    }
}
