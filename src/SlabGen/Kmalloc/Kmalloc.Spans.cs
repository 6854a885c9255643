using System.Runtime.CompilerServices;

namespace SlabGen;

// Blocks as spans, in code that is not unsafe.
public sealed partial class Kmalloc
{
    /// <summary>
    /// The first bytes of a block. <see cref="AllocBlock(int)"/> gives a block whose owner knows its length, and when
    /// it is gone.
    /// </summary>
    /// <remarks>
    /// It trusts its caller, as <see cref="System.Runtime.InteropServices.MemoryMarshal"/> does: that the block is
    /// live, as long as the span is used, and has so many bytes. In checked mode, as in a debug build, it looks, and
    /// refuses a block that is free or too short; a block that is freed while the span is used is not noticed.
    /// </remarks>
    /// <param name="address">What an allocation returned; null and <see cref="ZeroSizePointer"/> have 0 bytes.</param>
    /// <param name="length">Bytes, no more than were asked for.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is negative; in checked mode: the block
    /// has fewer bytes.</exception>
    /// <exception cref="SlabException">In checked mode: the address is not the start of a live block of this
    /// runtime.</exception>
    public unsafe Span<byte> AsSpan(nint address, int length)
    {
        Check(address, nameof(length), length, length);
        return new Span<byte>((void*)address, length);
    }

    /// <summary>The first elements of a block.</summary>
    /// <param name="address">What an allocation returned.</param>
    /// <param name="count">Elements, no more than were asked for.</param>
    /// <typeparam name="T">The type of the elements. What has 9 bytes or more is aligned to 16 bytes at least, else to
    /// 8.</typeparam>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative; in checked mode: the block
    /// has fewer bytes.</exception>
    /// <inheritdoc cref="AsSpan(nint, int)"/>
    public unsafe Span<T> AsSpan<T>(nint address, int count)
        where T : unmanaged
    {
        Check(address, nameof(count), count, (long)count * Unsafe.SizeOf<T>());
        return new Span<T>((void*)address, count);
    }

    private void Check(nint address, string name, int value, long bytes)
    {
        if (value < 0)
        {
            throw Negative(name, value);
        }

        if (IsChecked && UsableSize(address) is var usable && (nuint)bytes > usable)
        {
            throw new ArgumentOutOfRangeException(name, value, $"Kmalloc: {name} is {value}, {bytes} bytes, and the block at 0x{address:x} has {usable}.");
        }
    }
}
