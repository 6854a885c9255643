using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SlabGen.Collections.Hashing;

/// <summary>The groups of a hash table while it has one size.</summary>
/// <remarks>
/// <para>A group is a header of 16 bytes and 14 slots. The header has a tag for each slot, 8 bits of the hash or 0 for
/// an empty slot, and the number of entries that wanted to be in this group or before it and lie behind it: those that
/// passed. So a search ends at the first group that nobody passed, and a removal leaves no tombstone (F14's chunks).
/// The number stops at 65535, and is then never lowered: a search goes further than it must, and no entry is
/// missed.</para>
/// <para>A hash has its home by order: group <c>hash * Groups / 2^64</c>. An entry lies in its home or in the first
/// group behind it that had room. There is no way round: behind the last home come as many further groups as were
/// needed.</para>
/// <para>Groups lie in segments of up to 256 KiB, a power of two of groups each, so none is ever moved but those of the
/// last one, if it must grow. Groups 0 to <see cref="Ready"/> - 1 have a valid header; those from <see cref="Used"/> on
/// are empty. Segments below <c>_firstSegment</c> were given back.</para>
/// </remarks>
internal unsafe struct GroupArray<TEntry>
    where TEntry : unmanaged
{
    public const int Slots = 14, HeaderBytes = 16;
    public const uint SlotMask = (1u << Slots) - 1;
    private const int SegmentBytes = 256 << 10;
    private const ushort ManyPassed = ushort.MaxValue;

    private static readonly int s_shift = BitOperations.Log2((uint)Math.Max(1, SegmentBytes / GroupBytes));

    private byte** _segments;
    private int _segmentsRoom; // pointers that the directory has room for
    private int _firstSegment, _segmentsEnd; // those that exist
    private ulong _lastRoom; // groups that the last segment has room for
    private byte* _spare; // a whole segment that the array before this one gave up

    /// <summary>Homes.</summary>
    public ulong Groups { get; private set; }

    /// <summary>Groups whose header is valid.</summary>
    public ulong Ready { get; private set; }

    /// <summary>The last group that ever had an entry, and one.</summary>
    public ulong Used { get; set; }

    public readonly bool Exists => _segments != null;

    public static nuint GroupBytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (nuint)((HeaderBytes + (Slots * sizeof(TEntry)) + 7) & ~7);
    }

    private static ulong SegmentGroups => 1UL << s_shift;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly byte* At(ulong group) =>
        _segments[group >> s_shift] + ((nuint)(group & ((1UL << s_shift) - 1)) * GroupBytes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ulong Home(ulong hash) => Math.BigMul(hash, Groups, out _);

    public static ref ushort Passed(byte* group) => ref *(ushort*)(group + Slots);

    public static TEntry* Entry(byte* group, int slot) => (TEntry*)(group + HeaderBytes) + slot;

    /// <summary>A bit for each slot whose tag is this one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Slotted(byte* group, byte tag) =>
        Vector128.Equals(Vector128.Load(group), Vector128.Create(tag)).ExtractMostSignificantBits() & SlotMask;

    /// <summary>A bit for each slot that has an entry.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Occupied(byte* group) => ~Slotted(group, 0) & SlotMask;

    /// <summary>Makes an array without any ready group, if there is memory.</summary>
    public static bool TryMake(SlabCollection owner, ulong groups, out GroupArray<TEntry> made)
    {
        made = default;
        int room = (int)((groups + SegmentGroups - 1) >> s_shift);
        if (!owner.TryAlloc((nuint)room * (nuint)sizeof(byte*), out byte* directory))
        {
            return false;
        }

        made = new GroupArray<TEntry> { Groups = groups, _segments = (byte**)directory, _segmentsRoom = room };
        return true;
    }

    /// <summary>An array of one home for all, with a group that nobody may write to: that of an empty table.</summary>
    public static GroupArray<TEntry> Nothing(byte** directory) =>
        new() { _segments = directory, Groups = 1, Ready = 1 };

    /// <summary>Makes so many groups ready, if there is memory; some may be, if not.</summary>
    public bool TryReady(SlabCollection owner, ulong groups)
    {
        while (Ready < groups)
        {
            ulong room = RoomEnd();
            if (Ready == room && !TryMoreRoom(owner, groups))
            {
                return false;
            }

            for (ulong end = Math.Min(groups, RoomEnd()); Ready < end; Ready++)
            {
                Vector128<byte>.Zero.Store(At(Ready));
            }
        }

        return true;
    }

    /// <summary>Finds a slot for a hash, at its home or behind it.</summary>
    /// <returns>Null, with nothing changed, when there is no memory for a further group.</returns>
    public TEntry* TryPlace(SlabCollection owner, ulong hash)
    {
        ulong home = Home(hash), at = home;
        byte* group = At(at);
        uint empty = Slotted(group, 0);
        while (empty == 0)
        {
            if (++at == Ready && !TryReady(owner, at + 1))
            {
                return null;
            }

            group = At(at);
            empty = Slotted(group, 0);
        }

        for (; home < at; home++)
        {
            Pass(At(home));
        }

        return Take(at, group, empty, hash);
    }

    /// <summary>Takes the first of the empty slots of a group.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TEntry* Take(ulong at, byte* group, uint empty, ulong hash)
    {
        Used = Math.Max(Used, at + 1);
        int slot = BitOperations.TrailingZeroCount(empty);
        group[slot] = Hash.Tag(hash);
        return Entry(group, slot);
    }

    /// <summary>Copies an entry of another array, for which there is room at a home or behind it.</summary>
    public void Place(ulong at, byte tag, TEntry* entry)
    {
        byte* group = At(at);
        uint empty = Slotted(group, 0);
        for (; empty == 0; empty = Slotted(group, 0))
        {
            Pass(group);
            group = At(++at);
        }

        Used = Math.Max(Used, at + 1);
        int slot = BitOperations.TrailingZeroCount(empty);
        group[slot] = tag;
        *Entry(group, slot) = *entry;
    }

    /// <summary>An entry passes a group on its way behind it.</summary>
    public static void Pass(byte* group)
    {
        ref ushort passed = ref Passed(group);
        passed += passed == ManyPassed ? (ushort)0 : (ushort)1;
    }

    /// <summary>Empties a slot.</summary>
    public readonly void Remove(ulong hash, ulong at, int slot)
    {
        At(at)[slot] = 0;
        for (ulong home = Home(hash); home < at; home++)
        {
            ref ushort passed = ref Passed(At(home));
            passed -= passed == ManyPassed ? (ushort)0 : (ushort)1;
        }
    }

    /// <summary>Gives back the segments all of whose groups lie before this one.</summary>
    /// <remarks>The next array takes one at once: so a table that moves faults in no page again.</remarks>
    public void FreeBefore(SlabCollection owner, ulong group, ref GroupArray<TEntry> next)
    {
        while (_firstSegment < _segmentsEnd && (ulong)(_firstSegment + 1) << s_shift <= group)
        {
            if (next._spare == null && _firstSegment < _segmentsEnd - 1)
            {
                next._spare = _segments[_firstSegment++];
            }
            else
            {
                FreeFirst(owner);
            }
        }
    }

    /// <summary>After the last move.</summary>
    public void FreeSpare(SlabCollection owner)
    {
        if (_spare != null)
        {
            owner.Free(_spare, (nuint)SegmentGroups * GroupBytes);
            _spare = null;
        }
    }

    public void Free(SlabCollection owner)
    {
        while (_firstSegment < _segmentsEnd)
        {
            FreeFirst(owner);
        }

        FreeSpare(owner);
        owner.Free((byte*)_segments, (nuint)_segmentsRoom * (nuint)sizeof(byte*));
        this = default;
    }

    private void FreeFirst(SlabCollection owner)
    {
        ulong groups = _firstSegment == _segmentsEnd - 1 ? _lastRoom : SegmentGroups;
        owner.Free(_segments[_firstSegment++], (nuint)groups * GroupBytes);
    }

    /// <summary>Groups that there is room for.</summary>
    private readonly ulong RoomEnd() =>
        _segmentsEnd == 0 ? 0 : ((ulong)(_segmentsEnd - 1) << s_shift) + _lastRoom;

    /// <summary>
    /// Makes the last segment larger, or adds one: for so many groups, or as many as one segment has.
    /// </summary>
    private bool TryMoreRoom(SlabCollection owner, ulong groups)
    {
        if (_segmentsEnd > 0 && _lastRoom < SegmentGroups)
        {
            ulong start = (ulong)(_segmentsEnd - 1) << s_shift;
            ulong more = Math.Min(SegmentGroups, Math.Max(groups - start, _lastRoom + (_lastRoom >> 3)));
            ref byte* last = ref _segments[_segmentsEnd - 1];
            if (!owner.TryRealloc(ref last, (nuint)_lastRoom * GroupBytes, (nuint)more * GroupBytes))
            {
                return false;
            }

            _lastRoom = more;
            return true;
        }

        if (_segmentsEnd == _segmentsRoom)
        {
            byte* directory = (byte*)_segments;
            nuint bytes = (nuint)_segmentsRoom * (nuint)sizeof(byte*);
            if (!owner.TryRealloc(ref directory, bytes, bytes * 2))
            {
                return false;
            }

            _segments = (byte**)directory;
            _segmentsRoom *= 2;
        }

        ulong room = Math.Min(SegmentGroups, Math.Max(Groups, groups) - ((ulong)_segmentsEnd << s_shift));
        byte* segment = _spare;
        if (room == SegmentGroups && segment != null)
        {
            _spare = null;
        }
        else if (!owner.TryAlloc((nuint)room * GroupBytes, out segment))
        {
            return false;
        }

        _segments[_segmentsEnd++] = segment;
        _lastRoom = room;
        return true;
    }
}
