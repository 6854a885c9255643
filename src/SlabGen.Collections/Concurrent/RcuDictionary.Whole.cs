using SlabGen.Collections.Concurrent;
using SlabGen.Collections.Hashing;

namespace SlabGen.Collections;

// The dictionary as a whole.
public sealed unsafe partial class RcuDictionary<TKey, TValue>
{
    /// <summary>A larger block is of no cache, and freed by a callback of <see cref="Rcu"/>.</summary>
    private const nuint LargestOfCaches = 4096;

    /// <summary>Removes everything, stripe by stripe; the memory is freed when no reader has it.</summary>
    public void Clear()
    {
        ThrowIfDisposed();
        foreach (Stripe stripe in _stripes)
        {
            Enter(stripe);
            try
            {
                stripe.LeastBits = 0;
                Release(stripe, Unlink(stripe), hasReaders: true);
            }
            finally
            {
                Exit(stripe);
            }
        }
    }

    /// <summary>
    /// Makes room for so many entries, all at once. It is kept until <see cref="TrimExcess"/> or <see cref="Clear"/>.
    /// </summary>
    /// <param name="capacity">Entries.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="capacity"/> is negative.</exception>
    /// <exception cref="OutOfMemoryException">There is no memory for them; what there was for is kept.</exception>
    public void EnsureCapacity(long capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        ThrowIfDisposed();
        double each = (double)capacity / _stripes.Length;
        each += 4 * Math.Sqrt(each); // hashes do not spread quite evenly
        foreach (Stripe stripe in _stripes)
        {
            int bits = 0;
            while (bits < RcuTable.MostBits && MostIn(1UL << bits) < each)
            {
                bits++;
            }

            Enter(stripe);
            try
            {
                stripe.LeastBits = Math.Max(stripe.LeastBits, bits);
                bool isLarge = TableOf(stripe) == 0 ? bits == 0 || TryMakeFirst(stripe, out _) : TryResize(stripe, bits);
                ThrowIfShort(isLarge);
            }
            finally
            {
                Exit(stripe);
            }
        }
    }

    /// <summary>
    /// Gives back what the entries do not need, all at once. It does not what it cannot: to become smaller takes memory
    /// for a moment.
    /// </summary>
    public void TrimExcess()
    {
        ThrowIfDisposed();
        foreach (Stripe stripe in _stripes)
        {
            Enter(stripe);
            try
            {
                stripe.LeastBits = 0;
                if (stripe.Count == 0)
                {
                    Release(stripe, Unlink(stripe), hasReaders: true);
                }
                else
                {
                    TryResize(stripe, 0);
                }
            }
            finally
            {
                Exit(stripe);
            }
        }
    }

    /// <summary>
    /// Begins a walk over the entries, in no order that means anything, inside one section of <see cref="Rcu"/>. Writers
    /// go on meanwhile: it comes to each entry that stays exactly once. What is added or removed meanwhile it may see or
    /// not.
    /// </summary>
    public Enumerator GetEnumerator()
    {
        CheckRead();
        return new Enumerator(this);
    }

    /// <summary>
    /// Waits until no reader has anything of the dictionary, and gives every block back: one by one, or with
    /// <c>ownsMemory</c> by destroying <see cref="Memory"/>. Once more does nothing.
    /// </summary>
    /// <exception cref="InvalidOperationException">The thread is inside a section of <see cref="Rcu"/>, and would wait
    /// for its own end; or in a comparer or a shrinker that this dictionary called.</exception>
    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        if (Rcu.IsReading || Array.Exists(_stripes, stripe => stripe.Lock.IsHeldByCurrentThread))
        {
            throw new InvalidOperationException(
                $"{GetType().Name}.Dispose was called inside a section of Rcu, or by a comparer or a shrinker.");
        }

        if (!TryClose(out ulong[] tables))
        {
            return;
        }

        Rcu.Synchronize();
        bool lives = SlabCollection.IsAlive(Memory);
        foreach (Stripe stripe in _stripes)
        {
            if (lives && !_ownsMemory)
            {
                Release(stripe, tables[stripe.Number], hasReaders: false);
            }

            ForgetTables(stripe);
            (stripe.Count, stripe.Bytes) = (0, 0);
        }

        if (lives && _ownsMemory)
        {
            if (_hasRetiredLarge)
            {
                Rcu.Barrier(); // its callbacks free into this memory
            }

            Memory.Destroy();
        }
    }

    /// <summary>Takes all tables; false if another thread did.</summary>
    private bool TryClose(out ulong[] tables)
    {
        Array.ForEach(_stripes, Enter);
        bool closes = !_isDisposed;
        Volatile.Write(ref _isDisposed, true);
        tables = Array.ConvertAll(_stripes, Unlink);
        Array.ForEach(_stripes, Exit);
        return closes;
    }

    /// <summary>From here on readers find nothing in the stripe.</summary>
    private ulong Unlink(Stripe stripe)
    {
        ulong table = TableOf(stripe);
        Volatile.Write(ref TableOf(stripe), 0);
        Volatile.Write(ref stripe.Count, 0);
        return table;
    }

    /// <summary>Lets go of all entries and tables of a stripe, which were unlinked.</summary>
    private void Release(Stripe stripe, ulong table, bool hasReaders)
    {
        (ulong next, ulong front) = (stripe.Next, stripe.Front);
        ForgetTables(stripe);
        if (table == 0)
        {
            return;
        }

        bool grows = next != 0 && RcuTable.BitsOf(next) > RcuTable.BitsOf(table);
        ReleaseBuckets(stripe, table, front, RcuTable.CountOf(table), hasReaders);
        if (next != 0)
        {
            // Only what was filled is cleared for certain.
            ReleaseBuckets(stripe, next, 0, grows ? front * 2 : front / 2, hasReaders);
            Release(stripe, RcuTable.BucketsOf(next), RcuTable.BytesOf(RcuTable.BitsOf(next)), hasReaders);
        }

        Release(stripe, RcuTable.BucketsOf(table), RcuTable.BytesOf(RcuTable.BitsOf(table)), hasReaders);
    }

    private void ReleaseBuckets(Stripe stripe, ulong table, ulong from, ulong end, bool hasReaders)
    {
        for (; from < end; from++)
        {
            ulong* head = RcuTable.At(table, from);
            for (ulong* bucket = head; bucket != null;)
            {
                for (int slot = 0; slot < RcuBucket.Slots; slot++)
                {
                    if (bucket[slot] != 0)
                    {
                        byte* entry = RcuBucket.EntryOf(bucket[slot]);
                        Release(stripe, entry, (nuint)sizeof(Entry<TKey, TValue>), hasReaders);
                    }
                }

                ulong* behind = RcuBucket.Behind(RcuBucket.Link(bucket));
                if (bucket != head)
                {
                    Release(stripe, bucket, RcuBucket.Bytes, hasReaders);
                }

                bucket = behind;
            }
        }
    }

    private void Release(Stripe stripe, void* block, nuint bytes, bool hasReaders)
    {
        if (hasReaders)
        {
            Retire(stripe, block, bytes);
        }
        else
        {
            Memory.Free((nint)block);
        }
    }

    /// <summary>
    /// Moves on until the table has what the entries need, and at least so many bits; false where memory is short.
    /// </summary>
    private bool TryResize(Stripe stripe, int least)
    {
        while (true)
        {
            ulong table = TableOf(stripe);
            int bits = RcuTable.BitsOf(table);
            int wanted = bits < least ? bits + 1 : WantedBits(stripe, table);
            if (stripe.Next == 0 && !TryBegin(stripe, table, wanted))
            {
                return wanted == bits;
            }

            if (!TryMove(stripe, nuint.MaxValue, ulong.MaxValue))
            {
                return false;
            }
        }
    }
}
