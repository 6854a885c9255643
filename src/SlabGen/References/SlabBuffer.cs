using System.Buffers;
using System.Diagnostics;
using SlabGen.References;
using SlabGen.Slabs;

namespace SlabGen;

/// <summary>
/// An object of a cache as <see cref="Memory{T}"/>, for sockets, files, pipes and everything else that takes one. It
/// owns the object, and frees it when it is disposed. Any thread may call anything.
/// </summary>
/// <remarks>
/// <para>Dispose of it when the operations on it have ended: a later look at its memory throws
/// <see cref="ObjectDisposedException"/>. A span that was taken before is not noticed. If an operation has the memory
/// pinned at the disposal, the object stays until it is unpinned. Pinning takes no
/// <see cref="System.Runtime.InteropServices.GCHandle"/>, because native memory does not move. A cache with
/// <see cref="KmemCache.SetMove"/> is refused, because its objects do move.</para>
/// <para><see cref="_pins"/> says which call frees the object: the disposal, or the last unpin after it.</para>
/// <para>There is no finalizer. A span into the object does not keep this alive, and a finalizer would free it under
/// that span. Memory with two owners is worse than a leak, which <see cref="KmemCache.Destroy"/> reports.</para>
/// </remarks>
[DebuggerDisplay("{DebuggerDisplay,nq}")]
public sealed class SlabBuffer : MemoryManager<byte>
{
    private readonly KmemCache _cache;
    private readonly nint _address;
    private readonly int _resets; // the cache's count of resets when the object was taken
    private PinCount _pins;

    /// <summary>
    /// Takes an object; its contents are undefined. Hooks and zeroing of a generated class do not apply, because they
    /// are in its <c>Alloc</c>.
    /// </summary>
    /// <param name="cache">The cache that the object comes from and goes back to.</param>
    /// <exception cref="OutOfMemoryException">There is no object.</exception>
    /// <exception cref="InvalidOperationException">The objects of <paramref name="cache"/> are moved
    /// (<see cref="KmemCache.SetMove"/>).</exception>
    /// <exception cref="SlabException">A bad pointer that was freed before has been found; no object was
    /// taken.</exception>
    /// <exception cref="ObjectDisposedException">The cache was destroyed.</exception>
    public SlabBuffer(KmemCache cache)
    {
        ArgumentNullException.ThrowIfNull(cache);
        if (!cache.TryPin())
        {
            throw new InvalidOperationException($"Cache '{cache.Name}' has a move callback: memory would go on referring to where its objects were.");
        }

        _cache = cache;
        _resets = cache.Resets;
        _address = cache.Alloc();
    }

    /// <summary>Bytes of the object (<see cref="KmemCache.ObjectSize"/>).</summary>
    public int Length => _cache.ObjectSize;

    private string DebuggerDisplay => $"{Length} bytes at 0x{_address:x} of '{_cache.Name}'{(_pins.IsDisposed ? ", disposed" : _resets != _cache.Resets ? ", freed by Reset" : "")}";

    /// <summary>The bytes of the object, until this is disposed.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed, or the cache was emptied
    /// (<see cref="KmemCache.Reset()"/>).</exception>
    public override unsafe Span<byte> GetSpan()
    {
        ObjectDisposedException.ThrowIf(_pins.IsDisposed, this);
        ThrowIfFreedByReset();
        return new Span<byte>((void*)_address, Length);
    }

    /// <summary>Keeps the object from going back until <see cref="Unpin"/>, or until the handle is disposed.</summary>
    /// <param name="elementIndex">The offset, in bytes, of the byte that the handle refers to: 0 to
    /// <see cref="Length"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="elementIndex"/> is out of its range.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed, or the cache was emptied
    /// (<see cref="KmemCache.Reset()"/>).</exception>
    public override unsafe MemoryHandle Pin(int elementIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(elementIndex);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(elementIndex, Length);
        ThrowIfFreedByReset();
        ObjectDisposedException.ThrowIf(!_pins.TryPin(), this);
        return new MemoryHandle((byte*)_address + elementIndex, pinnable: this);
    }

    /// <summary>Ends what <see cref="Pin"/> began.</summary>
    /// <exception cref="InvalidOperationException">It is not pinned.</exception>
    /// <exception cref="SlabException">A bad pointer that was freed to the cache before has been found.</exception>
    public override void Unpin()
    {
        if (!_pins.TryUnpin(out bool isLast))
        {
            throw new InvalidOperationException($"A buffer of cache '{_cache.Name}' is not pinned, and was unpinned.");
        }

        if (isLast)
        {
            Free();
        }
    }

    /// <summary>Frees the object, or lets the last unpin do it. It does nothing when called again.</summary>
    /// <exception cref="SlabException">The object was freed already, by its address; or a bad pointer that was freed to
    /// the cache before has been found.</exception>
    /// <exception cref="ObjectDisposedException">The cache was destroyed.</exception>
    public void Dispose() => ((IDisposable)this).Dispose();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (_pins.Dispose())
        {
            Free();
        }
    }

    private void Free()
    {
        if (_resets == _cache.Resets)
        {
            _cache.Free(_address);
        }
    }

    private void ThrowIfFreedByReset()
    {
        if (_resets != _cache.Resets)
        {
            Throw.FreedByReset(_cache.Name, "the object of a SlabBuffer");
        }
    }
}
