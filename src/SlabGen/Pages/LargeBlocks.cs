using SlabGen.Memory;

namespace SlabGen.Pages;

/// <summary>
/// Blocks beyond the largest order: mappings of their own, as <c>vmalloc</c> serves what the buddy allocator cannot.
/// Their pages count against the memory limit.
/// </summary>
/// <remarks>The table is under its lock, which comes before the zones': what is free in them makes room for a block.</remarks>
internal sealed class LargeBlocks(IOsMemory memory, MemoryBudget budget, Action makeRoom)
{
    private readonly UninterruptibleLock _lock = new();
    private readonly Dictionary<nint, long> _bytes = []; // by start address
    private bool _released;

    /// <summary>Bytes of all blocks.</summary>
    public long Bytes
    {
        get
        {
            using (_lock.Hold())
            {
                return _bytes.Values.Sum();
            }
        }
    }

    /// <returns>The start of the block, or 0 when the limit is reached or the system refuses.</returns>
    public nint Alloc(long bytes)
    {
        bytes = Page.RoundUp(bytes, Page.Size);
        using (_lock.Hold())
        {
            _bytes.EnsureCapacity(_bytes.Count + 1); // this can fail: before anything is taken
            if (_released || !budget.TryCharge(bytes >> Page.Shift))
            {
                return 0;
            }

            nint start = memory.Reserve(bytes, Page.Size);
            if (start != 0 && memory.Commit(start, bytes))
            {
                _bytes.Add(start, bytes);
                budget.Commit(bytes);
                makeRoom();
                return start;
            }

            if (start != 0)
            {
                memory.Release(start, bytes);
            }

            budget.Uncharge(bytes >> Page.Shift);
            return 0;
        }
    }

    /// <summary>The block that an address lies in.</summary>
    public bool TryFind(nint address, out nint start, out long bytes)
    {
        using (_lock.Hold())
        {
            foreach ((nint first, long length) in _bytes)
            {
                if (address >= first && address - first < length)
                {
                    (start, bytes) = (first, length);
                    return true;
                }
            }
        }

        (start, bytes) = (0, 0);
        return false;
    }

    /// <returns>The size of the block that starts at <paramref name="address"/>, or 0 when none does.</returns>
    public long SizeOf(nint address)
    {
        using (_lock.Hold())
        {
            return _bytes.GetValueOrDefault(address);
        }
    }

    /// <returns>The size of the block that started at <paramref name="address"/>, or 0 when none did.</returns>
    public long Free(nint address)
    {
        using (_lock.Hold())
        {
            if (_bytes.TryGetValue(address, out long bytes))
            {
                memory.Release(address, bytes);
                _bytes.Remove(address);
                budget.Commit(-bytes);
                budget.Uncharge(bytes >> Page.Shift);
            }

            return bytes;
        }
    }

    /// <summary>Unmaps every block, and gives out no more.</summary>
    public void Release()
    {
        using (_lock.Hold())
        {
            _released = true;
            foreach ((nint start, long bytes) in _bytes)
            {
                memory.Release(start, bytes);
                budget.Commit(-bytes);
                budget.Uncharge(bytes >> Page.Shift);
            }

            _bytes.Clear();
        }
    }
}
