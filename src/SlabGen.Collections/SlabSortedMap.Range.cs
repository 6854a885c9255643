using System.Collections;
using SlabGen.Collections.Sorted;

namespace SlabGen.Collections;

// Walks over the entries, up and down.
public sealed unsafe partial class SlabSortedMap<TKey, TValue>
{
    /// <summary>Entries of a map in order. It is looked up where a walk begins.</summary>
    public readonly struct Range : IEnumerable<KeyValuePair<TKey, TValue>>
    {
        private readonly SlabSortedMap<TKey, TValue> _map;

        internal Range(SlabSortedMap<TKey, TValue> map)
        {
            _map = map;
        }

        internal bool HasFrom { get; init; }

        internal TKey Low { get; init; }

        internal bool HasTo { get; init; }

        internal TKey High { get; init; }

        internal bool IsDown { get; init; }

        /// <summary>The same entries in the other direction.</summary>
        public Range Reverse() => this with { IsDown = !IsDown };

        /// <inheritdoc cref="IEnumerable{T}.GetEnumerator"/>
        public Enumerator GetEnumerator()
        {
            _map.CheckRead();
            Place start = HasFrom ? _map._tree.PlaceOf(Low, behind: false) : new Place(_map._tree.First, 0);
            Place end = HasTo ? _map._tree.PlaceOf(High, behind: true) : default;
            return new Enumerator(_map, start, end, IsDown);
        }

        IEnumerator<KeyValuePair<TKey, TValue>> IEnumerable<KeyValuePair<TKey, TValue>>.GetEnumerator() =>
            GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }

    /// <summary>Enumerates entries in order.</summary>
    public struct Enumerator : IEnumerator<KeyValuePair<TKey, TValue>>
    {
        private readonly SlabSortedMap<TKey, TValue> _map;
        private readonly int _version;
        private readonly Place _start, _end; // the first entry, and that behind the last
        private readonly bool _isDown;
        private Place _at; // up: the entry that comes next; down: that which came last
        private TValue* _value; // of the entry that came last
        private KeyValuePair<TKey, TValue> _current;

        internal Enumerator(SlabSortedMap<TKey, TValue> map, Place start, Place end, bool isDown)
        {
            (_map, _version, _start, _end, _isDown) = (map, map.Version, start, end, isDown);
            _at = isDown ? end : start;
        }

        /// <summary>A copy of the entry.</summary>
        public readonly KeyValuePair<TKey, TValue> Current => _current;

        /// <summary>The value of the entry, which may be written; a null reference where there is none.</summary>
        /// <exception cref="InvalidOperationException">The map was changed.</exception>
        public readonly ref TValue ValueRef
        {
            get
            {
                _map.CheckVersion(_version);
                return ref *_value;
            }
        }

        readonly object IEnumerator.Current => Current;

        /// <summary>Goes to the next entry.</summary>
        /// <returns>Whether there is one.</returns>
        /// <exception cref="InvalidOperationException">The map was changed.</exception>
        public bool MoveNext()
        {
            _map.CheckVersion(_version);
            if (_isDown)
            {
                return (_at.Leaf != _start.Leaf || _at.Index != _start.Index) && _map._tree.TryGoBack(ref _at)
                    ? Take(_at) : End();
            }

            Place here = _at;
            if (here.Leaf == null || (here.Leaf == _end.Leaf && here.Index == _end.Index))
            {
                return End();
            }

            _at = Tree<TKey, TValue>.After(here);
            return Take(here);
        }

        /// <summary>Goes back before the first entry.</summary>
        /// <exception cref="InvalidOperationException">The map was changed.</exception>
        public void Reset()
        {
            _map.CheckVersion(_version);
            _at = _isDown ? _end : _start;
            End();
        }

        /// <summary>Does nothing.</summary>
        public readonly void Dispose()
        {
        }

        private bool Take(Place place)
        {
            _value = NodeShape<TKey, TValue>.Values(place.Leaf) + place.Index;
            _current = KeyValuePair.Create(NodeShape<TKey, TValue>.LeafKeys(place.Leaf)[place.Index], *_value);
            return true;
        }

        private bool End()
        {
            _value = null;
            _current = default;
            return false;
        }
    }
}
