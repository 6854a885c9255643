using SlabGen.Memory;

namespace SlabGen.Zones;

/// <summary>
/// Keeps memory that went back from coming back by itself. Where the system makes huge pages, the first touch of any page of a
/// 2 MiB extent may bring all of it, and the kernel's collapsing thread (khugepaged) fills the pages again that were given back out
/// of one in use. So an extent is kept from huge pages before part of it goes back, until all of it is in use again.
/// </summary>
/// <remarks>
/// Under the lock of the zone that owns it. Each change may split a mapping: so they are taken from <see cref="MappingBudget"/>, and
/// when that has no more, the whole window is kept from huge pages for good, which makes it one mapping again.
/// </remarks>
internal sealed class HugeExtents(IOsMemory memory, nint start, uint spannedPages, AddressRange[] reservations)
{
    public const long Bytes = 2 << 20;

    private const int RestoredAtOnce = 64;

    private static readonly uint s_pages = (uint)Math.Max(1, Bytes >> Page.Shift);

    private State[]? _states; // by extent; none as long as the system makes no huge pages
    private uint _cursor; // of FindSplit
    private bool _makes;

    private enum State : byte
    {
        /// <summary>It may be backed by a huge page, and then what is free of it may hold memory though nobody has touched it.</summary>
        MayBeHuge,

        /// <summary>It is not backed by one any more, but what was free when it was split may still hold memory.</summary>
        Split,

        /// <summary>Of what is free nothing holds memory that does not count.</summary>
        Exact,
    }

    /// <summary>Whether the window was kept from huge pages for good, since the process has nearly as many mappings as it may.</summary>
    public bool HasGivenUp { get; private set; }

    /// <summary>Looks at the system's setting, which may change at any time.</summary>
    /// <param name="asked">Whether the zone has asked for huge pages.</param>
    public void Refresh(bool asked)
    {
        _makes = memory.MakesHugePages(asked);
        if (_makes)
        {
            _states ??= new State[(spannedPages + s_pages - 1) / s_pages];
        }
    }

    /// <summary>Whether a free block that was never touched, or was given back, may hold memory all the same.</summary>
    public bool MayHoldMemory(uint block, uint pages) => _makes && pages < s_pages && _states![block / s_pages] != State.Exact;

    /// <summary>Before a block of a power of two is given back: its extent must not be filled again.</summary>
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

        // As one mapping: the flags of all parts are the same.
        HasGivenUp = true;
        TryAvoid(start, (long)spannedPages << Page.Shift);
        for (int i = 0; i < _states.Length; i++)
        {
            _states[i] = _states[i] == State.MayBeHuge ? State.Split : _states[i];
        }
    }

    /// <summary>After all that is free was given back.</summary>
    public void Settle()
    {
        foreach (ref State state in _states.AsSpan())
        {
            state = state == State.Split ? State.Exact : state;
        }
    }

    /// <summary>Lets the next extents have huge pages again of which all is in use; a bounded number of looks.</summary>
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

    /// <summary>Pages were decommitted: fresh mappings take the place of those that were kept from huge pages.</summary>
    public void Forget(uint first, uint pages)
    {
        for (uint extent = first / s_pages; _states is not null && !HasGivenUp && (extent + 1) * s_pages <= first + pages; extent++)
        {
            _states[extent] = State.MayBeHuge;
        }
    }

    /// <summary>Keeps what is reserved of a range from huge pages; what lies between is others'.</summary>
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
