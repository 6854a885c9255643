using System.Runtime.InteropServices;
using SlabGen.Magazines;

namespace SlabGen;

// The same without an exception where memory has run out.
public sealed partial class Kmalloc
{
    /// <summary>Allocates a block, if there is one; its contents are undefined.</summary>
    /// <param name="size">Bytes; 0 gives <see cref="ZeroSizePointer"/>.</param>
    /// <param name="address">The block, or 0.</param>
    /// <returns>
    /// <see langword="false"/> where <see cref="Alloc(nuint)"/> would throw <see cref="OutOfMemoryException"/>.
    /// </returns>
    /// <exception cref="ObjectDisposedException">The instance was destroyed, or the runtime disposed.</exception>
    public unsafe bool TryAlloc(nuint size, out nint address)
    {
        nint bins = ThreadBins.OfThisThread;
        return size - 1 < KmallocSizes.Largest
            ? (bins != 0 && ThreadBins.Of(bins, IdOf(size))->TryAlloc(out address))
                || _caches[KmallocSizes.IndexOf(size)].TryAlloc(out address)
            : TryAllocLarge(size, GfpFlags.Kernel, -1, out address);
    }

    /// <summary>
    /// Changes the size of a block, and its address if need be, if there is memory for that; else the block is
    /// unchanged.
    /// </summary>
    /// <remarks>
    /// It may stay where it is, as with <see cref="Realloc(nint, nuint)"/>, and is then aligned as it was.
    /// </remarks>
    /// <param name="address">A block, or null or <see cref="ZeroSizePointer"/> for a new one; receives where it is
    /// then.</param>
    /// <param name="size">Bytes; 0 frees the block and gives <see cref="ZeroSizePointer"/>.</param>
    /// <returns>
    /// <see langword="false"/> where <see cref="Realloc(nint, nuint)"/> would throw <see cref="OutOfMemoryException"/>.
    /// </returns>
    /// <exception cref="SlabException">The address is not the start of a block of this runtime.</exception>
    /// <exception cref="ObjectDisposedException">The runtime was disposed, or the block is of a private instance that
    /// was destroyed; it is unchanged.</exception>
    public bool TryRealloc(ref nint address, nuint size)
    {
        nuint usable = SizeOf(address, out KmemCache? cache);
        if (size != 0 && usable >= size && usable / 2 < size)
        {
            return true;
        }

        if (!TryAlloc(size, out nint moved))
        {
            return false;
        }

        address = Move(address, cache, moved, Math.Min(usable, size));
        return true;
    }

    /// <summary>The end of a change of size: copies what stays, and frees the old block.</summary>
    private unsafe nint Move(nint address, KmemCache? cache, nint moved, nuint bytes)
    {
        NativeMemory.Copy((void*)address, (void*)moved, bytes);
        try
        {
            Free(address);
        }
        catch (ObjectDisposedException)
        {
            Free(moved); // of a private instance that was destroyed: the block cannot be given back, and is unchanged
            throw;
        }
        catch (Exception error) when (cache is not null)
        {
            // About another pointer, or of a destructor: the caller must get the new block all the same.
            cache.Pending.Add(error);
        }

        return moved;
    }
}
