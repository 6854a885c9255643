using System.Collections;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace SlabGen.Collections;

// Where items lie, and the walks over them.
public sealed unsafe partial class SlabList<T>
{
    /// <summary>The items as spans, one to a segment: the fast way to go over all of them.</summary>
    public SegmentEnumerable Segments => new(this);

    /// <inheritdoc cref="IEnumerable{T}.GetEnumerator"/>
    public Enumerator GetEnumerator() => new(this);

    private protected override void FreeAll()
    {
        _count = 0;
        Version++;
        GiveBack(keep: 0);
    }

    private protected override void Forget()
    {
        _segments = null;
        (_segmentsRoom, _segmentsEnd, _count, _room) = (0, 0, 0, 0);
    }

    /// <summary>The number of the first item of a segment.</summary>
    private static long StartOf(int segment)
    {
        int small = s_large - s_first;
        return segment <= small
            ? (segment == 0 ? 0 : (1L << (s_first + segment)) - (1L << s_first))
            : ((long)(segment - small + 1) << s_large) - (1L << s_first);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int SegmentOf(int index, out nuint offset)
    {
        uint n = (uint)index + (1u << s_first);
        if (n < 1u << s_large)
        {
            int bit = BitOperations.Log2(n);
            offset = n - (1u << bit);
            return bit - s_first;
        }

        offset = n & ((1u << s_large) - 1);
        return (int)(n >> s_large) - 1 + s_large - s_first;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private T* At(int index)
    {
        int segment = SegmentOf(index, out nuint offset);
        return _segments[segment] + offset;
    }

    /// <summary>The rest of the segment that an item lies in, at most up to an end.</summary>
    private Span<T> From(int index, long end)
    {
        int segment = SegmentOf(index, out nuint offset);
        return new Span<T>(_segments[segment] + offset, (int)(Math.Min(StartOf(segment + 1), end) - index));
    }

    private static nuint BytesOf(int segment) => (nuint)(StartOf(segment + 1) - StartOf(segment)) * (nuint)sizeof(T);

    /// <summary>Takes segments for so many items, all or none.</summary>
    private bool TryMoreRoom(long items)
    {
        int before = _segmentsEnd;
        while (Capacity < items)
        {
            if (items > int.MaxValue || !TryAddSegment())
            {
                while (_segmentsEnd > before)
                {
                    FreeLast();
                }

                return false;
            }
        }

        return true;
    }

    private bool TryAddSegment()
    {
        if (_segmentsEnd == _segmentsRoom)
        {
            int room = _segmentsRoom == 0 ? 2 : _segmentsRoom * 2;
            byte* directory = (byte*)_segments;
            nuint bytes = (nuint)_segmentsRoom * (nuint)sizeof(T*);
            if (!(directory == null
                ? TryAlloc((nuint)room * (nuint)sizeof(T*), out directory)
                : TryRealloc(ref directory, bytes, (nuint)room * (nuint)sizeof(T*))))
            {
                return false;
            }

            _segments = (T**)directory;
            _segmentsRoom = room;
        }

        if (!TryAlloc(BytesOf(_segmentsEnd), out byte* segment))
        {
            return false;
        }

        _segments[_segmentsEnd++] = (T*)segment;
        _room = StartOf(_segmentsEnd);
        return true;
    }

    /// <summary>Frees the empty segments, but so many; and the directory of a list without segments.</summary>
    private void GiveBack(int keep)
    {
        while (_segmentsEnd > keep && StartOf(_segmentsEnd - 1 - keep) >= _count)
        {
            FreeLast();
        }

        if (_segmentsEnd == 0 && _segments != null)
        {
            Free((byte*)_segments, (nuint)_segmentsRoom * (nuint)sizeof(T*));
            _segments = null;
            _segmentsRoom = 0;
        }
    }

    private void FreeLast()
    {
        _segmentsEnd--;
        _room = StartOf(_segmentsEnd);
        Free((byte*)_segments[_segmentsEnd], BytesOf(_segmentsEnd));
    }

    /// <summary>The segments of a list.</summary>
    public readonly struct SegmentEnumerable
    {
        private readonly SlabList<T> _list;

        internal SegmentEnumerable(SlabList<T> list)
        {
            _list = list;
        }

        /// <summary>Begins a walk.</summary>
        public SegmentEnumerator GetEnumerator() => new(_list);
    }

    /// <summary>Goes over a list by segments.</summary>
    public ref struct SegmentEnumerator
    {
        private readonly SlabList<T> _list;
        private readonly int _version;
        private int _index;

        internal SegmentEnumerator(SlabList<T> list)
        {
            list.CheckRead();
            _list = list;
            _version = list.Version;
        }

        /// <summary>The items of the segment.</summary>
        public Span<T> Current { get; private set; }

        /// <summary>Goes to the next segment.</summary>
        /// <returns>Whether there is one with items.</returns>
        /// <exception cref="InvalidOperationException">Items were added or removed.</exception>
        public bool MoveNext()
        {
            _list.CheckVersion(_version);
            if (_index == _list._count)
            {
                Current = default;
                return false;
            }

            Current = _list.From(_index, _list._count);
            _index += Current.Length;
            return true;
        }
    }

    /// <summary>Enumerates the items in order.</summary>
    public struct Enumerator : IEnumerator<T>
    {
        private readonly SlabList<T> _list;
        private readonly int _version;
        private int _next;

        internal Enumerator(SlabList<T> list)
        {
            list.CheckRead();
            _list = list;
            _version = list.Version;
        }

        /// <summary>A copy of the item.</summary>
        public T Current { get; private set; }

        readonly object IEnumerator.Current => Current;

        /// <summary>Goes to the next item.</summary>
        /// <returns>Whether there is one.</returns>
        /// <exception cref="InvalidOperationException">Items were added or removed.</exception>
        public bool MoveNext()
        {
            _list.CheckVersion(_version);
            bool more = _next < _list._count;
            Current = more ? *_list.At(_next++) : default;
            return more;
        }

        /// <summary>Goes back before the first item.</summary>
        /// <exception cref="InvalidOperationException">Items were added or removed.</exception>
        public void Reset()
        {
            _list.CheckVersion(_version);
            (_next, Current) = (0, default);
        }

        /// <summary>Does nothing.</summary>
        public readonly void Dispose()
        {
        }
    }
}
