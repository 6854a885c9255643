using System.Buffers.Binary;

namespace KeyValueServer.Slabs;

// What goes over keys that nobody named: scans, eviction, expiry.
internal sealed partial class SlabKeyspace
{
    private const int Samples = 5;   // as many as Redis takes
    private const int MostLooks = 32;

    /// <remarks>
    /// The cursor is a place in the order of the bit-reversed hashes. All entries of a range that begins there are in one bucket; a split halves
    /// its range, and a merge joins two. So the table may grow and shrink between two calls, and nothing is missed or shown twice.
    /// </remarks>
    public ulong Scan(ulong cursor, int count, IKeyVisitor visitor)
    {
        ref Table table = ref _table.Value;
        int seen = 0;
        while (cursor <= uint.MaxValue)
        {
            EntryPtr entry = table.Bucket(table.NumberOf(Reverse((uint)cursor), out int bits));
            ulong last = cursor | ((1UL << (32 - bits)) - 1);
            for (; !entry.IsNull; entry = entry.Value.Next)
            {
                ref Entry e = ref entry.Value;
                if (Reverse(e.Hash) is var place && place >= cursor && place <= last && !(e.ExpiresAt != 0 && e.ExpiresAt <= Now))
                {
                    visitor.Visit(e.Key, e.Kind);
                    seen++;
                }
            }

            cursor = last + 1;
            if (seen >= count)
            {
                return cursor > uint.MaxValue ? 0 : cursor;
            }
        }

        return 0;
    }

    public bool EvictOne()
    {
        if (Count == 0)
        {
            return false;
        }

        ref Table table = ref _table.Value;
        EntryPtr oldest = default;
        uint clock = Clock;
        int samples = 0;
        for (int looked = 0; oldest.IsNull || (samples < Samples && looked < MostLooks); looked++)
        {
            // Half of the buckets have entries, or nearly: only a table of a few buckets is ever walked.
            int bucket = looked < MostLooks ? Random.Shared.Next(table.Buckets) : looked % table.Buckets;
            for (EntryPtr entry = table.Bucket(bucket); !entry.IsNull; entry = entry.Value.Next)
            {
                samples++;
                if (oldest.IsNull || clock - entry.Value.LastUse > clock - oldest.Value.LastUse)
                {
                    oldest = entry;
                }
            }
        }

        Evicted++;
        Remove(oldest);
        return true;
    }

    public void Sweep(int buckets)
    {
        for (int i = 0; i < buckets && Volatile > 0; i++)
        {
            // The table may have shrunk since, also by what was just removed.
            _swept = _swept < _table.Value.Buckets ? _swept : 0;
            for (EntryPtr entry = _table.Value.Bucket(_swept++); !entry.IsNull;)
            {
                EntryPtr next = entry.Value.Next;
                if (entry.Value.ExpiresAt != 0 && entry.Value.ExpiresAt <= Now)
                {
                    Expire(entry);

                    // A merge may have put others behind the next one; the next sweep sees them.
                }

                entry = next;
            }
        }
    }

    private static uint Reverse(uint x)
    {
        x = ((x >> 1) & 0x55555555) | ((x & 0x55555555) << 1);
        x = ((x >> 2) & 0x33333333) | ((x & 0x33333333) << 2);
        x = ((x >> 4) & 0x0F0F0F0F) | ((x & 0x0F0F0F0F) << 4);
        return BinaryPrimitives.ReverseEndianness(x);
    }
}
