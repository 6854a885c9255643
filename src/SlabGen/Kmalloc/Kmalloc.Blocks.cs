using System.Diagnostics.CodeAnalysis;

namespace SlabGen;

// Blocks with an owner.
public sealed partial class Kmalloc
{
    /// <summary>Allocates a block with an owner, for code that wants a span; its contents are undefined.</summary>
    /// <param name="size">Bytes, at least 0; of 0 bytes the span is empty.</param>
    /// <returns>The owner; disposing of it frees the block.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="size"/> is negative.</exception>
    /// <exception cref="OutOfMemoryException">The memory limit or that of the account is reached, and nothing could be
    /// taken back.</exception>
    /// <exception cref="ObjectDisposedException">The instance was destroyed, or the runtime disposed.</exception>
    public KmallocBlock AllocBlock(int size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        return new KmallocBlock(this, Resets, Alloc((nuint)size), size);
    }

    /// <summary>
    /// Allocates a block with an owner for elements of a type; its contents are undefined (<c>kmalloc_array</c>).
    /// </summary>
    /// <typeparam name="T">The type of the elements (<see cref="KmallocBlock.AsSpan{T}"/>).</typeparam>
    /// <param name="count">How many, at least 0, and of no more than <see cref="int.MaxValue"/> bytes together.</param>
    /// <returns>The owner; disposing of it frees the block.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is out of its range.</exception>
    /// <exception cref="OutOfMemoryException">The memory limit or that of the account is reached, and nothing could be
    /// taken back.</exception>
    /// <exception cref="ObjectDisposedException">The instance was destroyed, or the runtime disposed.</exception>
    public unsafe KmallocBlock AllocBlock<T>(int count)
        where T : unmanaged
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, int.MaxValue / sizeof(T));
        return AllocBlock(count * sizeof(T));
    }

    /// <summary>Allocates a block with an owner, if there is one; its contents are undefined.</summary>
    /// <param name="size">Bytes, at least 0; of 0 bytes the span is empty.</param>
    /// <param name="block">The owner, or null.</param>
    /// <returns>
    /// <see langword="false"/> where <see cref="AllocBlock(int)"/> would throw <see cref="OutOfMemoryException"/>.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="size"/> is negative.</exception>
    /// <exception cref="ObjectDisposedException">The instance was destroyed, or the runtime disposed.</exception>
    public bool TryAllocBlock(int size, [NotNullWhen(true)] out KmallocBlock? block)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        int resets = Resets;
        block = TryAlloc((nuint)size, out nint address) ? new KmallocBlock(this, resets, address, size) : null;
        return block is not null;
    }
}
