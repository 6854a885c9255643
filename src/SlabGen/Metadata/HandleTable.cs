using SlabGen.Memory;

namespace SlabGen.Metadata;

/// <summary>The free and used handle entries of one cache.</summary>
/// <remarks>
/// <para>Free entries are a list, last in, first out. Beside each page of entries lies a page of
/// <see cref="MetadataPool"/>, which holds the index of the next free entry for each entry. Everything is under
/// <see cref="_lock"/>. It comes before the locks of the metadata pool and of <see cref="HandleGenerations"/>. Checking
/// a handle takes no lock.</para>
/// <para>An entry that has had its last generation is retired. That is after 2,147,483,647 frees.</para>
/// </remarks>
internal sealed class HandleTable(MetadataPool pool)
{
    private const uint None = uint.MaxValue;

    private readonly UninterruptibleLock _lock = new();
    private Dictionary<uint, nint>? _links; // by the number of the page of entries; made by the first handle
    private uint _firstFree = None;
    private bool _closed;

    /// <summary>Bytes of the pages of entries, and of those beside them in the metadata pool.</summary>
    public long Bytes
    {
        get
        {
            using (_lock.Hold())
            {
                return 2L * (_links?.Count ?? 0) * Page.Size;
            }
        }
    }

    /// <summary>Takes an entry.</summary>
    /// <returns><see langword="false"/> when there is no memory for an entry, or the table is closed.</returns>
    public unsafe bool TryTake(out uint index, out uint generation)
    {
        using (_lock.Hold())
        {
            generation = 0;
            index = _firstFree;
            if (_closed || (index == None && !TryGrow()))
            {
                return false;
            }

            index = _firstFree;
            _firstFree = *Link(index);
            generation = HandleGenerations.Of(index) + 1;
            Volatile.Write(ref HandleGenerations.Of(index), generation);
            return true;
        }
    }

    /// <summary>Gives an entry back. If two threads try, one succeeds.</summary>
    /// <returns><see langword="false"/> when the generation is not the entry's, or the entry belongs to another
    /// table.</returns>
    public unsafe bool TryGive(uint index, uint generation)
    {
        using (_lock.Hold())
        {
            if (!IsOwnAndLive(index, generation))
            {
                return false;
            }

            if (generation == HandleGenerations.Last)
            {
                // Even, and never given out again.
                Volatile.Write(ref HandleGenerations.Of(index), HandleGenerations.Last - 1);
                return true;
            }

            Volatile.Write(ref HandleGenerations.Of(index), generation + 1);
            *Link(index) = _firstFree;
            _firstFree = index;
            return true;
        }
    }

    /// <summary>Whether an entry belongs to this table and is in this use.</summary>
    public bool IsLive(uint index, uint generation)
    {
        using (_lock.Hold())
        {
            return IsOwnAndLive(index, generation);
        }
    }

    /// <summary>Makes every handle stale, and gives the pages back.</summary>
    public void Reset()
    {
        using (_lock.Hold())
        {
            GiveAll();
        }
    }

    /// <summary>As <see cref="Reset"/>, and no more entries are given out.</summary>
    public void Close()
    {
        using (_lock.Hold())
        {
            _closed = true;
            GiveAll();
        }
    }

    private unsafe void GiveAll()
    {
        foreach ((uint page, nint links) in _links ?? [])
        {
            HandleGenerations.GivePage(page);
            pool.Free((void*)links);
        }

        _links?.Clear();
        _firstFree = None;
    }

    private bool IsOwnAndLive(uint index, uint generation) =>
        (generation & 1) != 0 && _links?.ContainsKey(index >> HandleGenerations.Shift) == true
            && HandleGenerations.Has(index, generation);

    private unsafe uint* Link(uint index) =>
        (uint*)_links![index >> HandleGenerations.Shift] + (index & (HandleGenerations.EntriesInPage - 1));

    private unsafe bool TryGrow()
    {
        _links ??= [];
        _links.EnsureCapacity(_links.Count + 1);
        void* links = pool.TryAlloc();
        if (links == null)
        {
            return false;
        }

        bool taken = false;
        uint page;
        try
        {
            taken = HandleGenerations.TryTakePage(out page);
        }
        finally
        {
            if (!taken)
            {
                pool.Free(links); // also when there is no memory to lengthen the list of pages
            }
        }

        if (!taken)
        {
            return false;
        }

        _links.Add(page, (nint)links);
        for (int slot = HandleGenerations.EntriesInPage - 1; slot >= 0; slot--)
        {
            uint index = (page << HandleGenerations.Shift) | (uint)slot;
            *Link(index) = _firstFree;
            _firstFree = index;
        }

        return true;
    }
}
