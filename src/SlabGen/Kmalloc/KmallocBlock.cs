using System.Buffers;
using System.Diagnostics;
using System.Runtime.InteropServices;
using SlabGen.References;
using SlabGen.Slabs;

namespace SlabGen;

/// <summary>
/// A block of a <see cref="Kmalloc"/> with an owner: as a span, as <see cref="Memory{T}"/>, and in code that is not unsafe. It gives the block back when it is
/// disposed. Any thread may call anything.
/// </summary>
/// <remarks>
/// <para>Dispose of it when the operations on it have ended: a later look at its memory throws <see cref="ObjectDisposedException"/>. A
/// span that was taken before is not noticed. An operation that has pinned the memory meanwhile keeps the block until it unpins it.
/// A second disposal does nothing. Do not free <see cref="Address"/>: the owner will.</para>
/// <para><see cref="_pins"/> says which call frees the block: the disposal, or the last unpin after that. There is no finalizer, as <see cref="SlabBuffer"/> has
/// none: a span does not keep this alive.</para>
/// </remarks>
/// <example><code><![CDATA[
/// using KmallocBlock block = SlabRuntime.Default.Kmalloc.AllocBlock(4096);
/// block.Span.Clear();                                // a new block holds old data
/// using var stream = new MemoryStream();
/// await stream.WriteAsync(block.Memory[..100]);
/// ]]></code></example>
[DebuggerDisplay("{DebuggerDisplay,nq}")]
public sealed class KmallocBlock : MemoryManager<byte>
{
    private readonly Kmalloc _kmalloc;
    private readonly nint _address;
    private readonly int _resets; // of the instance, before the block was taken
    private PinCount _pins;

    internal KmallocBlock(Kmalloc kmalloc, int resets, nint address, int length)
    {
        _kmalloc = kmalloc;
        _resets = resets;
        _address = address;
        Length = length;
    }

    /// <summary>Bytes that were asked for. The block may have more (<see cref="Kmalloc.UsableSize"/>), which are not in the span.</summary>
    public int Length { get; }

    /// <summary>Where the block begins, until this is disposed; of 0 bytes it is <see cref="Kmalloc.ZeroSizePointer"/>.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed, or the instance was emptied (<see cref="Kmalloc.Reset"/>).</exception>
    public nint Address
    {
        get
        {
            ObjectDisposedException.ThrowIf(_pins.IsDisposed, this);
            ThrowIfFreedByReset();
            return _address;
        }
    }

    /// <summary>The bytes of the block, until this is disposed.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed, or the instance was emptied (<see cref="Kmalloc.Reset"/>).</exception>
    public unsafe Span<byte> Span => new((void*)Address, Length);

    private string DebuggerDisplay => $"{Length} bytes at 0x{_address:x} of '{_kmalloc.Name}'{(_pins.IsDisposed ? ", disposed" : _resets != _kmalloc.Resets ? ", freed by Reset" : "")}";

    /// <summary>The block as elements of a type, as many as fit whole, until this is disposed.</summary>
    /// <typeparam name="T">The type of the elements. What has 9 bytes or more is aligned to 16 bytes at least, else to 8.</typeparam>
    /// <exception cref="ObjectDisposedException">It was disposed, or the instance was emptied (<see cref="Kmalloc.Reset"/>).</exception>
    public Span<T> AsSpan<T>()
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(Span);

    /// <inheritdoc cref="Span"/>
    public override Span<byte> GetSpan() => Span;

    /// <summary>Keeps the block from going back until <see cref="Unpin"/>, or until the handle is disposed.</summary>
    /// <param name="elementIndex">Bytes from the first one to the one that the handle refers to, 0 to <see cref="Length"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="elementIndex"/> is out of its range.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed, or the instance was emptied (<see cref="Kmalloc.Reset"/>).</exception>
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
    /// <exception cref="SlabException">The block was freed already, by its address; or a bad pointer that was freed before has been found.</exception>
    public override void Unpin()
    {
        if (!_pins.TryUnpin(out bool isLast))
        {
            throw new InvalidOperationException($"A block of '{_kmalloc.Name}' is not pinned, and was unpinned.");
        }

        if (isLast)
        {
            Free();
        }
    }

    /// <summary>Gives the block back, or has the last unpin do it. It does nothing when called again.</summary>
    /// <exception cref="SlabException">The block was freed already, by its address; or a bad pointer that was freed before has been found.</exception>
    /// <exception cref="ObjectDisposedException">The instance was destroyed, or the runtime disposed.</exception>
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
        if (_resets == _kmalloc.Resets)
        {
            _kmalloc.Free(_address);
        }
    }

    private void ThrowIfFreedByReset()
    {
        if (_resets != _kmalloc.Resets)
        {
            Throw.FreedByReset(_kmalloc.Name, "a KmallocBlock");
        }
    }
}
