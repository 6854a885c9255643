using System.Numerics;
using System.Runtime.CompilerServices;

namespace SlabGen.Collections.Hashing;

/// <summary>Whether an entry is the one that is looked for.</summary>
internal unsafe interface IProbe<TEntry>
    where TEntry : unmanaged
{
    bool Matches(TEntry* entry);
}

/// <summary>
/// The hash of an entry that is in the table already. It may call users' code, and throw what that throws.
/// </summary>
internal unsafe interface IHasher<TEntry>
    where TEntry : unmanaged
{
    ulong HashOf(TEntry* entry);
}

/// <summary>
/// A hash table of entries that grows and shrinks a few groups at a time: no call rehashes the table (rhashtable).
/// </summary>
/// <remarks>
/// <para>A table that has become too full or too empty moves into a new array of another size, from its first group to
/// its last. Entries lie in the order of their hashes, so one number says where each is: homes below <c>_front</c> have
/// moved into <c>_next</c>, and all others are in <c>_now</c>. Every insertion and every removal moves at least 4
/// groups further, and stops at a group that nobody passed, so that no entry is cut off from its home. Segments behind
/// the front are given back, segments before it taken, so the two arrays together need hardly more than one.</para>
/// <para>A table that is 86 percent full doubles, so an entry moves once or twice while the table grows. Growth by a
/// quarter would save a fifth of the memory on average, but made insertions 1.7 times as slow as the BCL's. It shrinks
/// below 29 percent, to 76.</para>
/// <para>A step has two halves. The first takes the memory and asks for the hashes; it may fail or throw, and has
/// changed nothing that anybody sees. The second moves, and cannot fail. So a table that cannot grow is whole, and is
/// filled further as long as it has slots.</para>
/// <para>All fields are the collection's; it tells its owner of each change
/// (<see cref="SlabCollection.Version"/>).</para>
/// </remarks>
internal unsafe partial struct GroupTable<TEntry>
    where TEntry : unmanaged
{
    // The header of the group that an empty table has, and the directory of that group. Never written.
    private static readonly byte** s_nothing = MakeNothing();

    private GroupArray<TEntry> _now, _next;
    private ulong _front; // homes of _now below it are in _next; 0 while nothing moves
    private ulong _growAt, _shrinkAt; // counts; _growAt is 0 while the table has no memory
    private int _growShift; // immutable; it grows by its size, shifted so
    private ulong _least; // groups that EnsureCapacity asked for: the table does not shrink below

    /// <summary>Entries in both arrays.</summary>
    public int Count { get; private set; }

    /// <summary>How many entries there is room for before the table grows.</summary>
    public readonly long Capacity => (long)(_next.Exists ? MostIn(_next.Groups) : _growAt);

    private static byte** MakeNothing()
    {
        byte* memory = (byte*)RuntimeHelpers.AllocateTypeAssociatedMemory(
            typeof(GroupTable<TEntry>), sizeof(byte*) + GroupArray<TEntry>.HeaderBytes);
        *(byte**)memory = memory + sizeof(byte*);
        return (byte**)memory;
    }

    /// <param name="growShift">0 to double, 2 to grow by a quarter: denser, and each entry moves more often.</param>
    public static GroupTable<TEntry> New(int growShift = 0) =>
        new() { _now = GroupArray<TEntry>.Nothing(s_nothing), _growShift = growShift };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly TEntry* Find<TProbe>(ulong hash, TProbe probe)
        where TProbe : struct, IProbe<TEntry>
    {
        ulong at = _now.Home(hash);
        byte* group;
        if (at < _front)
        {
            at = _next.Home(hash);
            group = _next.At(at);
        }
        else
        {
            group = _now.At(at);
        }

        byte tag = Hash.Tag(hash);
        while (true)
        {
            for (uint slots = GroupArray<TEntry>.Slotted(group, tag); slots != 0; slots &= slots - 1)
            {
                TEntry* entry = GroupArray<TEntry>.Entry(group, BitOperations.TrailingZeroCount(slots));
                if (probe.Matches(entry))
                {
                    return entry;
                }
            }

            if (GroupArray<TEntry>.Passed(group) == 0)
            {
                return null;
            }

            group = Behind(hash, ++at);
        }
    }

    /// <summary>The way behind a home.</summary>
    private readonly byte* Behind(ulong hash, ulong at) => _now.Home(hash) < _front ? _next.At(at) : _now.At(at);

    /// <summary>
    /// The entry that is looked for, or a slot for it; null when there is no memory. Who gets a slot writes the entry.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TEntry* FindOrAdd<TProbe, THasher>(
        SlabCollection owner, ulong hash, TProbe probe, THasher hasher, out bool exists)
        where TProbe : struct, IProbe<TEntry>
        where THasher : struct, IHasher<TEntry>
    {
        TEntry* entry = Find(hash, probe);
        exists = entry != null;
        if (exists)
        {
            return entry;
        }

        // Nearly always: nothing moves, and there is room at home.
        if ((ulong)Count < _growAt && !_next.Exists)
        {
            ulong home = _now.Home(hash);
            byte* group = _now.At(home);
            uint empty = GroupArray<TEntry>.Slotted(group, 0);
            if (empty != 0)
            {
                Count++;
                owner.Version++;
                return _now.Take(home, group, empty, hash);
            }
        }

        return TryAdd(owner, hash, hasher);
    }

    /// <summary>
    /// A slot for an entry that is not in the table; null when there is no memory. The caller writes the entry.
    /// </summary>
    public TEntry* TryAdd<THasher>(SlabCollection owner, ulong hash, THasher hasher)
        where THasher : struct, IHasher<TEntry>
    {
        if (((ulong)Count >= _growAt || _next.Exists) && !TryGrow(owner, hasher) && !HasSlots())
        {
            return null;
        }

        TEntry* entry = (_now.Home(hash) < _front ? ref _next : ref _now).TryPlace(owner, hash);
        if (entry != null)
        {
            Count++;
            owner.Version++;
        }

        return entry;
    }

    /// <summary>Takes an entry out.</summary>
    public bool Remove<TProbe, THasher>(
        SlabCollection owner, ulong hash, TProbe probe, THasher hasher, out TEntry removed)
        where TProbe : struct, IProbe<TEntry>
        where THasher : struct, IHasher<TEntry>
    {
        ref GroupArray<TEntry> array = ref _now.Home(hash) < _front ? ref _next : ref _now;
        TEntry* entry = Find(hash, probe);
        if (entry == null)
        {
            removed = default;
            return false;
        }

        removed = *entry;
        ulong at = array.Home(hash);
        while ((nuint)((byte*)entry - array.At(at)) >= GroupArray<TEntry>.GroupBytes)
        {
            at++;
        }

        array.Remove(hash, at, (int)(entry - GroupArray<TEntry>.Entry(array.At(at), 0)));
        Count--;
        owner.Version++;
        if (Count == 0 && _least == 0 && (_next.Exists || _now.Groups > 1 || _now.Used > 1))
        {
            Free(owner); // all but the one group of a table that never had more
        }
        else if ((ulong)Count < _shrinkAt || _next.Exists)
        {
            TryShrink(owner, hasher);
        }

        return true;
    }


    /// <summary>Frees every segment, and is empty.</summary>
    public void Free(SlabCollection owner)
    {
        owner.Version++;
        if (_growAt != 0)
        {
            _now.Free(owner);
        }

        if (_next.Exists)
        {
            _next.Free(owner);
        }

        this = New(_growShift);
    }

    /// <summary>Whether the arrays, full as they are, take more: a table that could not grow is filled up.</summary>
    private readonly bool HasSlots() => (ulong)Count < _now.Groups * (GroupArray<TEntry>.Slots - 1) && _growAt != 0;

    /// <summary>The next entry in memory; null at the end.</summary>
    public readonly TEntry* Next(ref Cursor cursor)
    {
        while (cursor.Slots == 0)
        {
            if (!cursor.InNext && cursor.At < _front)
            {
                cursor.At = _front;
            }

            if (cursor.At >= (cursor.InNext ? _next : _now).Used)
            {
                if (cursor.InNext)
                {
                    return null;
                }

                cursor = new Cursor { InNext = true };
                continue;
            }

            cursor.Group = (cursor.InNext ? _next : _now).At(cursor.At++);
            cursor.Slots = GroupArray<TEntry>.Occupied(cursor.Group);
        }

        int slot = BitOperations.TrailingZeroCount(cursor.Slots);
        cursor.Slots &= cursor.Slots - 1;
        return GroupArray<TEntry>.Entry(cursor.Group, slot);
    }

    /// <summary>Where a walk over the entries is. It begins as default, and is invalid after any change.</summary>
    public struct Cursor
    {
        internal ulong At;
        internal byte* Group;
        internal uint Slots;
        internal bool InNext;
    }
}
