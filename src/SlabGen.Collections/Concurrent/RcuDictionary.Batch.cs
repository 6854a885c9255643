using SlabGen.Collections.Concurrent;
using SlabGen.Collections.Hashing;

namespace SlabGen.Collections;

// Many keys at once.
public sealed unsafe partial class RcuDictionary<TKey, TValue>
{
    private const int KeysAtOnce = 16;

    /// <summary>
    /// The values of many keys, in less time than one by one where they are in none of the processor's caches: it waits
    /// for sixteen of them together.
    /// </summary>
    /// <param name="keys">The keys.</param>
    /// <param name="values">Copies of their values, or defaults: room for as many.</param>
    /// <param name="found">Whether there is such a key: room for as many.</param>
    /// <returns>How many there are.</returns>
    /// <exception cref="ArgumentException">There is less room.</exception>
    public int TryGetValues(ReadOnlySpan<TKey> keys, Span<TValue> values, Span<bool> found)
    {
        CheckRead();
        if (values.Length < keys.Length || found.Length < keys.Length)
        {
            throw new ArgumentException(
                $"There is room for {Math.Min(values.Length, found.Length)} of {keys.Length} values.", nameof(values));
        }

        int there = 0;
        ulong* hashes = stackalloc ulong[KeysAtOnce];
        for (int from = 0; from < keys.Length; from += KeysAtOnce)
        {
            ReadOnlySpan<TKey> some = keys.Slice(from, Math.Min(KeysAtOnce, keys.Length - from));
            for (int i = 0; i < some.Length; i++)
            {
                hashes[i] = _keys.HashOf(some[i]);
            }

            using (Rcu.Read())
            {
                Touch(hashes, some.Length);
                for (int i = 0; i < some.Length; i++)
                {
                    Entry<TKey, TValue>* entry = Find(hashes[i], some[i]);
                    found[from + i] = entry != null;
                    values[from + i] = entry == null ? default : entry->Value;
                    there += entry == null ? 0 : 1;
                }
            }
        }

        return there;
    }

    /// <summary>
    /// Reads where keys of these hashes are found first. The reads of one loop do not depend on each other, so the
    /// processor has many of them under way.
    /// </summary>
    private void Touch(ulong* hashes, int count)
    {
        ulong** buckets = stackalloc ulong*[KeysAtOnce];
        for (int i = 0; i < count; i++)
        {
            ulong table = Volatile.Read(ref _tables[LineWords + StripeOf(hashes[i])]);
            buckets[i] = table == 0 ? null : RcuTable.HomeOf(table, hashes[i]);
            if (table != 0)
            {
                Volatile.Read(ref *buckets[i]);
            }
        }

        for (int i = 0; i < count; i++)
        {
            // What a bucket names that has moved may be freed.
            if (buckets[i] != null && (Volatile.Read(ref RcuBucket.Link(buckets[i])) & RcuBucket.Moved) == 0)
            {
                uint matches = RcuBucket.Matches(buckets[i], RcuBucket.TagOf(hashes[i]));
                ulong word = matches == 0 ? 0 : Volatile.Read(ref buckets[i][RcuBucket.SlotOf(matches)]);
                if (word != 0)
                {
                    Volatile.Read(ref *RcuBucket.EntryOf(word));
                }
            }
        }
    }
}
