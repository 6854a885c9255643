using SlabGen.Memory;

namespace SlabGen.Caches;

/// <summary>
/// The caches of one runtime. Their ids are taken from one series for the whole process, because a thread's slots serve
/// the caches of all runtimes.
/// </summary>
/// <remarks>
/// <see cref="_caches"/> is copied on write under the lock and read by anyone without. A destroyed cache stays among the
/// remains, and keeps its id, as long as slabs bear it: live objects pin them, or a thread that was at work. Whoever gives
/// memory back asks the remains again too, so that the latter go when the thread has been seen elsewhere.
/// </remarks>
internal sealed class CacheTable
{
    private static readonly UninterruptibleLock s_lock = new(); // guards the ids, and every table's writes
    private static readonly List<int> s_freeIds = []; // the last is given out first
    private static int s_nextId = 1; // 0 is what the frame of a page without a slab bears

    [ThreadStatic]
    private static List<CacheTable>? t_ending; // of the caches whose ends the calling thread is in, one for each

    private readonly List<KmemCache> _remains = [];
    private int _ending; // caches and Kmallocs that are being destroyed; interlocked
    private bool _closed;
    private volatile KmemCache[] _caches = [];
    private volatile KmemCache?[] _byId = [];

    /// <summary>The caches, in the order in which they were made.</summary>
    public IReadOnlyList<KmemCache> All => _caches;

    /// <summary>The caches, and what remains of destroyed ones.</summary>
    public KmemCache[] AllAndRemains()
    {
        KmemCache[] all = _caches, remains = Remains();
        var both = new KmemCache[all.Length + remains.Length]; // without LINQ, whose assembly might be loaded when memory is short
        Array.Copy(all, both, all.Length);
        Array.Copy(remains, 0, both, all.Length, remains.Length);
        return both;
    }

    /// <summary>Whether the runtime ends, or has ended: no cache comes in any more.</summary>
    public bool IsClosed => Volatile.Read(ref _closed);

    /// <summary>Whether the calling thread is in the end of a cache of this table: in a handler or a destructor that the end runs.</summary>
    public bool IsEndingHere => t_ending?.Contains(this) == true;

    /// <summary>The end of a cache begins; the end of the runtime waits for it, since it unmaps the memory.</summary>
    public void BeginEnd()
    {
        (t_ending ??= []).Add(this); // first: it may find no memory
        Interlocked.Increment(ref _ending);
    }

    /// <summary>What <see cref="BeginEnd"/> began is over.</summary>
    public void FinishEnd()
    {
        t_ending!.Remove(this);
        Interlocked.Decrement(ref _ending);
    }

    /// <summary>The runtime ends, and has closed every cache: waits for the ends that began before, on other threads.</summary>
    public void WaitForEnds()
    {
        while (Volatile.Read(ref _ending) > 0)
        {
            UninterruptibleLock.Pause();
        }
    }

    /// <summary>An id that no cache bears.</summary>
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

    /// <summary>Another may bear an id from now on; of 0 nothing happens.</summary>
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

    /// <summary>Makes a cache that is ready for use known.</summary>
    /// <returns><see langword="false"/> when the table is closed.</returns>
    public bool TryAdd(KmemCache cache)
    {
        using (s_lock.Hold())
        {
            if (_closed)
            {
                return false;
            }

            KmemCache?[] byId = [.. _byId, .. new KmemCache?[Math.Max(0, cache.Id + 1 - _byId.Length)]];
            byId[cache.Id] = cache;
            _byId = byId;
            _caches = [.. _caches, cache];
            return true;
        }
    }

    /// <summary>Lets no further cache in.</summary>
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
            _caches = [.. _caches.Where(c => c != cache)];
            _remains.Add(cache);
        }

        ForgetRemains();
    }

    /// <summary>Lets go of the destroyed caches of which nothing remains.</summary>
    public void ForgetRemains()
    {
        // Asked without the lock, which is a leaf: the caches take their gates to answer.
        foreach (KmemCache destroyed in Remains())
        {
            if (destroyed.TryGiveUpId(out int id))
            {
                using (s_lock.Hold())
                {
                    _remains.Remove(destroyed);
                    _byId = [.. _byId.Select(c => c == destroyed ? null : c)];
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

    /// <summary>The cache whose slabs bear an id.</summary>
    public KmemCache? Find(uint id)
    {
        KmemCache?[] byId = _byId;
        return id < (uint)byId.Length ? byId[id] : null;
    }
}
