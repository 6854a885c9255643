using System.Runtime.InteropServices;
using SlabGen.Memory;

namespace SlabGen.Zones;

/// <summary>A range of addresses backed by memory of the process.</summary>
internal sealed partial class AddressWindow : ZoneWindow
{
    // One runtime at a time looks for low addresses, because it holds all free ones for a moment.
    private static readonly UninterruptibleLock s_search = new();

    private readonly IOsMemory _memory;
    private readonly ZoneOptions _options;
    private readonly int? _node; // the system's number of the node to bind to, if there is more than one
    private readonly ValueList<AddressRange> _reservations = new();
    private readonly long _alignment; // of a reservation that lies apart; 0 for those at low addresses
    private readonly bool _avoidsHuge;
    private bool _locksAll = true;
    private HugePages _huge;
    private readonly HugeExtents _extents;

    /// <summary>Reserves addresses wherever they are free, with inaccessible ones on both sides.</summary>
    /// <param name="memory">The source of memory.</param>
    /// <param name="options">How the zone's memory is to be backed.</param>
    /// <param name="pages">How many there are.</param>
    /// <param name="sectionBytes">The size of the largest block.</param>
    /// <param name="node">The node to bind the memory to, or none.</param>
    /// <param name="atRandom">Whether the place is a random one.</param>
    /// <param name="avoidsHuge">Whether the system is kept from backing the pages by huge ones.</param>
    /// <exception cref="OutOfMemoryException">The address space has no such range.</exception>
    public AddressWindow(IOsMemory memory, ZoneOptions options, uint pages, long sectionBytes, int? node = null,
        bool atRandom = false, bool avoidsHuge = false)
        : this(memory, options, node)
    {
        _alignment = sectionBytes;
        _avoidsHuge = avoidsHuge;
        long bytes = Page.RoundUp((long)pages << Page.Shift, sectionBytes);
        Start = atRandom ? memory.ReserveAtRandom(bytes, sectionBytes) : memory.ReserveApart(bytes, sectionBytes);
        if (Start == 0)
        {
            throw new OutOfMemoryException(
                $"The address space has no room for {bytes} bytes ({memory.Name}). Set a lower SlabRuntimeOptions.MemoryLimit.");
        }

        _reservations.Add(new AddressRange(Start, bytes));
        SpannedPages = pages;
        Present = [new PageRun(0, pages)];
        _extents = NewExtents();
    }

    /// <summary>
    /// Reserves what is free between two addresses: up to a number of bytes, and up to half of what is free, so that
    /// other runtimes find some too. Addresses that are taken, not given out, or left to others are holes.
    /// </summary>
    /// <param name="memory">The source of memory.</param>
    /// <param name="options">How the zone's memory is to be backed.</param>
    /// <param name="start">The first address, a multiple of the largest block's size.</param>
    /// <param name="lowest">The first address that can be had. Everything below it is a hole.</param>
    /// <param name="end">The address behind the last.</param>
    /// <param name="sectionBytes">The size of the largest block. All sizes are rounded up to it.</param>
    /// <param name="most">The most bytes that can be of use.</param>
    public AddressWindow(IOsMemory memory, ZoneOptions options, nint start, nint lowest, nint end, long sectionBytes,
        long most)
        : this(memory, options, node: null)
    {
        Start = start;
        SpannedPages = (uint)((end - start) >> Page.Shift);
        using (s_search.Hold())
        {
            ReserveFree(Math.Max(start, lowest), end);
            LeaveToOthers(sectionBytes, most);
        }

        var present = new ValueList<PageRun>();
        foreach ((nint from, long bytes) in _reservations.ToArray())
        {
            uint first = (uint)((from - start) >> Page.Shift), pages = (uint)(bytes >> Page.Shift);
            if (present.Count > 0 && present[present.Count - 1].First + present[present.Count - 1].Pages == first)
            {
                present[present.Count - 1] =
                    present[present.Count - 1] with { Pages = present[present.Count - 1].Pages + pages };
            }
            else
            {
                present.Add(new PageRun(first, pages));
            }
        }

        Present = present.ToArray();
        _extents = NewExtents();
        if (present.Count == 0)
        {
            Shortage = $"no address from 0x{start:x} to 0x{end:x} can be had ({memory.Name})";
        }
    }

    private AddressWindow(IOsMemory memory, ZoneOptions options, int? node)
    {
        _memory = memory;
        _options = options;
        _node = node;
        _huge = options.HugePages;
        _extents = null!; // made by the callers, with the reservations
    }

    public override string Description =>
        $"{_memory.Name}, huge pages: {_huge}, pinning: {(_options.Pinning == Pinning.None ? "None" : _locksAll ? "all" : "not all")}";

    public override bool Commit(uint first, uint pages)
    {
        for (int i = 0; i < _reservations.Count; i++)
        {
            if (!TryGetPart(i, first, pages, out nint start, out long bytes))
            {
                continue;
            }

            // Huge pages come first: those from the system's pool come as a mapping of their own. A lock may touch
            // memory, so it comes last.
            bool committed = UseHugePages(start, bytes) || _memory.Commit(start, bytes);
            if (committed && _avoidsHuge)
            {
                _memory.TryAvoidHugePages(start, bytes); // where that is refused it costs more, no more
            }

            if (committed && _node is { } node && !_memory.TryBindToNode(start, bytes, node))
            {
                Refusal = $"the system does not bind memory to node {node}";
            }

            if (!committed || !Lock(start, bytes))
            {
                // Those behind it were not committed, and the others are zeros still.
                Decommit(first, pages, parts: i + 1, clears: false);
                return false;
            }
        }

        return true;
    }

    // Refused for some parts only, it is done: a part that stayed can be committed again like one that went, and one
    // that went can be touched no more. Both read as zeros then, so a part that stays is cleared.
    public override bool Decommit(uint first, uint pages) =>
        Decommit(first, pages, parts: _reservations.Count, clears: true);

    private unsafe bool Decommit(uint first, uint pages, int parts, bool clears)
    {
        bool any = false;
        for (int i = 0; i < parts; i++)
        {
            if (!TryGetPart(i, first, pages, out nint start, out long bytes))
            {
                continue;
            }

            bool gone = _memory.Decommit(start, bytes);
            any |= gone;
            if (!gone && clears && bytes >> Page.Shift < pages && !_memory.Trim(start, bytes))
            {
                NativeMemory.Clear((void*)start, (nuint)bytes);
            }
        }

        if (any)
        {
            _extents.Forget(first, pages);
        }

        return any;
    }

    public override bool TryProtect(uint page)
    {
        bool mayMap = MappingBudget.TryTake(MappingBudget.MapEighths);
        if (mayMap && Decommit(page, 1, _reservations.Count, clears: false))
        {
            return true;
        }

        Refusal = mayMap ? $"a slab has no guard: the system takes no single page back ({_memory.Name})"
            : $"a slab has no guard: the process has most of the {MappingBudget.Limit} mappings it may have (raise it with 'sysctl vm.max_map_count=...')";
        return false;
    }

    // A free block is present as a whole, and may lie in two reservations.
    public override bool Trim(uint first, uint pages)
    {
        if (_huge != HugePages.Reserved)
        {
            _extents.Split(first, pages); // first, or the system could fill it again at once
            GiveUpHugePages();
        }

        bool all = true;
        for (int i = 0; i < _reservations.Count; i++)
        {
            all &= !TryGetPart(i, first, pages, out nint start, out long bytes) || _memory.Trim(start, bytes);
        }

        return all;
    }

    public override void BeginTrim() => _extents.Refresh(asked: _huge == HugePages.Transparent);

    public override bool MayHoldMemory(uint first, uint pages) =>
        _huge != HugePages.Reserved && _extents.MayHoldMemory(first, pages);

    public override void EndTrim() => _extents.Settle();

    public override void RestoreHugePages(Func<uint, uint, bool> isWholeInUse) => _extents.Restore(isWholeInUse);

    public override void Unmap()
    {
        foreach ((nint start, long bytes) in _reservations.ToArray())
        {
            if (_alignment != 0)
            {
                _memory.UnmapApart(start, bytes, _alignment);
            }
            else
            {
                _memory.Unmap(start, bytes);
            }
        }
    }

    /// <summary>The part of a run of pages that lies in one reservation. Some systems commit no more at once.</summary>
    private bool TryGetPart(int reservation, uint first, uint pages, out nint start, out long bytes)
    {
        nint from = Start + (nint)((long)first << Page.Shift), to = from + (nint)((long)pages << Page.Shift);
        (nint reserved, long reservedBytes) = _reservations[reservation];
        start = Math.Max(from, reserved);
        bytes = Math.Min(to, reserved + (nint)reservedBytes) - start;
        return bytes > 0;
    }

    private HugeExtents NewExtents()
    {
        var extents = new HugeExtents(_memory, Start, SpannedPages, _reservations.ToArray());
        extents.Refresh(asked: _huge == HugePages.Transparent);
        return extents;
    }

    private void GiveUpHugePages()
    {
        if (_extents.HasGivenUp && _huge != HugePages.None)
        {
            _huge = HugePages.None;
            Refusal = $"no more huge pages: the process has most of the {MappingBudget.Limit} mappings it may have (raise it with 'sysctl vm.max_map_count=...')";
        }
    }

    /// <returns>Whether this call committed the range.</returns>
    private bool UseHugePages(nint start, long bytes)
    {
        if (_huge == HugePages.None || ((start | bytes) & (HugeExtents.Bytes - 1)) != 0)
        {
            return false;
        }

        if (_memory.TryUseHugePages(start, bytes, _huge, out string? refusal))
        {
            return _huge == HugePages.Reserved;
        }

        Refusal = refusal;
        _huge = _huge == HugePages.Reserved ? HugePages.Transparent : HugePages.None;
        return UseHugePages(start, bytes);
    }

    /// <returns><see langword="false"/> when the memory must be locked and could not be.</returns>
    private bool Lock(nint start, long bytes)
    {
        if (_options.Pinning == Pinning.None || _memory.TryLock(start, bytes, out string? refusal))
        {
            return true;
        }

        _locksAll = false;
        Refusal = refusal;
        return _options.Pinning == Pinning.BestEffort;
    }
}
