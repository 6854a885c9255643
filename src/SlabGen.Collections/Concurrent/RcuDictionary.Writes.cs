using SlabGen.Collections.Concurrent;
using SlabGen.Collections.Hashing;

namespace SlabGen.Collections;

// What writers do to one key.
public sealed unsafe partial class RcuDictionary<TKey, TValue>
{
    private enum Put
    {
        Add,     // unless the key is there
        Set,     // whether it is there or not
        Replace, // only if it is there, with a value that is equal to one
    }

    /// <summary>Adds a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">Its value.</param>
    /// <exception cref="ArgumentException">The key is there already.</exception>
    /// <exception cref="OutOfMemoryException">There is no memory for it.</exception>
    public void Add(TKey key, TValue value)
    {
        if (!TryAdd(key, value))
        {
            throw new ArgumentException($"The key '{key}' is in the dictionary already.", nameof(key));
        }
    }

    /// <summary>Adds a key, unless it is there.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">Its value.</param>
    /// <returns>Whether it was added; <see langword="false"/> when it was there.</returns>
    /// <exception cref="OutOfMemoryException">There is no memory for it.</exception>
    public bool TryAdd(TKey key, TValue value)
    {
        bool added = TryAdd(key, value, out bool exists);
        ThrowIfShort(added || exists);
        return added;
    }

    /// <summary>Adds a key, unless it is there or memory is short: then the dictionary is as it was.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">Its value.</param>
    /// <param name="exists">Whether it was there.</param>
    /// <returns>Whether it was added. If it was not, and was not there, memory is short.</returns>
    public bool TryAdd(TKey key, TValue value, out bool exists)
    {
        ulong hash = _keys.HashOf(key);
        using (Rcu.Read())
        {
            exists = Find(hash, key) != null; // then it takes neither memory nor the lock
        }

        return !exists && TryPut(hash, key, value, Put.Add, default, out exists);
    }

    /// <summary>
    /// Sets the value of a key, or adds it, unless memory is short: then the dictionary is as it was.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="value">Its value.</param>
    /// <returns>Whether it was set.</returns>
    public bool TrySet(TKey key, TValue value) => TryPut(_keys.HashOf(key), key, value, Put.Set, default, out _);

    /// <summary>Sets the value of a key, if it is there and has a certain value.</summary>
    /// <param name="key">The key.</param>
    /// <param name="newValue">Its new value.</param>
    /// <param name="comparisonValue">What its value must be equal to, by
    /// <see cref="EqualityComparer{T}.Default"/>.</param>
    /// <returns>Whether it was set.</returns>
    /// <exception cref="OutOfMemoryException">There is no memory for the value.</exception>
    public bool TryUpdate(TKey key, TValue newValue, TValue comparisonValue)
    {
        bool set = TryPut(_keys.HashOf(key), key, newValue, Put.Replace, comparisonValue, out bool isShort);
        ThrowIfShort(set || !isShort);
        return set;
    }

    /// <summary>The value of a key, which is added if it is not there.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">Its value, if it is added.</param>
    /// <returns>Its value.</returns>
    /// <exception cref="OutOfMemoryException">There is no memory for it.</exception>
    public TValue GetOrAdd(TKey key, TValue value)
    {
        TValue there;
        while (!TryGetValue(key, out there))
        {
            if (TryAdd(key, value)) // otherwise another thread added it, and may have removed it
            {
                return value;
            }
        }

        return there;
    }

    /// <summary>Removes a key.</summary>
    /// <param name="key">The key.</param>
    /// <returns>Whether it was there.</returns>
    public bool Remove(TKey key) => Remove(key, out _);

    /// <summary>Removes a key. Its memory is freed when no reader has it.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">What its value was, or the default.</param>
    /// <returns>Whether it was there.</returns>
    public bool Remove(TKey key, out TValue value)
    {
        CheckRead();
        ulong hash = _keys.HashOf(key);
        Stripe stripe = Enter(hash);
        try
        {
            Step(stripe);
            ulong* slot = FindSlot(stripe, hash, key, out ulong* bucket);
            if (slot == null)
            {
                value = default;
                return false;
            }

            var entry = (Entry<TKey, TValue>*)RcuBucket.EntryOf(*slot);
            value = entry->Value;
            Volatile.Write(ref *slot, 0);
            Volatile.Write(ref stripe.Count, stripe.Count - 1);
            Retire(stripe, entry, (nuint)sizeof(Entry<TKey, TValue>));
            UnlinkIfEmpty(stripe, hash, bucket);
            if (stripe.Count == 0 && stripe.LeastBits == 0 && (stripe.Next != 0 || RcuTable.BitsOf(TableOf(stripe)) > 0))
            {
                RetireTables(stripe);
            }

            return true;
        }
        finally
        {
            Exit(stripe);
        }
    }

    /// <param name="hash">The hash.</param>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <param name="put">What is to be done.</param>
    /// <param name="comparison">For <see cref="Put.Replace"/>.</param>
    /// <param name="tells">For <see cref="Put.Add"/>: whether the key was there. Else: whether memory was short.</param>
    private bool TryPut(ulong hash, TKey key, TValue value, Put put, TValue comparison, out bool tells)
    {
        nuint bytes = (nuint)sizeof(Entry<TKey, TValue>);
        tells = put != Put.Add;
        if (!TryAlloc(bytes, out byte* made))
        {
            return false;
        }

        *(Entry<TKey, TValue>*)made = new Entry<TKey, TValue> { Key = key, Value = value };
        Stripe? stripe = null;
        try
        {
            stripe = Enter(hash);
            ThrowIfDisposed();
            Step(stripe);
            ulong* slot = FindSlot(stripe, hash, key, out _);
            var old = slot == null ? null : (Entry<TKey, TValue>*)RcuBucket.EntryOf(*slot);
            if (put == Put.Replace
                && (old == null || !EqualityComparer<TValue>.Default.Equals(old->Value, comparison)))
            {
                tells = false;
                return false;
            }

            if (put == Put.Add && old != null)
            {
                tells = true;
                return false;
            }

            if (old == null)
            {
                if (!TryPlace(stripe, hash, RcuBucket.WordOf(made, hash)))
                {
                    return false;
                }

                Volatile.Write(ref stripe.Count, stripe.Count + 1);
            }
            else
            {
                Volatile.Write(ref *slot, RcuBucket.WordOf(made, hash));
                Retire(stripe, old, bytes);
            }

            stripe.Bytes += (long)bytes;
            made = null;
            tells = false;
            return true;
        }
        finally
        {
            if (stripe is not null)
            {
                Exit(stripe);
            }

            if (made != null)
            {
                Memory.Free((nint)made); // nobody has seen it
            }
        }
    }

    /// <summary>The slot of a key, under the stripe's lock; null when it is not there.</summary>
    private ulong* FindSlot(Stripe stripe, ulong hash, TKey key, out ulong* bucket)
    {
        ulong table = TableOf(stripe), tag = RcuBucket.TagOf(hash), link = 0;
        bucket = table == 0 ? null : RcuTable.Find(table, hash, out _, out link);
        while (bucket != null)
        {
            for (uint matches = RcuBucket.Matches(bucket, tag); matches != 0; matches &= matches - 1)
            {
                ulong* slot = bucket + RcuBucket.SlotOf(matches);
                if (_keys.Equal(((Entry<TKey, TValue>*)RcuBucket.EntryOf(*slot))->Key, key))
                {
                    return slot;
                }
            }

            bucket = link == 0 ? null : RcuBucket.Behind(link);
            link = bucket == null ? 0 : RcuBucket.Link(bucket);
        }

        return null;
    }
}
