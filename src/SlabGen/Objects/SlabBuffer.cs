using System.Buffers;
using System.Diagnostics;

namespace SlabGen;

/// <summary>
/// An object of a cache as <see cref="Memory{T}"/>, for what takes that: sockets, files, pipes. It owns the object, and gives it back
/// when it is disposed. Any thread may call anything.
/// </summary>
/// <remarks>
/// <para>Dispose of it when the operations on it have ended: whoever looks at its memory afterwards gets an <see cref="ObjectDisposedException"/>, but
/// for a span that was taken before nobody can know. An operation that has pinned the memory meanwhile keeps the object until it unpins it.
/// Pinning takes no <see cref="System.Runtime.InteropServices.GCHandle"/>: native memory does not move; the objects of a cache with
/// <see cref="KmemCache.SetMove"/>, which do, cannot be had as memory.</para>
/// <para><see cref="_state"/>, written by compare-and-exchange, is twice the number of pins, and 1 more once it was disposed. Pins come only while it
/// was not; so it becomes exactly 1 once, at the disposal or at the last unpin after that, and that call frees the object.</para>
/// <para>There is no finalizer. A span into the object does not keep this alive, and a finalizer would free it under that span's owner: memory that
/// two have is worse than memory that nobody has, which <see cref="KmemCache.Destroy"/> reports.</para>
/// </remarks>
[DebuggerDisplay("{DebuggerDisplay,nq}")]
public sealed class SlabBuffer : MemoryManager<byte>
{
    private readonly KmemCache _cache;
    private readonly nint _address;
    private int _state; // any thread, interlocked

    /// <summary>Takes an object; its contents are undefined. Hooks and zeroing of a generated class, which are in its <c>Alloc</c>, do not apply.</summary>
    /// <param name="cache">Where the object comes from, and goes back to.</param>
    /// <exception cref="OutOfMemoryException">There is no object.</exception>
    /// <exception cref="InvalidOperationException">The objects of <paramref name="cache"/> are moved (<see cref="KmemCache.SetMove"/>).</exception>
    /// <exception cref="SlabException">A bad pointer that was freed before has been found; no object was taken.</exception>
    /// <exception cref="ObjectDisposedException">The cache was destroyed.</exception>
    public SlabBuffer(KmemCache cache)
    {
        ArgumentNullException.ThrowIfNull(cache);
        if (!cache.TryPin())
        {
            throw new InvalidOperationException($"Cache '{cache.Name}' has a move callback: memory would go on referring to where its objects were.");
        }

        _cache = cache;
        _address = cache.Alloc();
    }

    /// <summary>Bytes of the object (<see cref="KmemCache.ObjectSize"/>).</summary>
    public int Length => _cache.ObjectSize;

    private string DebuggerDisplay => $"{Length} bytes at 0x{_address:x} of '{_cache.Name}'{((Volatile.Read(ref _state) & 1) != 0 ? ", disposed" : "")}";

    /// <summary>The bytes of the object, until this is disposed.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public override unsafe Span<byte> GetSpan()
    {
        ThrowIfDisposed(Volatile.Read(ref _state));
        return new Span<byte>((void*)_address, Length);
    }

    /// <summary>Keeps the object from going back until <see cref="Unpin"/>, or until the handle is disposed.</summary>
    /// <param name="elementIndex">Bytes from the first one to the one that the handle refers to, 0 to <see cref="Length"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="elementIndex"/> is out of its range.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public override unsafe MemoryHandle Pin(int elementIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(elementIndex);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(elementIndex, Length);
        for (int state; ;)
        {
            state = Volatile.Read(ref _state);
            ThrowIfDisposed(state);
            if (Interlocked.CompareExchange(ref _state, checked(state + 2), state) == state)
            {
                return new MemoryHandle((byte*)_address + elementIndex, pinnable: this);
            }
        }
    }

    /// <summary>Ends what <see cref="Pin"/> began.</summary>
    /// <exception cref="InvalidOperationException">It is not pinned.</exception>
    /// <exception cref="SlabException">A bad pointer that was freed to the cache before has been found.</exception>
    public override void Unpin()
    {
        for (int state; ;)
        {
            state = Volatile.Read(ref _state);
            if (state < 2)
            {
                throw new InvalidOperationException($"A buffer of cache '{_cache.Name}' is not pinned, and was unpinned.");
            }

            if (Interlocked.CompareExchange(ref _state, state - 2, state) == state)
            {
                FreeIfLast(state - 2);
                return;
            }
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        int before = Interlocked.Or(ref _state, 1);
        if ((before & 1) == 0)
        {
            FreeIfLast(before | 1);
        }
    }

    private void FreeIfLast(int state)
    {
        if (state == 1)
        {
            _cache.Free(_address);
        }
    }

    private void ThrowIfDisposed(int state) => ObjectDisposedException.ThrowIf((state & 1) != 0, this);
}
