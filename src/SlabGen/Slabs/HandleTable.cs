using SlabGen.Memory;

namespace SlabGen.Slabs;

/// <summary>The handle entries of one cache: which are free, and the pages that they lie in.</summary>
/// <remarks>
/// <para>Free entries are a list, last in first out, under <see cref="_lock"/>, which comes before the metadata pool's. Reading a handle
/// takes no lock (<see cref="HandlePages.TryGet"/>).</para>
/// <para>An entry that has had its last generation is retired: after 2,147,483,647 frees it is never given out again. The pages
/// stay until the cache is destroyed, because a reader of a stale handle may be looking at any of them.</para>
/// </remarks>
internal sealed class HandleTable(MetadataPool pool)
{
    private const uint None = uint.MaxValue;

    private readonly UninterruptibleLock _lock = new();
    private readonly List<uint> _pages = []; // their numbers
    private uint _firstFree = None;
    private bool _closed;

    /// <summary>Bytes of the pages.</summary>
    public long Bytes
    {
        get
        {
            using (_lock.Hold())
            {
                return (long)_pages.Count * Page.Size;
            }
        }
    }

    /// <summary>Makes a handle for an object.</summary>
    /// <returns><see langword="false"/> when there is no memory for an entry, or the table is closed.</returns>
    public unsafe bool TryTake(nint address, out uint index, out uint generation)
    {
        using (_lock.Hold())
        {
            index = _firstFree;
            generation = 0;
            if (_closed || (index == None && !TryGrow()))
            {
                return false;
            }

            index = _firstFree;
            HandleEntry* entry = HandlePages.Entry(index);
            _firstFree = (uint)entry->Address;
            Volatile.Write(ref entry->Address, address);
            generation = entry->Generation + 1;
            Volatile.Write(ref entry->Generation, generation);
            return true;
        }
    }

    /// <summary>Ends a handle. Of two threads that try, one succeeds.</summary>
    /// <param name="index">The entry.</param>
    /// <param name="generation">Its generation.</param>
    /// <param name="address">The object, which the caller must free.</param>
    /// <returns><see langword="false"/> when it was stale, or is of another table.</returns>
    public unsafe bool TryGive(uint index, uint generation, out nint address)
    {
        using (_lock.Hold())
        {
            if (_closed || !IsOwn(index >> HandlePages.Shift) || !HandlePages.TryGet(index, generation, out address))
            {
                address = 0;
                return false;
            }

            HandleEntry* entry = HandlePages.Entry(index);
            if (generation == HandleEntry.LastGeneration)
            {
                Volatile.Write(ref entry->Generation, HandleEntry.LastGeneration - 1); // even, and no more given out
                return true;
            }

            Volatile.Write(ref entry->Generation, generation + 1);
            Volatile.Write(ref entry->Address, (nint)_firstFree);
            _firstFree = index;
            return true;
        }
    }

    /// <summary>Whether a handle is one of this table's that is not stale.</summary>
    public bool IsLive(uint index, uint generation)
    {
        using (_lock.Hold())
        {
            return !_closed && IsOwn(index >> HandlePages.Shift) && HandlePages.TryGet(index, generation, out _);
        }
    }

    /// <summary>Makes every handle stale, and gives the pages back. The cache is destroyed: no thread may be reading a handle.</summary>
    public unsafe void Close()
    {
        using (_lock.Hold())
        {
            _closed = true;
            foreach (uint number in _pages)
            {
                pool.Free((void*)HandlePages.Remove(number));
            }

            _pages.Clear();
        }
    }

    /// <summary>The numbers are mostly in rising order: a table grows by the next number, or by one that another gave up.</summary>
    private bool IsOwn(uint number) => _pages.BinarySearch(number) >= 0;

    private unsafe bool TryGrow()
    {
        _pages.EnsureCapacity(_pages.Count + 1);
        void* page = pool.TryAlloc();
        if (page == null)
        {
            return false;
        }

        bool added = false;
        uint number;
        try
        {
            added = HandlePages.TryAdd((nint)page, out number);
        }
        finally
        {
            if (!added)
            {
                pool.Free(page); // also when there is no memory for a longer list of pages
            }
        }

        if (!added)
        {
            return false;
        }

        _pages.Insert(~_pages.BinarySearch(number), number);
        for (int slot = (1 << HandlePages.Shift) - 1; slot >= 0; slot--)
        {
            uint index = (number << HandlePages.Shift) | (uint)slot;
            HandlePages.Entry(index)->Address = (nint)_firstFree;
            _firstFree = index;
        }

        return true;
    }
}
