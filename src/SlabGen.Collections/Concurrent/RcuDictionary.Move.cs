using System.Runtime.InteropServices;
using SlabGen.Collections.Concurrent;
using SlabGen.Collections.Hashing;

namespace SlabGen.Collections;

// A stripe's table grows and shrinks: a few buckets with each write.
public sealed unsafe partial class RcuDictionary<TKey, TValue>
{
    private const int BucketsAtOnce = 4;
    private const nuint ClearedAtOnce = 4096;

    /// <summary>Entries at which a table doubles: four and a half to a bucket of seven slots.</summary>
    private static long MostIn(ulong buckets) => buckets == 1 ? RcuBucket.Slots : (long)(buckets * 9 / 2);

    /// <summary>Entries below which a table halves, and is then as full as after it doubled.</summary>
    private static long LeastIn(ulong buckets) => (long)buckets;

    /// <summary>
    /// What each write does for the table's size. It may throw what a comparer throws; the table is whole then.
    /// </summary>
    private void Step(Stripe stripe)
    {
        ulong table = TableOf(stripe);
        if (table != 0 && (stripe.Next != 0 || TryBegin(stripe, table, WantedBits(stripe, table))))
        {
            TryMove(stripe, ClearedAtOnce, BucketsAtOnce);
        }
    }

    private static int WantedBits(Stripe stripe, ulong table)
    {
        int bits = RcuTable.BitsOf(table);
        ulong buckets = RcuTable.CountOf(table);
        return stripe.Count >= Math.Max(MostIn(buckets), stripe.RetryAt) ? bits + 1
            : stripe.Count < Math.Min(LeastIn(buckets), stripe.RetryBelow) && bits > stripe.LeastBits ? bits - 1
            : bits;
    }

    /// <summary>Begins to move to a table of twice or half the size, if it differs and there is memory.</summary>
    private bool TryBegin(Stripe stripe, ulong table, int bits)
    {
        if (bits == RcuTable.BitsOf(table))
        {
            return false;
        }

        if (!TryAllocTable(bits, out byte* buckets))
        {
            stripe.RetryAt = stripe.Count + (long)RcuTable.CountOf(table); // further buckets take them until then
            stripe.RetryBelow = stripe.Count / 4 * 3;
            return false;
        }

        stripe.Next = RcuTable.WordOf(buckets, bits);
        stripe.Bytes += (long)RcuTable.BytesOf(bits);
        (stripe.Front, stripe.Cleared, stripe.RetryAt, stripe.RetryBelow) = (0, 0, 0, long.MaxValue);
        return true;
    }

    /// <summary>Moves so many buckets, after the next table was cleared; false where memory is short.</summary>
    private bool TryMove(Stripe stripe, nuint bytes, ulong buckets)
    {
        nuint clears = nuint.Min(bytes, RcuTable.BytesOf(RcuTable.BitsOf(stripe.Next)) - stripe.Cleared);
        if (clears > 0)
        {
            // Nobody reaches it yet.
            NativeMemory.Clear((byte*)RcuTable.BucketsOf(stripe.Next) + stripe.Cleared, clears);
            stripe.Cleared += clears;
            if (clears == bytes)
            {
                return true;
            }
        }

        ulong table = TableOf(stripe), count = RcuTable.CountOf(table);
        bool grows = RcuTable.BitsOf(stripe.Next) > RcuTable.BitsOf(table);
        for (ulong moved = 0; moved < buckets && stripe.Front < count; moved += grows ? 1UL : 2)
        {
            if (!(grows ? TrySplit(stripe, stripe.Front) : TryMerge(stripe, stripe.Front)))
            {
                return false;
            }

            stripe.Front += grows ? 1UL : 2;
        }

        if (stripe.Front == count)
        {
            Volatile.Write(ref TableOf(stripe), stripe.Next);
            Retire(stripe, RcuTable.BucketsOf(table), RcuTable.BytesOf(RcuTable.BitsOf(table)));
            ForgetTables(stripe);
        }

        return true;
    }

    /// <summary>Copies the entries of a bucket into two, and then sends readers there.</summary>
    private bool TrySplit(Stripe stripe, ulong number)
    {
        int bits = RcuTable.BitsOf(stripe.Next);
        ulong* from = RcuTable.At(TableOf(stripe), number);
        ulong* to = RcuTable.At(stripe.Next, number * 2);
        bool filled = false;
        try
        {
            filled = TryFillSplit(stripe, from, to, bits);
        }
        finally
        {
            if (!filled)
            {
                Empty(stripe, to);
                Empty(stripe, to + RcuBucket.Words);
            }
        }

        if (filled)
        {
            SendOn(stripe, from, (ulong)to | RcuBucket.Moved | RcuBucket.Grew);
        }

        return filled;
    }

    private bool TryFillSplit(Stripe stripe, ulong* from, ulong* to, int bits)
    {
        for (ulong* bucket = from; bucket != null; bucket = RcuBucket.Behind(RcuBucket.Link(bucket)))
        {
            for (int slot = 0; slot < RcuBucket.Slots; slot++)
            {
                if (bucket[slot] != 0 && !TryPlaceSplit(stripe, to, bucket[slot], bits))
                {
                    return false;
                }
            }
        }

        return true;
    }

    private bool TryPlaceSplit(Stripe stripe, ulong* to, ulong word, int bits)
    {
        // A key that has another hash than before may be lost to look-ups; it stays in the table, and is freed with it.
        ulong hash = _keys.HashOf(((Entry<TKey, TValue>*)RcuBucket.EntryOf(word))->Key);
        return TryPlace(stripe, to + ((RcuTable.NumberOf(hash, bits) & 1) * RcuBucket.Words), word);
    }

    /// <summary>Copies the entries of two buckets into one, and then sends readers there.</summary>
    private bool TryMerge(Stripe stripe, ulong number)
    {
        ulong* from = RcuTable.At(TableOf(stripe), number);
        ulong* to = RcuTable.At(stripe.Next, number / 2);
        for (int half = 0; half < 2; half++)
        {
            for (ulong* bucket = from + (half * RcuBucket.Words); bucket != null;
                bucket = RcuBucket.Behind(RcuBucket.Link(bucket)))
            {
                for (int slot = 0; slot < RcuBucket.Slots; slot++)
                {
                    if (bucket[slot] != 0 && !TryPlace(stripe, to, bucket[slot]))
                    {
                        Empty(stripe, to);
                        return false;
                    }
                }
            }
        }

        SendOn(stripe, from, (ulong)to | RcuBucket.Moved);
        SendOn(stripe, from + RcuBucket.Words, (ulong)to | RcuBucket.Moved);
        return true;
    }

    /// <summary>Empties a bucket that no reader can reach yet.</summary>
    private void Empty(Stripe stripe, ulong* bucket)
    {
        for (ulong link = RcuBucket.Link(bucket); link != 0;)
        {
            ulong* behind = RcuBucket.Behind(link);
            link = RcuBucket.Link(behind);
            stripe.Bytes -= RcuBucket.Bytes;
            Memory.Free((nint)behind);
        }

        new Span<ulong>(bucket, RcuBucket.Words).Clear();
    }

    /// <summary>The one store by which a bucket moves; the buckets behind it have no use then.</summary>
    private void SendOn(Stripe stripe, ulong* from, ulong to)
    {
        ulong link = RcuBucket.Link(from);
        Volatile.Write(ref RcuBucket.Link(from), to);
        while (link != 0)
        {
            ulong* behind = RcuBucket.Behind(link);
            link = RcuBucket.Link(behind);
            Retire(stripe, behind, RcuBucket.Bytes);
        }
    }
}
