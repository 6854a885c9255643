using SlabGen.Slabs;

namespace SlabGen;

// Blocks in reserve.
public sealed partial class Kmalloc
{
    /// <summary>
    /// Sets blocks of one size aside, so that the next allocations from the reservation cannot fail, nor wait, nor go
    /// to the system.
    /// </summary>
    /// <param name="size">Bytes of each; of 0 every one is <see cref="ZeroSizePointer"/>.</param>
    /// <param name="count">How many blocks, at least 0.</param>
    /// <returns>The reservation; disposing of it gives back what was not taken.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative.</exception>
    /// <exception cref="OutOfMemoryException">There are not so many; none was set aside.</exception>
    /// <exception cref="ObjectDisposedException">The instance was destroyed, or the runtime disposed.</exception>
    public KmallocReservation Reserve(nuint size, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ThrowIfDestroyed();
        if (count > 0 && Math.Max(size, 8) > (nuint)_pages.Limit / (uint)count)
        {
            ThrowIfUnmapped();
            Throw.OutOfMemory(Name, Account, _pages, size, count); // before an array for them is made
        }

        return new KmallocReservation(this, size, count);
    }
}
