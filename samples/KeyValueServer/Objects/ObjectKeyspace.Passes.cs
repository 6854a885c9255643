namespace KeyValueServer.Objects;

// What goes over keys that nobody named: scans, eviction, expiry.
internal sealed partial class ObjectKeyspace
{
    private const int Samples = 5;

    /// <remarks>
    /// The cursor counts down: the last key takes the place of one that is removed, and so only keys that were seen move down.
    /// </remarks>
    public ulong Scan(ulong cursor, int count, IKeyVisitor visitor)
    {
        int next = cursor == 0 ? _all.Count : (int)Math.Min(cursor, (ulong)_all.Count);
        for (int seen = 0; next > 0 && seen < count; seen++)
        {
            ObjectEntry entry = _all[--next];
            if (!(entry.ExpiresAt != 0 && entry.ExpiresAt <= Now))
            {
                visitor.Visit(entry.Key, entry.Kind);
            }
        }

        return (ulong)next;
    }

    public bool EvictOne()
    {
        if (_all.Count == 0)
        {
            return false;
        }

        uint clock = Clock;
        ObjectEntry oldest = _all[Random.Shared.Next(_all.Count)];
        for (int i = 1; i < Samples; i++)
        {
            ObjectEntry other = _all[Random.Shared.Next(_all.Count)];
            oldest = clock - other.LastUse > clock - oldest.LastUse ? other : oldest;
        }

        Evicted++;
        Remove(oldest);
        return true;
    }

    public void Sweep(int buckets)
    {
        for (int i = 0; i < buckets && Volatile > 0; i++)
        {
            _swept = _swept < _all.Count ? _swept : 0;
            ObjectEntry entry = _all[_swept++];
            if (entry.ExpiresAt != 0 && entry.ExpiresAt <= Now)
            {
                Expire(entry);
            }
        }
    }
}
