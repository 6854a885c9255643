using SlabGen.Collections.Concurrent;
using SlabGen.Collections.Hashing;

namespace SlabGen.Collections;

// A walk over the entries, while writers go on.
public sealed unsafe partial class RcuDictionary<TKey, TValue>
{
    /// <summary>Goes over the entries, inside a section of <see cref="Rcu"/> that its end ends.</summary>
    /// <remarks>
    /// It goes by hashes: it takes the bucket of the next one, wherever that is now, and all of its entries from that
    /// hash on. The next hash is then the first that the bucket is not for. So the table may change its size meanwhile.
    /// </remarks>
    public ref struct Enumerator
    {
        private readonly RcuDictionary<TKey, TValue> _dictionary;
        private readonly RcuReadScope _section;
        private int _stripe;
        private ulong _from, _next; // hashes; _next is 0 when the stripe ends with the bucket
        private bool _isPart; // the bucket also has entries before _from, which were seen
        private ulong* _bucket;
        private ulong _link;
        private int _slot;
        private Entry<TKey, TValue>* _current;

        internal Enumerator(RcuDictionary<TKey, TValue> dictionary)
        {
            _dictionary = dictionary;
            _section = Rcu.Read();
            _stripe = -1;
        }

        /// <summary>A copy of the entry.</summary>
        public readonly KeyValuePair<TKey, TValue> Current => KeyValuePair.Create(_current->Key, _current->Value);

        /// <summary>Goes to the next entry.</summary>
        /// <returns>Whether there is one.</returns>
        public bool MoveNext()
        {
            do
            {
                while (_bucket != null)
                {
                    while (_slot < RcuBucket.Slots)
                    {
                        ulong word = Volatile.Read(ref _bucket[_slot++]);
                        _current = (Entry<TKey, TValue>*)RcuBucket.EntryOf(word);
                        if (word != 0 && (!_isPart || HashOfCurrent() >= _from))
                        {
                            return true;
                        }
                    }

                    _bucket = RcuBucket.Behind(_link);
                    _link = _bucket == null ? 0 : Volatile.Read(ref RcuBucket.Link(_bucket));
                    _slot = 0;
                }
            }
            while (TryNextBucket());
            return false;
        }

        /// <summary>Ends the section.</summary>
        public readonly void Dispose() => _section.Dispose();

        private readonly ulong HashOfCurrent() =>
            _dictionary._keys.HashOf(_current->Key);

        private bool TryNextBucket()
        {
            _from = _next;
            ulong table = 0;
            if (_stripe >= 0 && _from != 0)
            {
                table = Volatile.Read(ref _dictionary._tables[LineWords + _stripe]);
            }

            while (table == 0)
            {
                if (++_stripe >= _dictionary._stripes.Length)
                {
                    return false;
                }

                _from = 0;
                table = Volatile.Read(ref _dictionary._tables[LineWords + _stripe]);
            }

            _bucket = RcuTable.Find(table, _from, out int bits, out _link);
            _slot = 0;

            // Without bits there is one bucket, and 1 << 64 would not be 0.
            ulong number = RcuTable.NumberOf(_from, bits);
            _isPart = bits > 0 && number << (64 - bits) < _from;
            _next = bits == 0 ? 0 : (number + 1) << (64 - bits);
            _isPart |= bits == 0 && _from > 0;
            return true;
        }
    }
}
