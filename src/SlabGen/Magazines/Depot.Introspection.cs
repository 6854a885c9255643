using SlabGen.Memory;

namespace SlabGen.Magazines;

// What can be seen of a depot.
internal sealed partial class Depot
{
    /// <summary>Holds the depot unchanged until the scope is disposed.</summary>
    public UninterruptibleLock.Scope Hold() => _lock.Hold();

    /// <summary>Whether a thread waits for the depot while another holds it. For tests.</summary>
    public bool IsAwaited => _lock.IsAwaited;

    /// <summary>Adds the magazines here to a count.</summary>
    public unsafe void CountInto(ref MagazineCounts counts)
    {
        using (_lock.Hold())
        {
            counts.Full += FullCount;
            counts.Empty += EmptyCount;
            counts.Objects += FullObjects;
            counts.Contentions += _contentions;
            counts.Visits += _visits;
            counts.Bytes += (long)EmptyCount * _pool.ChunkSize;
            foreach (Shelf shelf in _shelves)
            {
                for (Magazine* full = shelf.Newest; full != null; full = full->Older)
                {
                    counts.Bytes += Magazine.BytesFor(full->Capacity);
                }
            }
        }
    }

    /// <summary>Whether an object lies in a full magazine here.</summary>
    public unsafe bool Holds(nint address)
    {
        using (_lock.Hold())
        {
            foreach (Shelf shelf in _shelves)
            {
                for (Magazine* full = shelf.Newest; full != null; full = full->Older)
                {
                    if (Magazine.Objects(full).Contains(address))
                    {
                        return true;
                    }
                }
            }
        }

        return false;
    }
}
