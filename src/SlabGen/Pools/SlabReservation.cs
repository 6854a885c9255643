using System.Diagnostics;
using SlabGen.Pools;

namespace SlabGen;

/// <summary>
/// Sets objects aside, so that as many allocations cannot fail and do not wait: the kernel's prefilled sheaf
/// (<c>kmem_cache_prefill_sheaf</c>). Several threads must not use it at once.
/// </summary>
/// <typeparam name="T">The type of the objects.</typeparam>
[DebuggerDisplay("{DebuggerDisplay,nq}")]
[DebuggerTypeProxy(typeof(ReservationDebugView<>))]
public sealed class SlabReservation<T> : IDisposable
    where T : unmanaged
{
    private readonly KmemCache _cache;
    private readonly nint[] _objects;
    private readonly int _resets; // the cache's count of resets when the objects were taken
    private bool _disposed;

    /// <summary>Sets objects aside.</summary>
    /// <param name="cache">A cache of <typeparamref name="T"/>.</param>
    /// <param name="count">The number of objects, at least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative.</exception>
    /// <exception cref="ArgumentException">The objects of <paramref name="cache"/> are smaller than
    /// <typeparamref name="T"/>.</exception>
    /// <exception cref="OutOfMemoryException">There are not enough objects. None was taken.</exception>
    public SlabReservation(KmemCache cache, int count)
    {
        ArgumentNullException.ThrowIfNull(cache);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        cache.RequireFit<T>();

        if (!cache.FitsTheLimit(count))
        {
            cache.ThrowOutOfMemory(count); // before an array for them is made
        }

        _cache = cache;
        _resets = cache.Resets;
        _objects = new nint[count];
        cache.AllocBulk(_objects);
        Remaining = count;
    }

    /// <summary>The number of allocations left.</summary>
    public int Remaining { get; private set; }

    internal KmemCache Cache => _cache;

    private string DebuggerDisplay => _disposed ? $"of '{_cache.Name}', disposed" : $"{Remaining} of {_objects.Length} left of '{_cache.Name}'";

    /// <summary>
    /// Takes one of the objects; its contents are undefined. Free it to the cache, like any other object.
    /// </summary>
    /// <exception cref="InvalidOperationException">All objects were taken.</exception>
    /// <exception cref="ObjectDisposedException">The reservation was disposed, or the cache was emptied
    /// (<see cref="KmemCache.Reset()"/>).</exception>
    public SlabPtr<T> Alloc()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_resets != _cache.Resets)
        {
            SlabGen.Slabs.Throw.FreedByReset(_cache.Name, "what a SlabReservation had set aside");
        }

        if (Remaining == 0)
        {
            throw new InvalidOperationException($"All {_objects.Length} objects reserved from cache '{_cache.Name}' were taken.");
        }

        return new SlabPtr<T>(_objects[--Remaining]);
    }

    /// <summary>
    /// Gives the objects that were not taken back to the cache. Objects that <see cref="KmemCache.Reset()"/> has freed
    /// are not freed again.
    /// </summary>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _cache.FreeBulk(_objects.AsSpan(0, _resets == _cache.Resets ? Remaining : 0));
            Remaining = 0;
        }
    }

    /// <summary>The objects that were not taken, for the debugger.</summary>
    internal SlabPtr<T>[] Left() => [.. _objects.Take(Remaining).Select(static address => new SlabPtr<T>(address))];
}
