using System.Buffers;
using System.Diagnostics;
using SlabGen.References;

namespace SlabGen;

/// <summary>
/// An object of a cache as <see cref="Memory{T}"/>, for sockets, files, pipes and everything else that takes one. It
/// owns the object, and frees it when it is disposed. Any thread may call anything.
/// </summary>
/// <remarks>
/// <para>Dispose of it when the operations on it have ended: a later look at its memory throws
/// <see cref="ObjectDisposedException"/>. A span that was taken before is not noticed. An operation that has pinned the
/// memory meanwhile keeps the object until it unpins it. Pinning takes no
/// <see cref="System.Runtime.InteropServices.GCHandle"/>: native memory does not move. A cache with
/// <see cref="KmemCache.SetMove"/>, whose objects do move, is refused.</para>
/// <para><see cref="OwnedMemory"/> says which call frees the object: the disposal, or the last unpin after that.</para>
/// <para>There is no finalizer. A span into the object does not keep this alive, and a finalizer would free it under
/// that span. Memory with two owners is worse than a leak, which <see cref="KmemCache.Destroy"/> reports.</para>
/// </remarks>
[DebuggerDisplay("{DebuggerDisplay,nq}")]
public sealed class SlabBuffer : MemoryManager<byte>
{
    private const string What = "the object of a SlabBuffer";

    private readonly KmemCache _cache;
    private OwnedMemory _memory; // its pins change; all else is of the constructor

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
        int resets = cache.Resets; // before the object is taken
        _memory = new OwnedMemory(cache.Alloc(), cache.ObjectSize, resets);
    }

    /// <summary>Bytes of the object (<see cref="KmemCache.ObjectSize"/>).</summary>
    public int Length => _memory.Length;

    private string DebuggerDisplay => $"{Length} bytes at 0x{_memory.Start:x} of '{_cache.Name}'{_memory.StateAt(_cache.Resets)}";

    /// <summary>The bytes of the object, until this is disposed.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed, or the cache was emptied
    /// (<see cref="KmemCache.Reset()"/>).</exception>
    public override unsafe Span<byte> GetSpan() =>
        new((void*)_memory.Address(this, _cache.Resets, _cache.Name, What), Length);

    /// <summary>Keeps the object from going back until <see cref="Unpin"/>, or until the handle is disposed.</summary>
    /// <param name="elementIndex">The offset, in bytes, of the byte that the handle refers to: 0 to
    /// <see cref="Length"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="elementIndex"/> is out of its range.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed, or the cache was emptied
    /// (<see cref="KmemCache.Reset()"/>).</exception>
    public override MemoryHandle Pin(int elementIndex = 0) =>
        _memory.Pin(this, elementIndex, _cache.Resets, _cache.Name, What);

    /// <summary>Ends what <see cref="Pin"/> began.</summary>
    /// <exception cref="InvalidOperationException">It is not pinned.</exception>
    /// <exception cref="SlabException">A bad pointer that was freed to the cache before has been found.</exception>
    public override void Unpin()
    {
        if (_memory.Unpin(_cache.Resets, "A buffer of cache", _cache.Name))
        {
            _cache.Free(_memory.Start);
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
        if (_memory.Dispose(_cache.Resets))
        {
            _cache.Free(_memory.Start);
        }
    }
}
