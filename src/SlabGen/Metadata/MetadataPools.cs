using SlabGen.Memory;

namespace SlabGen.Metadata;

/// <summary>
/// The metadata pools of a runtime, one per chunk size. There are few. A cache looks up its pool when it is made.
/// </summary>
/// <remarks>The array is copied on write under the lock, a leaf, and read by anyone without it.</remarks>
internal sealed class MetadataPools(PageAllocator pages)
{
    private readonly UninterruptibleLock _lock = new();
    private MetadataPool[] _pools = [];

    /// <summary>What is refused on purpose.</summary>
    public SlabFaults Faults => pages.Faults;

    /// <summary>The pool whose chunks hold <paramref name="bytes"/>, at most a page.</summary>
    public MetadataPool For(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, Page.Size);
        int size = (int)Page.RoundUp(bytes, sizeof(ulong));
        if (Find(size) is { } found)
        {
            return found;
        }

        using (_lock.Hold())
        {
            if (Find(size) is { } made)
            {
                return made;
            }

            var pool = new MetadataPool(pages, size);
            Volatile.Write(ref _pools, [.. _pools, pool]);
            return pool;
        }
    }

    /// <summary>Counts the violated invariants of every pool.</summary>
    public void Validate(ValidationReport report)
    {
        foreach (MetadataPool pool in Volatile.Read(ref _pools))
        {
            pool.Validate(report);
        }
    }

    private MetadataPool? Find(int size)
    {
        foreach (MetadataPool pool in Volatile.Read(ref _pools))
        {
            if (pool.ChunkSize == size)
            {
                return pool;
            }
        }

        return null;
    }
}
