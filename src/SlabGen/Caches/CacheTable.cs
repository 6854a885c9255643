using SlabGen.Memory;

namespace SlabGen.Caches;

/// <summary>
/// The caches of one runtime. All runtimes of the process take cache ids from one series, because a thread's slots
/// serve the caches of all of them.
/// </summary>
/// <remarks>
/// What changes, changes under the lock. Anyone reads <see cref="_byId"/>, whose entries change in place, and
/// <see cref="_all"/>, which is made anew by the first who asks after a change: a program with hundreds of instances of
/// <see cref="Kmalloc"/> makes and ends ten thousands of caches. A destroyed cache stays among the remains, and keeps
/// its id, for as long as a slab has the id. A live object keeps such a slab, or a thread that was running. Every call
/// that gives memory back also asks the remains, so that those of the second kind go once the thread has been seen
/// elsewhere.
/// </remarks>
internal sealed class CacheTable
{
    private static readonly UninterruptibleLock s_lock = new(); // guards the ids, and every table's writes
    private static readonly List<int> s_freeIds = []; // the last is given out first
    private static int s_nextId = 1; // 0 is what the frame of a page without a slab bears

    [ThreadStatic]
    // The tables of the caches whose ends the calling thread is in, one entry for each.
    private static List<CacheTable>? t_ending;

    private readonly List<KmemCache> _remains = [];
    // Ends of caches, by their users or with their load context, that have begun and are not over; interlocked.
    private int _ending;
    private bool _closed;
    private readonly List<KmemCache> _caches = []; // lock
    private volatile KmemCache[]? _all = []; // written under the lock, read by anyone: a copy, or null after a change
    private volatile KmemCache?[] _byId = []; // written under the lock, read by anyone, as its entries are

    /// <summary>The caches, in the order in which they were made.</summary>
    public IReadOnlyList<KmemCache> All => Live();

    /// <summary>The caches, and what remains of destroyed ones.</summary>
    public KmemCache[] AllAndRemains()
    {
        KmemCache[] all = Live(), remains = Remains();
        // Without LINQ, whose assembly might be loaded when memory is short.
        var both = new KmemCache[all.Length + remains.Length];
        Array.Copy(all, both, all.Length);
        Array.Copy(remains, 0, both, all.Length, remains.Length);
        return both;
    }

    /// <summary>Whether the runtime ends, or has ended. No cache is added any more.</summary>
    public bool IsClosed => Volatile.Read(ref _closed);

    /// <summary>
    /// Whether the calling thread is in the end of a cache of this table: in a handler or a destructor that the end
    /// runs.
    /// </summary>
    public bool IsEndingHere => t_ending?.Contains(this) == true;

    /// <summary>
    /// Called when the end of a cache begins. The end of the runtime waits for it, because it unmaps the memory.
    /// </summary>
    public void BeginEnd()
    {
        (t_ending ??= []).Add(this); // first, because it may find no memory
        Interlocked.Increment(ref _ending);
    }

    /// <summary>
    /// As <see cref="BeginEnd"/>, for an end that the runtime's own makes needless: it closes this table first, and
    /// waits for those that began before.
    /// </summary>
    /// <returns><see langword="false"/> when the runtime ends already.</returns>
    public bool TryBeginEnd()
    {
        BeginEnd(); // counted before the table is looked at: who closes it sees the count, or is seen here
        if (!IsClosed)
        {
            return true;
        }

        FinishEnd();
        return false;
    }

    /// <summary>What <see cref="BeginEnd"/> began is over.</summary>
    public void FinishEnd()
    {
        t_ending!.Remove(this);
        Interlocked.Decrement(ref _ending);
    }

    /// <summary>
    /// Called when the runtime has closed every cache: waits for the ends of caches that other threads had begun.
    /// </summary>
    public void WaitForEnds()
    {
        while (Volatile.Read(ref _ending) > 0)
        {
            UninterruptibleLock.Pause();
        }
    }

    /// <summary>Takes an id that no cache has.</summary>
    public static int TakeId()
    {
        using (s_lock.Hold())
        {
            if (s_freeIds.Count == 0)
            {
                return s_nextId++;
            }

            int id = s_freeIds[^1];
            s_freeIds.RemoveAt(s_freeIds.Count - 1);
            return id;
        }
    }

    /// <summary>Returns an id, so that another cache may get it. Returning 0 does nothing.</summary>
    public static void ReturnId(int id)
    {
        if (id != 0)
        {
            using (s_lock.Hold())
            {
                s_freeIds.Add(id);
            }
        }
    }

    /// <summary>Adds a cache that is ready for use.</summary>
    /// <returns><see langword="false"/> when the table is closed.</returns>
    public bool TryAdd(KmemCache cache)
    {
        using (s_lock.Hold())
        {
            if (_closed)
            {
                return false;
            }

            KmemCache?[] byId = _byId;
            if (cache.Id >= byId.Length)
            {
                Array.Resize(ref byId, Math.Max(cache.Id + 1, byId.Length * 2)); // this can fail: first of all
            }

            _caches.Add(cache);
            _all = null;
            Volatile.Write(ref byId[cache.Id], cache);
            _byId = byId;
            return true;
        }
    }

    /// <summary>Closes the table to further caches.</summary>
    public void Close()
    {
        using (s_lock.Hold())
        {
            _closed = true;
        }
    }

    /// <summary>Takes a destroyed cache out.</summary>
    public void Remove(KmemCache cache)
    {
        using (s_lock.Hold())
        {
            _remains.Add(cache);
            _caches.Remove(cache);
            _all = null;
        }

        ForgetRemains();
    }

    /// <summary>Drops the destroyed caches of which nothing remains.</summary>
    public void ForgetRemains()
    {
        // The caches take their gates to answer, so ask without the lock, which is a leaf.
        foreach (KmemCache destroyed in Remains())
        {
            if (destroyed.TryGiveUpId(out int id))
            {
                using (s_lock.Hold())
                {
                    s_freeIds.EnsureCapacity(s_freeIds.Count + 1); // this can fail: first of all
                    _remains.Remove(destroyed);
                    Volatile.Write(ref _byId[id], null);
                    s_freeIds.Add(id);
                }
            }
        }
    }

    /// <summary>The destroyed caches that still had a slab or a magazine when last looked at.</summary>
    public KmemCache[] Remains()
    {
        using (s_lock.Hold())
        {
            return [.. _remains];
        }
    }

    /// <summary>The cache with the id, among the caches and the remains.</summary>
    public KmemCache? Find(uint id)
    {
        KmemCache?[] byId = _byId;
        return id < (uint)byId.Length ? Volatile.Read(ref byId[id]) : null;
    }

    private KmemCache[] Live()
    {
        if (_all is { } all)
        {
            return all;
        }

        using (s_lock.Hold())
        {
            return _all ??= [.. _caches];
        }
    }
}
