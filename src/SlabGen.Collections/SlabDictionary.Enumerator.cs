using System.Collections;
using SlabGen.Collections.Hashing;

namespace SlabGen.Collections;

// A walk over the entries, in the order of memory.
public sealed unsafe partial class SlabDictionary<TKey, TValue>
{
    /// <summary>Enumerates the entries, in no order that means anything.</summary>
    public struct Enumerator : IEnumerator<KeyValuePair<TKey, TValue>>
    {
        private readonly SlabDictionary<TKey, TValue> _dictionary;
        private readonly int _version;
        private GroupTable<Entry<TKey, TValue>>.Cursor _cursor;
        private KeyValuePair<TKey, TValue> _current;

        internal Enumerator(SlabDictionary<TKey, TValue> dictionary)
        {
            dictionary.CheckRead();
            _dictionary = dictionary;
            _version = dictionary.Version;
        }

        /// <summary>A copy of the entry.</summary>
        public readonly KeyValuePair<TKey, TValue> Current => _current;

        readonly object IEnumerator.Current => _current;

        /// <summary>Goes to the next entry.</summary>
        /// <returns>Whether there is one.</returns>
        /// <exception cref="InvalidOperationException">The dictionary was changed.</exception>
        public bool MoveNext()
        {
            _dictionary.CheckVersion(_version);
            Entry<TKey, TValue>* entry = _dictionary._table.Next(ref _cursor);
            if (entry == null)
            {
                _current = default;
                return false;
            }

            _current = KeyValuePair.Create(entry->Key, entry->Value);
            return true;
        }

        /// <summary>Goes back before the first entry.</summary>
        /// <exception cref="InvalidOperationException">The dictionary was changed.</exception>
        public void Reset()
        {
            _dictionary.CheckVersion(_version);
            (_cursor, _current) = (default, default);
        }

        /// <summary>Does nothing.</summary>
        public readonly void Dispose()
        {
        }
    }
}
