using System.Numerics;
using System.Runtime.CompilerServices;

namespace SlabGen.Collections;

/// <summary>
/// A list of unmanaged items in native memory. It grows by segments: no item is copied, no addition waits for a copy,
/// and a reference to an item stays valid as long as the item is in its place.
/// </summary>
/// <remarks>
/// <para>As <see cref="List{T}"/>, but: it must be disposed of; the indexer gives a reference; and where memory is
/// short, <see cref="TryAdd"/> says so. <see cref="SlabCollection"/> says what holds for all collections.</para>
/// <para>Segments have 8 items, then 8, 16, 32 and so on, up to some 64 KiB, and from there on are all as large. With
/// <c>n = index + 8</c>, item <c>index</c> lies in the segment of the highest bit of <c>n</c> while that is a small
/// one, else in number <c>n / items</c> of the large ones. A directory has their addresses; it alone is copied as it
/// grows. One empty segment at the end is kept, so that a list whose length goes to and fro takes and gives
/// nothing.</para>
/// </remarks>
/// <typeparam name="T">The items.</typeparam>
public sealed unsafe partial class SlabList<T> : SlabCollection, IReadOnlyCollection<T>
    where T : unmanaged
{
    private const int SegmentBytes = 64 << 10;

    // Items of a large segment and of the first one, as powers of two. Between them lie the small segments.
    private static readonly int s_large = BitOperations.Log2((uint)Math.Max(1, SegmentBytes / sizeof(T)));
    private static readonly int s_first = Math.Min(3, s_large);

    private T** _segments;
    private int _segmentsRoom, _segmentsEnd;
    private int _count;
    private long _room; // items that the segments hold

    /// <summary>Makes an empty list, which has no memory yet.</summary>
    /// <param name="memory">Where it lives; by default the <see cref="SlabRuntime.Kmalloc"/> of
    /// <see cref="SlabRuntime.Default"/>.</param>
    /// <param name="ownsMemory">Whether <paramref name="memory"/>, a private instance, is this list's alone: it ends
    /// with it.</param>
    public SlabList(Kmalloc? memory = null, bool ownsMemory = false)
        : base(memory, ownsMemory)
    {
    }

    /// <summary>Items.</summary>
    public int Count => _count;

    /// <summary>How many items there is room for.</summary>
    public long Capacity => _room;

    /// <summary>An item.</summary>
    /// <param name="index">Its number, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such item.</exception>
    public ref T this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            CheckRead();
            if ((uint)index >= (uint)_count)
            {
                ThrowOutOfRange(index);
            }

            return ref *At(index);
        }
    }

    /// <summary>Adds an item.</summary>
    /// <param name="item">The item.</param>
    /// <exception cref="OutOfMemoryException">There is no memory for it.</exception>
    public void Add(T item)
    {
        if (!TryAdd(item))
        {
            throw Short((nuint)sizeof(T));
        }
    }

    /// <summary>Adds an item, unless memory is short: then the list is as it was.</summary>
    /// <param name="item">The item.</param>
    /// <returns>Whether it was added.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryAdd(T item)
    {
        if (_isChecked || _count == _room)
        {
            return TryAddSlow(item);
        }

        *At(_count++) = item;
        Version++;
        return true;
    }

    /// <summary>Adds all items of a span.</summary>
    /// <param name="items">The items; they may be of this list.</param>
    /// <exception cref="OutOfMemoryException">There is no memory for all; none was added.</exception>
    public void AddRange(ReadOnlySpan<T> items)
    {
        if (!TryAddRange(items))
        {
            throw Short((nuint)items.Length * (nuint)sizeof(T));
        }
    }

    /// <summary>Adds all items of a span, unless memory is short: then the list is as it was.</summary>
    /// <param name="items">The items; they may be of this list.</param>
    /// <returns>Whether they were added.</returns>
    public bool TryAddRange(ReadOnlySpan<T> items)
    {
        EnterWrite();
        try
        {
            if (!TryMoreRoom((long)_count + items.Length))
            {
                return false;
            }

            while (items.Length > 0)
            {
                Span<T> room = From(_count, Capacity);
                int taken = Math.Min(room.Length, items.Length);
                items[..taken].CopyTo(room);
                items = items[taken..];
                _count += taken;
            }

            Version++;
            return true;
        }
        finally
        {
            ExitWrite();
        }
    }

    /// <summary>Inserts an item; those behind it move by one, which takes longer the more they are.</summary>
    /// <param name="index">Its number, from 0 to <see cref="Count"/>.</param>
    /// <param name="item">The item.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="index"/> is not of that range.</exception>
    /// <exception cref="OutOfMemoryException">There is no memory for it; the list is as it was.</exception>
    public void Insert(int index, T item)
    {
        if ((uint)index > (uint)_count)
        {
            ThrowOutOfRange(index);
        }

        Add(item);
        for (int at = _count - 1; at > index; at--)
        {
            *At(at) = *At(at - 1);
        }

        *At(index) = item;
    }

    /// <summary>Removes an item; those behind it move by one, which takes longer the more they are.</summary>
    /// <param name="index">Its number.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such item.</exception>
    public void RemoveAt(int index)
    {
        CheckIndex(index);
        for (int at = index + 1; at < _count; at++)
        {
            *At(at - 1) = *At(at);
        }

        RemoveLast(1);
    }

    /// <summary>Removes an item by putting the last one in its place, which takes always as long.</summary>
    /// <param name="index">Its number.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such item.</exception>
    public void SwapRemoveAt(int index)
    {
        CheckIndex(index);
        *At(index) = *At(_count - 1);
        RemoveLast(1);
    }

    /// <summary>Removes the last items, and gives back the segments that are then empty, but one.</summary>
    /// <param name="items">How many.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer.</exception>
    public void RemoveLast(int items)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(items);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(items, _count);
        EnterWrite();
        try
        {
            _count -= items;
            Version++;
            GiveBack(keep: 1);
        }
        finally
        {
            ExitWrite();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryAddSlow(T item)
    {
        EnterWrite();
        try
        {
            if (!TryMoreRoom((long)_count + 1))
            {
                return false;
            }

            *At(_count) = item;
            _count++;
            Version++;
            return true;
        }
        finally
        {
            ExitWrite();
        }
    }

    private void CheckIndex(int index)
    {
        if ((uint)index >= (uint)_count)
        {
            ThrowOutOfRange(index);
        }
    }

    private void ThrowOutOfRange(int index)
    {
        ThrowIfDisposed();
        throw new ArgumentOutOfRangeException(nameof(index), index, $"The list has {_count} items.");
    }
}
