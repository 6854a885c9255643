using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SlabGen.Collections.Concurrent;
using SlabGen.Collections.Hashing;

namespace SlabGen.Collections;

// A part of the keys, and what a writer does to it under its lock.
public sealed unsafe partial class RcuDictionary<TKey, TValue>
{
    /// <summary>What writers know of a part of the keys; its table is in <c>_tables</c>.</summary>
    private sealed class Stripe
    {
        public readonly Lock Lock = new();
        public required int Number; // immutable
        public long Count, Bytes; // read by anyone

        // The table that the entries move to, or 0. Its first bytes are cleared; of the old table, buckets before Front
        // have moved.
        public ulong Next, Front;
        public nuint Cleared;

        public int LeastBits; // what EnsureCapacity asked for: the table does not shrink below

        // A table of another size found no memory: the counts at which it is tried again.
        public long RetryAt, RetryBelow = long.MaxValue;

#pragma warning disable CS0169, IDE0051 // Readers' lines are not these.
        private readonly Line _padding;
#pragma warning restore CS0169, IDE0051
    }

    [InlineArray(16)]
    private struct Line
    {
        private ulong _word;
    }

    private Stripe Enter(ulong hash)
    {
        Stripe stripe = _stripes[StripeOf(hash)];
        Enter(stripe);
        return stripe;
    }

    private void Enter(Stripe stripe)
    {
        if (stripe.Lock.IsHeldByCurrentThread)
        {
            throw new InvalidOperationException(
                $"{GetType().Name}: a comparer or a shrinker writes the dictionary that called it.");
        }

        stripe.Lock.Enter();
    }

    private static void Exit(Stripe stripe) => stripe.Lock.Exit();

    private ref ulong TableOf(Stripe stripe) => ref _tables[LineWords + stripe.Number];

    /// <summary>
    /// Puts a word into an empty slot of its bucket, or of one behind it. Nothing is changed where memory is short.
    /// </summary>
    private bool TryPlace(Stripe stripe, ulong hash, ulong word)
    {
        ulong table = TableOf(stripe);
        if (table == 0 && !TryMakeFirst(stripe, out table))
        {
            return false;
        }

        return TryPlace(stripe, RcuTable.Find(table, hash, out _, out _), word);
    }

    private bool TryPlace(Stripe stripe, ulong* bucket, ulong word)
    {
        ulong* slot = RcuBucket.EmptySlot(bucket);
        while (slot == null && RcuBucket.Link(bucket) != 0)
        {
            bucket = RcuBucket.Behind(RcuBucket.Link(bucket));
            slot = RcuBucket.EmptySlot(bucket);
        }

        if (slot != null)
        {
            Volatile.Write(ref *slot, word);
            return true;
        }

        if (!TryAllocTable(0, out byte* further))
        {
            return false;
        }

        new Span<byte>(further, RcuBucket.Bytes).Clear();
        *(ulong*)further = word;
        stripe.Bytes += RcuBucket.Bytes;
        Volatile.Write(ref RcuBucket.Link(bucket), (ulong)further);
        return true;
    }

    /// <summary>
    /// Takes a bucket out that is behind the one of a hash and has no entry any more. A reader in it goes on by its
    /// link.
    /// </summary>
    private void UnlinkIfEmpty(Stripe stripe, ulong hash, ulong* bucket)
    {
        ulong* before = RcuTable.Find(TableOf(stripe), hash, out _, out ulong link);
        if (before == bucket || !RcuBucket.IsEmpty(bucket))
        {
            return;
        }

        while (RcuBucket.Behind(link) != bucket)
        {
            before = RcuBucket.Behind(link);
            link = RcuBucket.Link(before);
        }

        Volatile.Write(ref RcuBucket.Link(before), RcuBucket.Link(bucket));
        Retire(stripe, bucket, RcuBucket.Bytes);
    }

    private bool TryMakeFirst(Stripe stripe, out ulong table)
    {
        table = 0;
        if (!TryAllocTable(stripe.LeastBits, out byte* buckets))
        {
            return false;
        }

        nuint bytes = RcuTable.BytesOf(stripe.LeastBits);
        NativeMemory.Clear(buckets, bytes);
        table = RcuTable.WordOf(buckets, stripe.LeastBits);
        stripe.Bytes += (long)bytes;
        Volatile.Write(ref TableOf(stripe), table);
        return true;
    }

    /// <summary>Lets go of the tables of a stripe without entries.</summary>
    private void RetireTables(Stripe stripe)
    {
        ulong table = TableOf(stripe);
        Volatile.Write(ref TableOf(stripe), 0);
        Retire(stripe, RcuTable.BucketsOf(table), RcuTable.BytesOf(RcuTable.BitsOf(table)));
        if (stripe.Next != 0)
        {
            Retire(stripe, RcuTable.BucketsOf(stripe.Next), RcuTable.BytesOf(RcuTable.BitsOf(stripe.Next)));
        }

        ForgetTables(stripe);
    }

    private static void ForgetTables(Stripe stripe) =>
        (stripe.Next, stripe.Front, stripe.Cleared, stripe.RetryAt, stripe.RetryBelow) = (0, 0, 0, 0, long.MaxValue);

    /// <summary>Frees a block that was unlinked, when no reader has it.</summary>
    private void Retire(Stripe stripe, void* block, nuint bytes)
    {
        stripe.Bytes -= (long)bytes;
        _hasRetiredLarge |= bytes > LargestOfCaches;
        Memory.FreeDeferred((nint)block);
    }

    /// <summary>An entry's block, unless memory is short; not under a lock.</summary>
    private bool TryAlloc(nuint bytes, out byte* block)
    {
        ThrowIfDisposed();
        block = null;
        if (SlabCollection.Refuses() || !Memory.TryAlloc(bytes, out nint address))
        {
            return false;
        }

        block = (byte*)address;
        if (!RcuBucket.CanName(block))
        {
            Memory.Free(address);
            throw new PlatformNotSupportedException(
                $"{GetType().Name} needs addresses of 48 bits, and the system gave 0x{address:x}.");
        }

        return true;
    }

    /// <summary>A block of buckets, whose content is undefined, unless memory is short.</summary>
    private bool TryAllocTable(int bits, out byte* buckets)
    {
        buckets = null;
        if (bits > RcuTable.MostBits || SlabCollection.Refuses()
            || !Memory.TryAlloc(RcuTable.BytesOf(bits), RcuBucket.Bytes, out nint address))
        {
            return false;
        }

        buckets = (byte*)address;
        return true;
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed), this);

    private void ThrowIfShort(bool done)
    {
        if (!done)
        {
            throw SlabCollection.Short(GetType(), Memory, (nuint)sizeof(Entry<TKey, TValue>));
        }
    }
}
