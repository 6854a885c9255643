using System.Diagnostics;
using SlabGen.Slabs;

namespace SlabGen;

/// <summary>
/// Blocks of one size set aside, so that as many allocations cannot fail, do not wait, and do not go to the system:
/// what <see cref="SlabReservation{T}"/> is for objects. Not safe for use by several threads at once.
/// </summary>
[DebuggerDisplay("{DebuggerDisplay,nq}")]
public sealed class KmallocReservation : IDisposable
{
    private readonly Kmalloc _kmalloc;
    private readonly nint[] _blocks; // the first Remaining of them were not taken
    private readonly int _resets; // of the instance, before they were taken
    private bool _disposed;

    internal KmallocReservation(Kmalloc kmalloc, nuint size, int count)
    {
        _kmalloc = kmalloc;
        Size = size;
        _resets = kmalloc.Resets;
        _blocks = new nint[count];
        kmalloc.AllocBulk(size, _blocks);
        Remaining = count;
    }

    /// <summary>Bytes of each block.</summary>
    public nuint Size { get; }

    /// <summary>Allocations left.</summary>
    public int Remaining { get; private set; }

    private string DebuggerDisplay => $"{Size} bytes of '{_kmalloc.Name}', {(_disposed ? "disposed" : $"{Remaining} of {_blocks.Length} left")}";

    /// <summary>
    /// Takes one of the blocks; its contents are undefined. It is freed to the instance, like any other.
    /// </summary>
    /// <exception cref="InvalidOperationException">All were taken.</exception>
    /// <exception cref="ObjectDisposedException">The reservation was disposed, or the instance was emptied
    /// (<see cref="Kmalloc.Reset"/>).</exception>
    public nint Alloc() => TryAlloc(out nint address)
        ? address
        : throw new InvalidOperationException($"All {_blocks.Length} blocks of {Size} bytes reserved from Kmalloc '{_kmalloc.Name}' were taken.");

    /// <summary>Takes one of the blocks, if one is left.</summary>
    /// <param name="address">The block, or 0.</param>
    /// <exception cref="ObjectDisposedException">The reservation was disposed, or the instance was emptied
    /// (<see cref="Kmalloc.Reset"/>).</exception>
    public bool TryAlloc(out nint address)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_resets != _kmalloc.Resets)
        {
            Throw.FreedByReset(_kmalloc.Name, "what a KmallocReservation had set aside");
        }

        address = Remaining > 0 ? _blocks[--Remaining] : 0;
        return address != 0;
    }

    /// <summary>
    /// Gives the blocks that were not taken back; those that <see cref="Kmalloc.Reset"/> has freed are not freed again.
    /// It does nothing when called again.
    /// </summary>
    /// <exception cref="SlabException">A bad pointer that was freed before has been found.</exception>
    /// <exception cref="ObjectDisposedException">The instance was destroyed, or the runtime disposed.</exception>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            int left = _resets == _kmalloc.Resets ? Remaining : 0;
            Remaining = 0;
            _kmalloc.FreeBulk(_blocks.AsSpan(0, left));
        }
    }
}
