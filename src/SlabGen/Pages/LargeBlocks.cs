using SlabGen.Memory;
using SlabGen.Zones;

namespace SlabGen.Pages;

/// <summary>
/// Blocks that the buddy allocator cannot serve, because they are larger than its largest, or because its free pages do
/// not lie in one piece. Each is a mapping of its own, as with <c>vmalloc</c>, with inaccessible addresses on both
/// sides. Their pages count against the memory limit.
/// </summary>
/// <remarks>
/// The table is under its lock. It comes before the zones' locks, because giving back what is free in zones makes room
/// for a block.
/// </remarks>
internal sealed class LargeBlocks(IOsMemory memory, MemoryBudget budget, Action makeRoom)
{
    private readonly UninterruptibleLock _lock = new();
    private Dictionary<nint, long>? _bytes; // by start address; most programs have none
    private bool _isUnmapped;

    /// <summary>
    /// Why the system did not give the last block although the limit permits it; <see langword="null"/> when it did.
    /// </summary>
    public string? Refusal { get; private set; }

    /// <summary>Bytes of all blocks.</summary>
    public long Bytes
    {
        get
        {
            using (_lock.Hold())
            {
                return _bytes?.Values.Sum() ?? 0;
            }
        }
    }

    /// <param name="bytes">More than 0.</param>
    /// <param name="keptPages">The number of pages of the limit that must be left.</param>
    /// <returns>The start of the block, or 0 when the limit is reached or the system refuses.</returns>
    public nint Alloc(long bytes, long keptPages)
    {
        bytes = Page.RoundUp(bytes, Page.Size);
        using (_lock.Hold())
        {
            _bytes ??= [];
            _bytes.EnsureCapacity(_bytes.Count + 1); // this can fail: before anything is taken
            if (_isUnmapped || !TryCharge(bytes >> Page.Shift, keptPages))
            {
                return 0;
            }

            if (!MappingBudget.TryTake(MappingBudget.MapEighths))
            {
                budget.Uncharge(bytes >> Page.Shift);
                Refusal = $"the process has most of the {MappingBudget.Limit} mappings it may have (raise it with 'sysctl vm.max_map_count=...')";
                return 0;
            }

            nint start = memory.ReserveApart(bytes, Page.Size);
            if (start != 0 && memory.Commit(start, bytes))
            {
                _bytes.Add(start, bytes);
                budget.Commit(bytes);
                makeRoom();
                Refusal = null;
                return start;
            }

            if (start != 0)
            {
                memory.UnmapApart(start, bytes, Page.Size);
            }

            budget.Uncharge(bytes >> Page.Shift);
            Refusal = start == 0 ? $"no range of {bytes} addresses is free ({memory.Name})" : $"no {bytes} bytes of memory ({memory.Name})";
            return 0;
        }
    }

    /// <summary>The block that an address lies in.</summary>
    public bool TryFind(nint address, out nint start, out long bytes)
    {
        using (_lock.Hold())
        {
            foreach ((nint first, long length) in _bytes ?? [])
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
            return _bytes?.GetValueOrDefault(address) ?? 0;
        }
    }

    /// <returns>The size of the block that started at <paramref name="address"/>, or 0 when none did.</returns>
    public long Free(nint address)
    {
        using (_lock.Hold())
        {
            long bytes = 0;
            if (_bytes?.TryGetValue(address, out bytes) == true)
            {
                memory.UnmapApart(address, bytes, Page.Size);
                _bytes.Remove(address);
                budget.Commit(-bytes);
                budget.Uncharge(bytes >> Page.Shift);
            }

            return bytes;
        }
    }

    private bool TryCharge(long pages, long keptPages)
    {
        if (!budget.TryCharge(pages))
        {
            return false;
        }

        if (budget.FreePages >= keptPages)
        {
            return true;
        }

        budget.Uncharge(pages);
        return false;
    }

    /// <summary>Unmaps every block. No more are given out.</summary>
    public void Unmap()
    {
        using (_lock.Hold())
        {
            _isUnmapped = true;
            foreach ((nint start, long bytes) in _bytes ?? [])
            {
                memory.UnmapApart(start, bytes, Page.Size);
                budget.Commit(-bytes);
                budget.Uncharge(bytes >> Page.Shift);
            }

            _bytes = null;
        }
    }
}
