using SlabGen.Memory;

namespace SlabGen.Pools;

/// <summary>
/// The owners that no renter has, of all pools of the process: so a buffer is rented and given back without garbage,
/// whichever thread does either.
/// </summary>
/// <remarks>
/// They lie as objects do in a cache: a thread has a loaded magazine and a previous one, which is full or empty, and
/// the depot has full ones. A magazine is a list by <see cref="PooledBuffer.Next"/>. The depot is bounded: what comes
/// when it is full, after a burst, goes to the collector. So do the two magazines of a thread that ends.
/// </remarks>
internal static class IdleBuffers
{
    /// <summary>Owners in a full magazine, and magazines that the depot holds: 8192 owners, of some 64 bytes.</summary>
    public const int Rounds = 32, DepotMagazines = 256;

    private static readonly UninterruptibleLock s_lock = new();
    private static readonly PooledBuffer?[] s_depot = new PooledBuffer?[DepotMagazines]; // lock
    private static int s_full; // lock: how many of those there are

    [ThreadStatic]
    private static Magazines? t_magazines;

    /// <summary>An owner without a block; a new one if none is idle here.</summary>
    public static PooledBuffer Take()
    {
        Magazines mine = t_magazines ??= new Magazines();
        if (mine.Loaded is null && !Reload(mine))
        {
            return new PooledBuffer();
        }

        PooledBuffer owner = mine.Loaded!;
        mine.Loaded = owner.Next;
        mine.Count--;
        owner.Next = null;
        return owner;
    }

    /// <summary>Takes an owner back whose renting has ended.</summary>
    public static void Put(PooledBuffer owner)
    {
        Magazines mine = t_magazines ??= new Magazines();
        if (mine.Count == Rounds)
        {
            if (mine.Previous is { } full)
            {
                Keep(full);
            }

            (mine.Previous, mine.Loaded, mine.Count) = (mine.Loaded, null, 0);
        }

        owner.Next = mine.Loaded;
        mine.Loaded = owner;
        mine.Count++;
    }

    private static bool Reload(Magazines mine)
    {
        PooledBuffer? full = mine.Previous;
        mine.Previous = null;
        if (full is null)
        {
            using (s_lock.Hold())
            {
                if (s_full > 0)
                {
                    full = s_depot[--s_full];
                    s_depot[s_full] = null;
                }
            }
        }

        (mine.Loaded, mine.Count) = (full, full is null ? 0 : Rounds);
        return full is not null;
    }

    private static void Keep(PooledBuffer full)
    {
        using (s_lock.Hold())
        {
            if (s_full < DepotMagazines)
            {
                s_depot[s_full++] = full;
            }
        }
    }

    private sealed class Magazines
    {
        public PooledBuffer? Loaded { get; set; }

        public int Count { get; set; } // of Loaded

        public PooledBuffer? Previous { get; set; }
    }
}
