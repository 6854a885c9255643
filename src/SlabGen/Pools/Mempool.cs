using System.Diagnostics;
using SlabGen.Memory;
using SlabGen.Pools;
using SlabGen.Slabs;

namespace SlabGen;

/// <summary>
/// Objects of a cache with some in reserve, for work that must go on when memory has run out: the kernel's
/// <c>mempool_t</c> (mm/mempool.c). Taking one never fails if it may wait, as long as those that were taken come back.
/// Any thread may call anything. One thread may take an element, and another free it.
/// </summary>
/// <remarks>
/// <para><b>Order of an allocation</b>, as in the kernel: the cache without reclaim, the reserve, the cache with
/// reclaim, and then a wait. A free serves a waiter first, then the reserve, and only then the cache.</para>
/// <para>The reserve and the queue of waiters are under <see cref="_lock"/>, a leaf: no cache is called while it is
/// held. Two invariants hold. While any thread waits, the reserve is empty. A waiter is in the queue until it was
/// served or gave up. Only one of the two happens, under the lock, so no element is lost between a free and a
/// cancellation. The queue is first in, first out. A waiter also asks the cache every 5 s, as in the kernel, because a
/// free into the cache itself wakes no waiter here.</para>
/// <para>Elements come as they were freed, those from the reserve too. Zeroed elements (the kernel's <c>__GFP_ZERO</c>,
/// which it forbids here) cannot be requested. The cache may have a constructor. The kernel warns of one, because
/// poisoning of the reserve would undo it; here nothing writes to a free element. The constructor runs only in the
/// third step.</para>
/// </remarks>
/// <example><code><![CDATA[
/// using var pool = new Mempool<Order>(OrderCache.Cache, 16);  // 16 orders in reserve
/// SlabPtr<Order> order = await pool.AllocAsync();    // waits for one that is freed, rather than fail
/// order.Value = new Order { Id = 7 };
/// pool.Free(order);                                  // to the pool, not to the cache
/// ]]></code></example>
[DebuggerDisplay("{DebuggerDisplay,nq}")]
[DebuggerTypeProxy(typeof(MempoolDebugView))]
public sealed partial class Mempool : IDisposable
{
    private readonly UninterruptibleLock _lock = new();
    private readonly LinkedList<MempoolWaiter> _waiters = new(); // lock
    private readonly KmemCache _cache;
    private nint[] _reserve; // lock: its length is Minimum; the first Count places hold elements
    private int _count; // lock
    private bool _disposed; // lock; goes to true once; read by anyone
    private long _outstanding; // any thread, interlocked

    /// <summary>Makes a pool and fills its reserve (<c>mempool_create_slab_pool</c>).</summary>
    /// <param name="cache">The cache that the elements come from. It must outlive the pool.</param>
    /// <param name="minimum">Elements in reserve, at least 1.</param>
    /// <param name="name">The name for messages: 1 to 256 UTF-16 units without white space and invisible characters. By
    /// default that of the cache.</param>
    /// <exception cref="ArgumentException">The name is not valid.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="minimum"/> is less than 1.</exception>
    /// <exception cref="OutOfMemoryException">There are not enough objects. None was taken.</exception>
    /// <exception cref="ObjectDisposedException">The cache was destroyed.</exception>
    public Mempool(KmemCache cache, int minimum, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(cache);
        ArgumentOutOfRangeException.ThrowIfLessThan(minimum, 1);
        _cache = cache;
        Name = name ?? cache.Name;
        ObjectName.Validate(Name, "mempool");
        cache.CountMempool(1);
        try
        {
            _reserve = TakeForReserve(minimum);
        }
        catch
        {
            cache.CountMempool(-1);
            throw;
        }

        _count = minimum;
    }

    /// <summary>The name, for messages.</summary>
    public string Name { get; }

    /// <summary>Elements that the pool keeps in reserve when it can (<c>min_nr</c>).</summary>
    public int Minimum => Read(pool => pool._reserve.Length);

    /// <summary>Elements in reserve now (<c>curr_nr</c>).</summary>
    public int Count => Read(pool => pool._count);

    /// <summary>Whether the reserve is full (<c>mempool_is_saturated</c>).</summary>
    public bool IsSaturated => Read(pool => pool._count == pool._reserve.Length);

    /// <summary>Elements that were taken and have not been freed to the pool.</summary>
    public long Outstanding => Volatile.Read(ref _outstanding);

    /// <summary>The number of waiters.</summary>
    public int Waiters => Read(pool => pool._waiters.Count);

    /// <summary>
    /// How long the first waiter has waited; 0 when none waits. If it grows without end, no thread frees elements to
    /// the pool.
    /// </summary>
    public TimeSpan LongestWait =>
        Read(pool =>
            pool._waiters.First is { } first
                ? TimeSpan.FromMilliseconds(Environment.TickCount64 - first.Value.Since) : TimeSpan.Zero);

    internal KmemCache Cache => _cache;

    private string DebuggerDisplay => $"{Name}: {Count} of {Minimum} in reserve, {Outstanding} out, {Waiters} waiting";

    /// <summary>How long a waiter waits before it asks the cache again. Tests make it short.</summary>
    internal TimeSpan RetryInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Takes an element, if that needs neither reclaim nor a wait.</summary>
    /// <param name="address">The element, or 0.</param>
    /// <exception cref="SlabException">A bad pointer that was freed to the cache before has been found; no element was
    /// taken.</exception>
    /// <exception cref="ObjectDisposedException">The pool was disposed, or the cache destroyed.</exception>
    public bool TryAlloc(out nint address)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed), this);
        if (_cache.TryAlloc(GfpFlags.NoWait, out address))
        {
            Interlocked.Increment(ref _outstanding);
            return true;
        }

        using (_lock.Hold())
        {
            return TryTakeReserved(out address);
        }
    }

    /// <summary>
    /// Gives an element back (<c>mempool_free</c>): to the first waiter, otherwise to the reserve, otherwise to the
    /// cache.
    /// </summary>
    /// <param name="address">An element. It must not be used any more.</param>
    /// <remarks>
    /// <para>In every mode this call finds five faults:</para>
    /// <list type="bullet">
    /// <item>a pointer that is no object of the cache;</item>
    /// <item>an element that lies in the reserve;</item>
    /// <item>an object that lies free in the slabs or in any magazine, and would go into the reserve or to a
    /// waiter;</item>
    /// <item>an object that lies free in the calling thread's own magazines;</item>
    /// <item>a free that would make <see cref="Outstanding"/> negative.</item>
    /// </list>
    /// <para>So an element that is freed twice never lies in the reserve twice, nor in the reserve and the cache. And
    /// no more elements are freed than were taken.</para>
    /// <para>Outside checked mode, this call misses some second frees while the reserve is full and other elements are
    /// out: when another thread freed the element first, or when the element has gone on from this thread's magazines
    /// to the depot. The cache finds such a free as <see cref="KmemCache.Free"/> does, when the object comes home.
    /// Until then the object may have two owners. An element that has a new owner by then is live. Nothing can tell
    /// that the old owner frees it.</para>
    /// </remarks>
    /// <exception cref="SlabException">It is not a live object of the cache, or no element is out, or an object freed
    /// before was bad. The pointer was dropped.</exception>
    /// <exception cref="ObjectDisposedException">The cache was destroyed, or its runtime disposed.</exception>
    public void Free(nint address)
    {
        bool wanted, isReserved;
        using (_lock.Hold())
        {
            wanted = IsWanted;
            isReserved = IsReserved(address);
        }

        // What goes to a waiter or into the reserve passes the cache by, which else would find a bad pointer; and the
        // count must not follow one.
        SlabFault fault = isReserved ? SlabFault.DoubleFree : _cache.Check(address);
        if (fault == SlabFault.None && (wanted ? _cache.IsFreed(address) : _cache.IsFreeHere(address)))
        {
            fault = SlabFault.DoubleFree;
        }

        if (fault == SlabFault.None && (!wanted || !TryPlace(address, isNew: false, out fault)))
        {
            if (TryCountFreed())
            {
                _cache.Free(address); // counted first, because the exception may be about another pointer
                return;
            }

            throw _cache.FreedTooOften(Name, address);
        }

        if (fault != SlabFault.None)
        {
            _cache.ThrowIfDestroyed(); // that its slabs are gone says more than that the address lies in none
            throw _cache.ToError(fault, address);
        }
    }

    /// <summary>Changes how many elements are kept in reserve (<c>mempool_resize</c>).</summary>
    /// <param name="minimum">Elements in reserve, at least 1. If it is lowered, the rest goes back to the
    /// cache.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="minimum"/> is less than 1.</exception>
    /// <exception cref="OutOfMemoryException">There are not enough objects. The pool is as it was.</exception>
    /// <exception cref="ObjectDisposedException">The pool was disposed, or the cache destroyed.</exception>
    public void Resize(int minimum)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(minimum, 1);
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed), this);
        if (!_cache.FitsTheLimit(minimum))
        {
            _cache.ThrowOutOfMemory(minimum); // before an array for them is made
        }

        // Before elements are taken, because there may be no memory for it.
        nint[] places = new nint[minimum], surplus = [];
        nint[] more = TakeForReserve(Math.Max(0, minimum - Minimum));
        using (_lock.Hold())
        {
            if (!_disposed)
            {
                int kept = Math.Min(_count, minimum);
                surplus = _reserve[kept.._count];
                _reserve.AsSpan(0, kept).CopyTo(places);
                (_reserve, _count) = (places, kept);
            }
        }

        // Some of the new ones remain if others resized or freed meanwhile.
        nint[] rest = [.. surplus, .. more.Where(address => !TryPlace(address, isNew: true, out _))];
        if (rest.Length > 0)
        {
            _cache.FreeBulk(rest);
        }
    }

    /// <summary>
    /// Ends the pool. The reserve goes back to the cache, and every waiter gets an
    /// <see cref="ObjectDisposedException"/>. Elements that are out stay as they are, counted in
    /// <see cref="Outstanding"/>. <see cref="Free"/> still takes them, and gives them to the cache.
    /// </summary>
    public void Dispose()
    {
        nint[] reserved;
        bool isFirst;
        using (_lock.Hold())
        {
            isFirst = !_disposed;
            Volatile.Write(ref _disposed, true);
            reserved = _reserve[.._count];
            _count = 0;
            while (_waiters.First is { } first)
            {
                _waiters.Remove(first);
                first.Value.SetResult(0);
            }
        }

        try
        {
            if (reserved.Length > 0)
            {
                _cache.FreeBulk(reserved);
            }
        }
        finally
        {
            _cache.CountMempool(isFirst ? -1 : 0);
        }
    }

    private T Read<T>(Func<Mempool, T> read)
    {
        using (_lock.Hold())
        {
            return read(this);
        }
    }
}
