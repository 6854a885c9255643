using System.Numerics;
using SlabGen.Memory;

namespace SlabGen;

// Blocks aligned to more than their size gives.
public sealed partial class Kmalloc
{
    /// <summary>Allocates an aligned block; its contents are undefined. It is freed as any other.</summary>
    /// <remarks>
    /// A block of up to 8 bytes is aligned to 8 bytes anyway, a larger one to 16. More than that, up to 8192 bytes,
    /// takes a block of the next power of two, of at least <paramref name="alignment"/> bytes.
    /// <see cref="Realloc(nint, nuint)"/> knows nothing of the alignment.
    /// </remarks>
    /// <param name="size">Bytes; 0 gives <see cref="ZeroSizePointer"/>, which is aligned to nothing.</param>
    /// <param name="alignment">Bytes: a power of two, 1 to the page size
    /// (<see cref="Environment.SystemPageSize"/>).</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="alignment"/> is out of its range, or no power of
    /// two.</exception>
    /// <exception cref="OutOfMemoryException">The memory limit or that of the account is reached, and nothing could be
    /// taken back.</exception>
    /// <exception cref="ObjectDisposedException">The instance was destroyed, or the runtime disposed.</exception>
    public nint Alloc(nuint size, int alignment) => Alloc(SizeFor(size, alignment));

    /// <summary>Allocates an aligned block, if there is one; its contents are undefined.</summary>
    /// <param name="size">Bytes; 0 gives <see cref="ZeroSizePointer"/>, which is aligned to nothing.</param>
    /// <param name="alignment">Bytes: a power of two, 1 to the page size.</param>
    /// <param name="address">The block, or 0.</param>
    /// <returns>
    /// <see langword="false"/> where <see cref="Alloc(nuint, int)"/> would throw <see cref="OutOfMemoryException"/>.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="alignment"/> is out of its range, or no power of
    /// two.</exception>
    /// <exception cref="ObjectDisposedException">The instance was destroyed, or the runtime disposed.</exception>
    public bool TryAlloc(nuint size, int alignment, out nint address) =>
        TryAlloc(SizeFor(size, alignment), out address);

    /// <summary>The size of which every block is aligned so.</summary>
    private static nuint SizeFor(nuint size, int alignment)
    {
        if (alignment <= 0 || alignment > Page.Size || !BitOperations.IsPow2(alignment))
        {
            throw new ArgumentOutOfRangeException(nameof(alignment), alignment, $"An alignment is a power of two from 1 to {Page.Size}, the page size.");
        }

        // What is above the largest size is of whole pages.
        return size == 0 || size > KmallocSizes.Largest || alignment <= (size <= 8 ? 8 : 16) ? size
            : (nuint)Math.Max(BitOperations.RoundUpToPowerOf2((uint)size), (uint)alignment);
    }
}
