using SlabGen.Memory;

namespace SlabGen;

/// <summary>
/// Which private <see cref="Kmalloc"/> has which blocks of whole pages, and what they are charged to it.
/// </summary>
/// <remarks>
/// One table to a runtime, since any instance frees the blocks of all. Under its lock, a leaf. A block is entered after
/// it was allocated and taken out before it is freed, so that an address in the table is never another's.
/// </remarks>
internal sealed class LargeBlockOwners
{
    private readonly UninterruptibleLock _lock = new();
    private Dictionary<nint, (Kmalloc Owner, long Bytes)>? _blocks; // by address; made by the first
    private int _count; // of the blocks; written under the lock, read by anyone: nearly all runtimes have none

    public void Add(nint address, Kmalloc owner, long bytes)
    {
        using (_lock.Hold())
        {
            _blocks ??= [];
            _blocks.EnsureCapacity(_blocks.Count + 1); // this can fail: before anything is changed
            if (_blocks.Remove(address, out (Kmalloc Owner, long Bytes) stale))
            {
                stale.Owner.Account?.Discharge(stale.Bytes); // it was freed as pages, which do not ask here
            }

            _blocks.Add(address, (owner, bytes));
            Volatile.Write(ref _count, _blocks.Count);
        }
    }

    /// <returns><see langword="false"/> when no private instance has the block.</returns>
    public bool TryTake(nint address, out (Kmalloc Owner, long Bytes) block)
    {
        // Who frees a block has it from who entered it, and sees at least that it did.
        if (Volatile.Read(ref _count) == 0)
        {
            block = default;
            return false;
        }

        using (_lock.Hold())
        {
            bool taken = _blocks!.Remove(address, out block);
            Volatile.Write(ref _count, _blocks.Count);
            return taken;
        }
    }

    /// <summary>The blocks of an instance.</summary>
    public nint[] Of(Kmalloc owner)
    {
        using (_lock.Hold())
        {
            return _blocks is null ? [] : [.. _blocks.Where(b => b.Value.Owner == owner).Select(b => b.Key)];
        }
    }
}
