using SlabGen.Memory;
using SlabGen.Slabs;

namespace SlabGen;

// Many blocks at once.
public sealed partial class Kmalloc
{
    /// <summary>
    /// Allocates as many blocks of one size as the span holds, or none; their contents are undefined.
    /// </summary>
    /// <param name="size">Bytes of each; 0 gives <see cref="ZeroSizePointer"/>.</param>
    /// <param name="addresses">Receives the blocks.</param>
    /// <exception cref="OutOfMemoryException">There are not so many; none was taken.</exception>
    /// <exception cref="ObjectDisposedException">The instance was destroyed, or the runtime disposed.</exception>
    public void AllocBulk(nuint size, Span<nint> addresses)
    {
        if (size - 1 < KmallocSizes.Largest)
        {
            _caches[KmallocSizes.IndexOf(size)].AllocBulk(addresses);
        }
        else if (!TryAllocBulk(size, addresses, GfpFlags.Kernel))
        {
            Throw.OutOfMemory(Name, Account, _pages, size, addresses.Length);
        }
    }

    /// <summary>
    /// Allocates as many blocks of one size as the span holds, if there are so many; their contents are undefined.
    /// </summary>
    /// <param name="size">Bytes of each; 0 gives <see cref="ZeroSizePointer"/>.</param>
    /// <param name="addresses">Receives the blocks; cleared when there are too few.</param>
    /// <returns>
    /// <see langword="false"/> where <see cref="AllocBulk(nuint, Span{nint})"/> would throw
    /// <see cref="OutOfMemoryException"/>: then none was taken.
    /// </returns>
    /// <exception cref="ObjectDisposedException">The instance was destroyed, or the runtime disposed.</exception>
    public bool TryAllocBulk(nuint size, Span<nint> addresses) => TryAllocBulk(size, addresses, GfpFlags.Kernel);

    /// <summary>
    /// Frees blocks, of whichever sizes and caches (<c>kfree_bulk</c>). Null and <see cref="ZeroSizePointer"/> are
    /// ignored.
    /// </summary>
    /// <param name="addresses">What allocations returned. Neighbours of one size go back together.</param>
    /// <exception cref="SlabException">One of the addresses, or one freed before, is not the start of a block of this
    /// runtime, or is free already; all others were freed.</exception>
    /// <exception cref="AggregateException">More than one error was found; all that could be freed was.</exception>
    /// <exception cref="ObjectDisposedException">A block's cache was destroyed, or the runtime disposed; all others
    /// were freed.</exception>
    public void FreeBulk(ReadOnlySpan<nint> addresses)
    {
        FoundErrors found = default;
        while (!addresses.IsEmpty)
        {
            uint id = SlabCacheIdOf(addresses[0]);
            KmemCache? cache = _table.Find(id);
            int count = 1;
            while (cache is not null && count < addresses.Length && SlabCacheIdOf(addresses[count]) == id)
            {
                count++;
            }

            try
            {
                if (cache is not null)
                {
                    cache.FreeBulk(addresses[..count]);
                }
                else
                {
                    FreeSlow(addresses[0]);
                }
            }
            catch (Exception error)
            {
                found.Add(error); // told below, when the others are free
            }

            addresses = addresses[count..];
        }

        found.ThrowAll();
    }

    private void GiveUp(Span<nint> addresses, int taken)
    {
        for (int i = 0; i < taken; i++)
        {
            FreeSlow(addresses[i]);
        }

        addresses.Clear();
    }
}
