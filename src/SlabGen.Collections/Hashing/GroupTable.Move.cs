using System.Numerics;
using System.Runtime.CompilerServices;

namespace SlabGen.Collections.Hashing;

// From one size to another, some groups at a time.
internal unsafe partial struct GroupTable<TEntry>
{
    private const ulong GroupsAtOnce = 4;
    private const int HashesOnStack = 128, GroupsOnStack = 32;

    private static ulong MostIn(ulong groups) => groups * 12;

    private readonly ulong LeastIn(ulong groups) => groups <= Math.Max(1, _least) ? 0 : groups * 4;

    private static ulong GroupsFor(ulong entries) => Math.Max(1, (entries + 11) / 12);

    /// <summary>Makes room for so many entries, if there is memory: all at once.</summary>
    public bool TryEnsure<THasher>(SlabCollection owner, int entries, THasher hasher)
        where THasher : struct, IHasher<TEntry>
    {
        ulong groups = GroupsFor((ulong)entries);
        if (entries > Capacity && !TryResize(owner, groups, hasher))
        {
            return false;
        }

        _least = Math.Max(_least, groups);
        _shrinkAt = LeastIn(_now.Groups);
        return true;
    }

    /// <summary>Moves to the size that the entries need, all at once, if there is memory.</summary>
    public bool TryTrim<THasher>(SlabCollection owner, int entries, THasher hasher)
        where THasher : struct, IHasher<TEntry>
    {
        if (entries == 0)
        {
            Free(owner);
            return true;
        }

        _least = 0;
        _shrinkAt = LeastIn(_now.Groups);
        ulong groups = GroupsFor((ulong)entries);
        return (!_next.Exists && groups >= _now.Groups) || TryResize(owner, groups, hasher);
    }

    private bool TryResize<THasher>(SlabCollection owner, ulong groups, THasher hasher)
        where THasher : struct, IHasher<TEntry>
    {
        while (_next.Exists)
        {
            if (!TryStep(owner, hasher))
            {
                return false;
            }
        }

        if (groups == _now.Groups && _growAt != 0)
        {
            return true;
        }

        if (!TryStart(owner, groups))
        {
            return false;
        }

        if (Count == 0)
        {
            if (!_next.TryReady(owner, groups))
            {
                _next.Free(owner);
                return false;
            }

            Finish(owner);
        }

        while (_next.Exists)
        {
            if (!TryStep(owner, hasher))
            {
                return false; // whole, and between two sizes
            }
        }

        return true;
    }

    private bool TryGrow<THasher>(SlabCollection owner, THasher hasher)
        where THasher : struct, IHasher<TEntry>
    {
        if (!_next.Exists)
        {
            ulong groups = _growAt == 0 ? 1 : _now.Groups + Math.Max(1, _now.Groups >> _growShift);
            if (!TryStart(owner, groups))
            {
                return false;
            }
        }

        return TryStep(owner, hasher);
    }

    /// <summary>Best effort: a table that cannot shrink now tries again at the next removal.</summary>
    private void TryShrink<THasher>(SlabCollection owner, THasher hasher)
        where THasher : struct, IHasher<TEntry>
    {
        if (_next.Exists || TryStart(owner, Math.Max(_least, GroupsFor((ulong)Count + ((ulong)Count >> 3)))))
        {
            TryStep(owner, hasher);
        }
    }

    private bool TryStart(SlabCollection owner, ulong groups)
    {
        if (!GroupArray<TEntry>.TryMake(owner, groups, out GroupArray<TEntry> made))
        {
            return false;
        }

        _next = made;
        return true;
    }

    /// <summary>
    /// Moves the next groups, up to one that nobody passed. The last step is the end of the old array.
    /// </summary>
    [SkipLocalsInit]
    private bool TryStep<THasher>(SlabCollection owner, THasher hasher)
        where THasher : struct, IHasher<TEntry>
    {
        ulong end = EndOfStep();
        nuint entries = 0;
        for (ulong at = _front; at < end; at++)
        {
            entries += (nuint)BitOperations.PopCount(GroupArray<TEntry>.Occupied(_now.At(at)));
        }

        // The last home that a hash of these groups can have in the new array; behind it they fill at most so many.
        ulong last = end == _now.Ready ? _next.Groups - 1
            : Math.Min(_next.Groups - 1, end * _next.Groups / _now.Groups);
        ulong behind = (entries + GroupArray<TEntry>.Slots - 1) / GroupArray<TEntry>.Slots;
        ulong most = Math.Max(_next.Used, last + 1) + behind;
        if (!_next.TryReady(owner, most))
        {
            return false;
        }

        if (entries <= HashesOnStack)
        {
            ulong* homes = stackalloc ulong[HashesOnStack];
            Move(owner, end, last, most, homes, hasher);
            return true;
        }

        // Many that collide: the step is as long as they are many.
        nuint bytes = entries * sizeof(ulong);
        if (!owner.TryAlloc(bytes, out byte* block))
        {
            return false;
        }

        try
        {
            Move(owner, end, last, most, (ulong*)block, hasher);
        }
        finally
        {
            owner.Free(block, bytes);
        }

        return true;
    }

    private readonly ulong EndOfStep()
    {
        ulong end = _growAt == 0 ? _now.Ready : Math.Min(_front + GroupsAtOnce, _now.Groups);
        while (end < _now.Groups && GroupArray<TEntry>.Passed(_now.At(end - 1)) != 0)
        {
            end++;
        }

        return end == _now.Groups ? _now.Ready : end;
    }

    /// <summary>The two halves of a step: asks for all homes in the new array, and then moves.</summary>
    private void Move<THasher>(SlabCollection owner, ulong end, ulong last, ulong most, ulong* homes, THasher hasher)
        where THasher : struct, IHasher<TEntry>
    {
        int asked = 0;
        ulong least = last;
        for (ulong at = _front; at < end; at++)
        {
            byte* group = _now.At(at);
            for (uint slots = GroupArray<TEntry>.Occupied(group); slots != 0; slots &= slots - 1)
            {
                ulong hash = hasher.HashOf(GroupArray<TEntry>.Entry(group, BitOperations.TrailingZeroCount(slots)));

                // A key that has another hash than before would have another home: then it is lost to look-ups,
                // but the table stays whole.
                ulong home = Math.Min(_next.Home(hash), last);
                least = Math.Min(least, home);
                homes[asked++] = home;
            }
        }

        owner.Version++;

        // From here on nothing calls anybody, and nothing fails.
        if (most - least <= GroupsOnStack)
        {
            MoveFew(end, least, most, homes);
        }
        else
        {
            MoveMany(end, homes);
        }

        _front = end;
        if (end == _now.Ready)
        {
            Finish(owner);
        }
        else
        {
            _now.FreeBefore(owner, end, ref _next);
        }
    }

    /// <summary>
    /// Moves into a few groups, whose empty slots are kept at hand: to load the tags of a group right after one of them
    /// was stored makes the processor wait, for each entry.
    /// </summary>
    [SkipLocalsInit]
    private void MoveFew(ulong end, ulong least, ulong most, ulong* homes)
    {
        uint* empty = stackalloc uint[GroupsOnStack];
        for (ulong at = least; at < most; at++)
        {
            empty[at - least] = GroupArray<TEntry>.Slotted(_next.At(at), 0);
        }

        ulong used = _next.Used;
        for (ulong from = _front; from < end; from++)
        {
            byte* group = _now.At(from);
            for (uint slots = GroupArray<TEntry>.Occupied(group); slots != 0; slots &= slots - 1)
            {
                ulong at = *homes++;
                for (; empty[at - least] == 0; at++)
                {
                    GroupArray<TEntry>.Pass(_next.At(at));
                }

                byte* to = _next.At(at);
                int slot = BitOperations.TrailingZeroCount(slots);
                int toSlot = BitOperations.TrailingZeroCount(empty[at - least]);
                empty[at - least] &= empty[at - least] - 1;
                to[toSlot] = group[slot];
                *GroupArray<TEntry>.Entry(to, toSlot) = *GroupArray<TEntry>.Entry(group, slot);
                used = Math.Max(used, at + 1);
            }
        }

        _next.Used = used;
    }

    /// <summary>The same when many collide, or a long run of groups was passed.</summary>
    private void MoveMany(ulong end, ulong* homes)
    {
        for (ulong at = _front; at < end; at++)
        {
            byte* group = _now.At(at);
            for (uint slots = GroupArray<TEntry>.Occupied(group); slots != 0; slots &= slots - 1)
            {
                int slot = BitOperations.TrailingZeroCount(slots);
                _next.Place(*homes++, group[slot], GroupArray<TEntry>.Entry(group, slot));
            }
        }
    }

    private void Finish(SlabCollection owner)
    {
        if (_growAt != 0)
        {
            _now.Free(owner);
        }

        _next.FreeSpare(owner);
        _now = _next;
        _next = default;
        _front = 0;
        _growAt = MostIn(_now.Groups);
        _shrinkAt = LeastIn(_now.Groups);
    }
}
