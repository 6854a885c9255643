using SlabGen.Memory;

namespace SlabGen.Zones;

/// <summary>
/// Prevents memory that went back to the system from coming back by itself. Where the system makes huge pages, the
/// first touch of any page of a 2 MiB extent may bring in all of it. The kernel's collapsing thread (khugepaged) also
/// refills pages that were given back out of an extent in use. So before part of an extent goes back, the extent is
/// kept from huge pages, until all of it is in use again.
/// </summary>
/// <remarks>
/// Everything is under the lock of the zone that owns it. Each change may split a mapping, so it is taken from
/// <see cref="MappingBudget"/>. When the budget is used up, the whole window is kept from huge pages for good, which
/// makes it one mapping again.
/// </remarks>
internal sealed class HugeExtents(IOsMemory memory, nint start, uint spannedPages, AddressRange[] reservations)
{
    public const long Bytes = 2 << 20;

    private const int RestoredAtOnce = 64;

    private static readonly uint s_pages = (uint)Math.Max(1, Bytes >> Page.Shift);

    private State[]? _states; // by extent; null as long as the system makes no huge pages
    private uint _cursor; // where FindSplit goes on
    private bool _makes;

    private enum State : byte
    {
        /// <summary>
        /// The extent may be backed by a huge page. Its free parts may then hold memory that was never touched.
        /// </summary>
        MayBeHuge,

        /// <summary>
        /// No huge page backs the extent any more, but what was free when it was split may still hold memory.
        /// </summary>
        Split,

        /// <summary>No free part of the extent holds memory that is not counted.</summary>
        Exact,
    }

    /// <summary>
    /// Whether the window was kept from huge pages for good, because the process has nearly as many mappings as it may.
    /// </summary>
    public bool HasGivenUp { get; private set; }

    /// <summary>Reads the system's setting, which may change at any time.</summary>
    /// <param name="asked">Whether the zone has asked for huge pages.</param>
    public void Refresh(bool asked)
    {
        _makes = memory.MakesHugePages(asked);
        if (_makes)
        {
            _states ??= new State[(spannedPages + s_pages - 1) / s_pages];
        }
    }

    /// <summary>Whether a free block that was never touched, or was trimmed, may hold memory all the same.</summary>
    public bool MayHoldMemory(uint block, uint pages) =>
        _makes && pages < s_pages && _states![block / s_pages] != State.Exact;

    /// <summary>Before a block of a power of two is trimmed: its extent must not be filled again.</summary>
    public void Split(uint block, uint pages)
    {
        if (!_makes || pages >= s_pages || _states![block / s_pages] != State.MayBeHuge)
        {
            return;
        }

        uint extent = block / s_pages;
        if (!HasGivenUp && MappingBudget.TryTake(MappingBudget.MapEighths) && TryAvoid(ExtentStart(extent), Bytes))
        {
            _states[extent] = State.Split;
            return;
        }

        // One call makes it one mapping again, because all parts then have the same flags.
        HasGivenUp = true;
        TryAvoid(start, (long)spannedPages << Page.Shift);
        for (int i = 0; i < _states.Length; i++)
        {
            _states[i] = _states[i] == State.MayBeHuge ? State.Split : _states[i];
        }
    }

    /// <summary>After all that is free was trimmed.</summary>
    public void Settle()
    {
        foreach (ref State state in _states.AsSpan())
        {
            state = state == State.Split ? State.Exact : state;
        }
    }

    /// <summary>
    /// Lets the next extents that are wholly in use have huge pages again. One call looks at a bounded number of them.
    /// </summary>
    public void Restore(Func<uint, uint, bool> isWholeInUse)
    {
        uint extents = (uint)(_states?.Length ?? 0);
        for (uint seen = 0, looks = 0; seen < extents && looks < RestoredAtOnce && !HasGivenUp; seen++)
        {
            _cursor = (_cursor + 1) % extents;
            if (_states![_cursor] == State.MayBeHuge)
            {
                continue;
            }

            looks++;
            if (isWholeInUse(_cursor * s_pages, s_pages) && MappingBudget.TryTake(MappingBudget.MapEighths)
                && memory.TryUseHugePages(ExtentStart(_cursor), Bytes, HugePages.Transparent, out _))
            {
                _states[_cursor] = State.MayBeHuge;
            }
        }
    }

    /// <summary>
    /// Called when pages were decommitted: fresh mappings replace those that were kept from huge pages.
    /// </summary>
    public void Forget(uint first, uint pages)
    {
        for (uint extent = first / s_pages; _states is not null && !HasGivenUp
            && (extent + 1) * s_pages <= first + pages; extent++)
        {
            _states[extent] = State.MayBeHuge;
        }
    }

    /// <summary>Keeps the reserved parts of a range from huge pages. What lies between belongs to others.</summary>
    private bool TryAvoid(nint from, long bytes)
    {
        bool all = true;
        foreach ((nint reserved, long reservedBytes) in reservations)
        {
            nint first = Math.Max(from, reserved), end = (nint)Math.Min(from + bytes, reserved + reservedBytes);
            all &= end <= first || memory.TryAvoidHugePages(first, end - first);
        }

        return all;
    }

    private nint ExtentStart(uint extent) => start + (nint)(extent * Bytes);
}
