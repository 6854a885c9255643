using System.Numerics;
using System.Runtime.CompilerServices;
using SlabGen.Collections.Concurrent;
using SlabGen.Collections.Hashing;

namespace SlabGen.Collections;

/// <summary>
/// A dictionary of unmanaged keys and values in native memory, for many readers beside writers: a reader takes no lock
/// and executes no atomic instruction (rhashtable under <see cref="Rcu"/>). It grows and shrinks some buckets at a time.
/// </summary>
/// <remarks>
/// <para><b>Use.</b> <see cref="TryGetValue"/> copies the value. To use it in place, open a section,
/// <c>using (Rcu.Read())</c>, and call <see cref="GetValueRefOrNullRef"/>: the reference is good until the section ends,
/// whatever writers do. A value is never changed: a writer publishes another, and frees the old one when no reader has
/// it. So what was removed still counts as memory for a moment, and a section that stays open holds up all frees. A
/// writer locks one stripe of the keys. It must be disposed of, not beside other calls that write.</para>
/// <para><b>Memory.</b> An entry is a block of a <see cref="Kmalloc"/>, its key and its value. A stripe has a table of
/// buckets, each one cache line with seven slots of an address and a tag (<see cref="RcuBucket"/>). So a look-up misses
/// the processor's cache twice, whatever the size.</para>
/// <para><b>Who owns what.</b> <c>_tables</c> has a word for each stripe: read by anyone, written under the stripe's
/// lock, as all buckets are; all other fields of a stripe are under its lock, and <c>Count</c> and <c>Bytes</c> read by
/// anyone. Locks: a stripe's; none is taken under it but the allocator's. A comparer runs under it when a writer calls,
/// and so does a shrinker; neither may write this dictionary, which throws.</para>
/// <para><b>Protocol.</b> Writers of a stripe are one after the other. All their stores here are releases, all loads of
/// readers acquires.</para>
/// <list type="number">
/// <item>An entry is written, and then its word into an empty slot. A new value is another entry, whose word replaces
/// the old one. A removal stores 0. What a word named is freed after a grace period.</item>
/// <item>A reader loads the table's word, its bucket's link, and only then the slots. It compares keys, not only tags:
/// the slot may have another entry than that whose tag it saw.</item>
/// <item>To move a bucket to a table of another size, the words are copied into the new buckets, which no reader can
/// reach yet. Then the link of the old bucket says where they are. From then on nobody writes the old one, and who sees
/// the link goes on there. Who does not has loaded it before, sees the entries as they were then, and holds up the frees
/// of what has changed since.</item>
/// <item>When all buckets have moved, the table's word is the new table, and the old table is freed after a grace
/// period.</item>
/// </list>
/// <para>So exactly one bucket has a key, an entry that stays is found at any time, and nothing is read that was freed.
/// The link must be read before the slots: a reader that came later and read them first could find what is freed. The
/// tests explore every interleaving of this in a small model (<c>RcuDictionaryModel</c>).</para>
/// </remarks>
/// <typeparam name="TKey">The keys; they should implement <see cref="IEquatable{T}"/>, or each comparison
/// boxes.</typeparam>
/// <typeparam name="TValue">The values.</typeparam>
public sealed unsafe partial class RcuDictionary<TKey, TValue> : IDisposable
    where TKey : unmanaged
    where TValue : unmanaged
{
    private const int MostStripes = 64;
    private const int LineWords = 8; // before and behind the tables' words, so that nobody else writes their lines

    private readonly ulong[] _tables;
    private readonly KeyComparer<TKey> _keys;
    private readonly Stripe[] _stripes;
    private readonly int _stripeMask;
    private readonly bool _isChecked, _ownsMemory;
    private bool _isDisposed; // set under all locks in turn, before the tables go
    private bool _hasRetiredLarge; // a table that a callback of Rcu frees

    /// <summary>Makes an empty dictionary, which has no memory yet.</summary>
    /// <param name="memory">Where it lives; by default the <see cref="SlabRuntime.Kmalloc"/> of
    /// <see cref="SlabRuntime.Default"/>.</param>
    /// <param name="comparer">Compares keys; by default <see cref="EqualityComparer{T}.Default"/>.</param>
    /// <param name="concurrencyLevel">Writers that should not wait for each other: stripes, a power of two up to 64; by
    /// default as many as there are processors.</param>
    /// <param name="ownsMemory">Whether <paramref name="memory"/>, a private instance, is this dictionary's alone: it
    /// ends with it.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="concurrencyLevel"/> is negative.</exception>
    public RcuDictionary(
        Kmalloc? memory = null, IEqualityComparer<TKey>? comparer = null, int concurrencyLevel = 0,
        bool ownsMemory = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(concurrencyLevel);
        if (ownsMemory)
        {
            ArgumentNullException.ThrowIfNull(memory);
        }

        int wanted = Math.Min(concurrencyLevel == 0 ? Environment.ProcessorCount : concurrencyLevel, MostStripes);
        int stripes = (int)BitOperations.RoundUpToPowerOf2((uint)wanted);
        _stripeMask = stripes - 1;
        _tables = new ulong[stripes + (2 * LineWords)];
        _stripes = new Stripe[stripes];
        for (int number = 0; number < stripes; number++)
        {
            _stripes[number] = new Stripe { Number = number };
        }

        Memory = memory ?? SlabRuntime.Default.Kmalloc;
        _keys = KeyComparer<TKey>.Of(comparer);
        _isChecked = Memory.IsChecked;
        _ownsMemory = ownsMemory;
    }

    /// <summary>Where the blocks come from.</summary>
    public Kmalloc Memory { get; }

    /// <summary>What compares the keys.</summary>
    public IEqualityComparer<TKey> Comparer => _keys.Comparer;

    /// <summary>Entries. While others write it is what it was at some moment for each stripe.</summary>
    public long Count
    {
        get
        {
            long count = 0;
            foreach (Stripe stripe in _stripes)
            {
                count += Volatile.Read(ref stripe.Count);
            }

            return count;
        }
    }

    /// <summary>
    /// The bytes of the blocks that the dictionary has: what it asked for, before it was rounded up. What waits for
    /// readers is not counted any more.
    /// </summary>
    public long Bytes
    {
        get
        {
            long bytes = 0;
            foreach (Stripe stripe in _stripes)
            {
                bytes += Volatile.Read(ref stripe.Bytes);
            }

            return bytes;
        }
    }

    /// <summary>The value of a key. Setting it publishes another one.</summary>
    /// <param name="key">The key.</param>
    /// <exception cref="KeyNotFoundException">There is no such key.</exception>
    /// <exception cref="OutOfMemoryException">There is no memory for the value.</exception>
    public TValue this[TKey key]
    {
        get => TryGetValue(key, out TValue value) ? value
            : throw new KeyNotFoundException($"The key '{key}' is not in the dictionary.");
        set => ThrowIfShort(TrySet(key, value));
    }

    /// <summary>The value of a key, if there is one.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">A copy of its value, or the default.</param>
    public bool TryGetValue(TKey key, out TValue value)
    {
        CheckRead();
        ulong hash = _keys.HashOf(key);
        using (Rcu.Read())
        {
            Entry<TKey, TValue>* entry = Find(hash, key);
            if (entry == null)
            {
                value = default;
                return false;
            }

            value = entry->Value;
            return true;
        }
    }

    /// <summary>Whether there is such a key.</summary>
    /// <param name="key">The key.</param>
    public bool ContainsKey(TKey key) => TryGetValue(key, out _);

    /// <summary>
    /// A reference to the value of a key, or a null reference (<see cref="Unsafe.IsNullRef{T}(ref readonly T)"/>). It is
    /// good until the section of <see cref="Rcu"/> ends in which this is called. It shows the value as it was at the
    /// call, whatever is set or removed meanwhile.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <exception cref="InvalidOperationException">Checked mode: the thread is in no section.</exception>
    public ref readonly TValue GetValueRefOrNullRef(TKey key)
    {
        CheckRead();
        if (_isChecked && !Rcu.IsReading)
        {
            throw new InvalidOperationException(
                $"{GetType().Name}.GetValueRefOrNullRef was called outside of a section: using (Rcu.Read()).");
        }

        Entry<TKey, TValue>* entry = Find(_keys.HashOf(key), key);
        return ref entry == null ? ref Unsafe.NullRef<TValue>() : ref entry->Value;
    }

    /// <summary>The entry of a key, or null. The caller is in a section.</summary>
    /// <remarks>Here is what nearly always is so: its bucket has not moved, and the first tag is the key's.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Entry<TKey, TValue>* Find(ulong hash, TKey key)
    {
        ulong table = Volatile.Read(ref _tables[LineWords + StripeOf(hash)]);
        if (table == 0)
        {
            return null;
        }

        ulong* bucket = RcuTable.HomeOf(table, hash);
        ulong link = Volatile.Read(ref RcuBucket.Link(bucket));
        if ((link & RcuBucket.Moved) == 0)
        {
            ulong tag = RcuBucket.TagOf(hash);
            uint matches = RcuBucket.Matches(bucket, tag);
            if (matches != 0)
            {
                ulong word = Volatile.Read(ref bucket[RcuBucket.SlotOf(matches)]);
                var entry = (Entry<TKey, TValue>*)RcuBucket.EntryOf(word);
                if (RcuBucket.HasTag(word, tag) && _keys.Equal(entry->Key, key))
                {
                    return entry;
                }
            }
            else if (link == 0)
            {
                return null;
            }
        }

        return FindSlow(table, hash, key);
    }

    private Entry<TKey, TValue>* FindSlow(ulong table, ulong hash, TKey key)
    {
        ulong tag = RcuBucket.TagOf(hash);
        ulong* bucket = RcuTable.Find(table, hash, out _, out ulong link);
        while (true)
        {
            for (uint matches = RcuBucket.Matches(bucket, tag); matches != 0; matches &= matches - 1)
            {
                // The slot may have another entry than that whose tag was seen.
                ulong word = Volatile.Read(ref bucket[RcuBucket.SlotOf(matches)]);
                var entry = (Entry<TKey, TValue>*)RcuBucket.EntryOf(word);
                if (RcuBucket.HasTag(word, tag) && _keys.Equal(entry->Key, key))
                {
                    return entry;
                }
            }

            if (link == 0)
            {
                return null;
            }

            bucket = RcuBucket.Behind(link);
            link = Volatile.Read(ref RcuBucket.Link(bucket));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int StripeOf(ulong hash) => (int)hash & _stripeMask;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void CheckRead()
    {
        if (_isChecked)
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed), this);
        }
    }
}
