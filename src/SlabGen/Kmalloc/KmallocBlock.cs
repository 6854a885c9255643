using System.Buffers;
using System.Diagnostics;
using System.Runtime.InteropServices;
using SlabGen.References;

namespace SlabGen;

/// <summary>
/// A block of a <see cref="Kmalloc"/> with an owner: as a span, as <see cref="Memory{T}"/>, and in code that is not
/// unsafe. It gives the block back when it is disposed. Any thread may call anything.
/// </summary>
/// <remarks>
/// <para>Dispose of it when the operations on it have ended: a later look at its memory throws
/// <see cref="ObjectDisposedException"/>. A span that was taken before is not noticed. An operation that has pinned the
/// memory meanwhile keeps the block until it unpins it. A second disposal does nothing. Do not free
/// <see cref="Address"/>: the owner will.</para>
/// <para><see cref="OwnedMemory"/> says which call frees the block: the disposal, or the last unpin after that. There
/// is no finalizer, as <see cref="SlabBuffer"/> has none: a span does not keep this alive.</para>
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
    private const string What = "a KmallocBlock";

    private readonly Kmalloc _kmalloc;
    private OwnedMemory _memory; // its pins change; all else is of the constructor

    internal KmallocBlock(Kmalloc kmalloc, int resets, nint address, int length)
    {
        _kmalloc = kmalloc;
        _memory = new OwnedMemory(address, length, resets);
    }

    /// <summary>
    /// Bytes that were asked for. The block may have more (<see cref="Kmalloc.UsableSize"/>), which are not in the
    /// span.
    /// </summary>
    public int Length => _memory.Length;

    /// <summary>
    /// Where the block begins, until this is disposed; of 0 bytes it is <see cref="Kmalloc.ZeroSizePointer"/>.
    /// </summary>
    /// <exception cref="ObjectDisposedException">It was disposed, or the instance was emptied
    /// (<see cref="Kmalloc.Reset"/>).</exception>
    public nint Address => _memory.Address(this, _kmalloc.Resets, _kmalloc.Name, What);

    /// <summary>The bytes of the block, until this is disposed.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed, or the instance was emptied
    /// (<see cref="Kmalloc.Reset"/>).</exception>
    public unsafe Span<byte> Span => new((void*)Address, Length);

    private string DebuggerDisplay => $"{Length} bytes at 0x{_memory.Start:x} of '{_kmalloc.Name}'{_memory.StateAt(_kmalloc.Resets)}";

    /// <summary>The block as elements of a type, as many as fit whole, until this is disposed.</summary>
    /// <typeparam name="T">The type of the elements. What has 9 bytes or more is aligned to 16 bytes at least, else to
    /// 8.</typeparam>
    /// <exception cref="ObjectDisposedException">It was disposed, or the instance was emptied
    /// (<see cref="Kmalloc.Reset"/>).</exception>
    public Span<T> AsSpan<T>()
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(Span);

    /// <inheritdoc cref="Span"/>
    public override Span<byte> GetSpan() => Span;

    /// <summary>Keeps the block from going back until <see cref="Unpin"/>, or until the handle is disposed.</summary>
    /// <param name="elementIndex">Bytes from the first one to the one that the handle refers to, 0 to
    /// <see cref="Length"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="elementIndex"/> is out of its range.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed, or the instance was emptied
    /// (<see cref="Kmalloc.Reset"/>).</exception>
    public override MemoryHandle Pin(int elementIndex = 0) =>
        _memory.Pin(this, elementIndex, _kmalloc.Resets, _kmalloc.Name, What);

    /// <summary>Ends what <see cref="Pin"/> began.</summary>
    /// <exception cref="InvalidOperationException">It is not pinned.</exception>
    /// <exception cref="SlabException">The block was freed already, by its address; or a bad pointer that was freed
    /// before has been found.</exception>
    public override void Unpin()
    {
        if (_memory.Unpin(_kmalloc.Resets, "A block of", _kmalloc.Name))
        {
            _kmalloc.Free(_memory.Start);
        }
    }

    /// <summary>Gives the block back, or has the last unpin do it. It does nothing when called again.</summary>
    /// <exception cref="SlabException">The block was freed already, by its address; or a bad pointer that was freed
    /// before has been found.</exception>
    /// <exception cref="ObjectDisposedException">The instance was destroyed, or the runtime disposed.</exception>
    public void Dispose() => ((IDisposable)this).Dispose();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (_memory.Dispose(_kmalloc.Resets))
        {
            _kmalloc.Free(_memory.Start);
        }
    }
}
