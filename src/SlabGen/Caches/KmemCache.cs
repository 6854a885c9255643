using System.Diagnostics;
using System.Runtime.CompilerServices;
using SlabGen.Caches;
using SlabGen.CompilerServices;
using SlabGen.Magazines;
using SlabGen.Memory;
using SlabGen.Metadata;
using SlabGen.Slabs;

namespace SlabGen;

/// <summary>
/// A cache of objects of one size, outside the garbage-collected heap: the kernel's <c>struct kmem_cache</c>. Objects
/// never move, unless <see cref="SetMove"/> says how. Any thread may call anything; an object may be freed by another thread than the one that took it.
/// </summary>
/// <remarks>
/// Typed caches are generated from <see cref="SlabCacheAttribute"/>; made by hand, a cache comes from
/// <see cref="SlabRuntime.CreateCache(string, int, SlabCacheOptions)"/>. An object comes with what it held when it was freed, or with what
/// its page held. Only <see cref="AllocZeroed"/> clears it.
/// </remarks>
[DebuggerDisplay("{DebuggerDisplay,nq}")]
[DebuggerTypeProxy(typeof(KmemCacheDebugView))]
public sealed partial class KmemCache : IAccountMember
{
    private long _failures; // any thread, interlocked
    private long _warnedAt = Never; // who warns, interlocked: the time in milliseconds
    private int _warning; // by exchange: 1 while a warning is given
    private SlabMove? _move; // once, by compare-and-exchange
    private int _consolidator; // by exchange: the thread that consolidates, or empties the cache, or 0; by exchange
    private readonly DeferredFrees _deferred;
    private int _resets; // who resets; read by anyone
    private int _mempools; // any thread, interlocked: mempools whose reserve has objects of the cache
    private readonly SlabZeroing _zeroing;
    private readonly CacheMagazines _magazines;
    private readonly CacheSlabs _slabs;
    private readonly CacheTable _table;
    private LeakReport? _leak; // written once, by who destroys
    private bool _leakTold; // goes to true once, by who disposed; read by who ends the runtime
    private int _id; // goes to 0 once, by exchange; read by anyone

    internal KmemCache(string name, SlabLayout layout, SlabCacheOptions options, bool isChecked, SlabLife? life, PageAllocator pages, MetadataPools pools, CacheTable table)
    {
        Name = name;
        _table = table;
        _zeroing = options.Zeroing;
        _id = CacheTable.TakeId();
        int hiddenSlot = 0;
        try
        {
            hiddenSlot = _zeroing != SlabZeroing.None ? CacheTable.TakeId() : 0;
            _slabs = new CacheSlabs(name, (uint)_id, layout, options, pages, pools, life);
            int rounds = options.MagazineRounds != 0 ? options.MagazineRounds : Magazine.RoundsFor(layout.Size);
            var depots = new Depot[pages.NodeCount];
            for (int i = 0; i < depots.Length; i++)
            {
                depots[i] = new Depot(pools, rounds, options.DepotBytes / layout.Size / depots.Length, options.ReuseDistanceBytes / layout.Size / depots.Length);
            }

            Handles = new HandleTable(pools.For(Page.Size), isChecked);
            _magazines = new CacheMagazines(_slabs, depots, Handles, mayGrow: options.MagazineRounds == 0, isChecked)
            {
                HasMagazines = !isChecked && !options.NoMagazines,
                HiddenSlot = hiddenSlot,
            };
            _slabs.Deferral = _magazines.Deferred = _deferred = new DeferredFrees(_magazines);
        }
        catch
        {
            CacheTable.ReturnId(_id); // for want of managed memory: the indices are of the whole process
            CacheTable.ReturnId(hiddenSlot);
            throw;
        }
    }

    /// <summary>The name, as in <see cref="SlabInfo"/>.</summary>
    public string Name { get; }

    /// <summary>Bytes of an object that its user asked for.</summary>
    public int ObjectSize => _slabs.Layout.ObjectSize;

    /// <summary>Bytes that an object takes in a slab: <see cref="ObjectSize"/> rounded up to the alignment.</summary>
    public int SlotSize => _slabs.Layout.Size;

    /// <summary>
    /// The id of this cache among the caches of the process. Its thread-static slots lie at this index. A destroyed cache
    /// gives its id up: then this is 0, which has no slot, and another cache may get the id.
    /// </summary>
    /// <remarks>Volatile, because a loop that holds the old value could otherwise reach into the slot of the other cache.</remarks>
    internal int Id => Volatile.Read(ref _id);

    internal CacheMagazines Magazines => _magazines;

    internal CacheSlabs Slabs => _slabs;

    /// <summary>Takes an object (<c>kmem_cache_alloc</c>). It may hold the old data of another: write all of it, or call <see cref="AllocZeroed"/>.</summary>
    /// <example><code><![CDATA[
    /// KmemCache cache = SlabRuntime.Default.CreateCache<Order>("orders");
    /// SlabPtr<Order> order = new(cache.Alloc());
    /// order.Value = new Order { Id = 7, Quantity = 3 };
    /// cache.Free(order.Address);
    /// ]]></code></example>
    /// <returns>The address of the object, never 0.</returns>
    /// <exception cref="OutOfMemoryException">The memory limit is reached, and nothing could be taken back from any cache.</exception>
    /// <exception cref="SlabException">A bad pointer that was freed before has been found; no object was taken.</exception>
    /// <exception cref="ObjectDisposedException">The cache was destroyed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public nint Alloc()
    {
        ThreadCache? thread = ThreadSlots.Peek(Id);
        return thread is not null && thread.TryAlloc(out nint address) ? address : AllocSlow(ref ThreadSlots.Slot(Id));
    }

    /// <summary>Takes an object and clears it (<c>kmem_cache_zalloc</c>).</summary>
    /// <inheritdoc cref="Alloc()"/>
    public unsafe nint AllocZeroed()
    {
        if (_slabs.HasLife)
        {
            Throw.NotZeroed(_slabs);
        }

        nint address = Alloc();
        new Span<byte>((void*)address, ObjectSize).Clear();
        return address;
    }

    /// <summary>Takes an object, if there is one.</summary>
    /// <param name="address">The object, or 0.</param>
    /// <returns><see langword="false"/> where <see cref="Alloc()"/> would throw <see cref="OutOfMemoryException"/>.</returns>
    /// <exception cref="SlabException">A bad pointer that was freed before has been found; no object was taken.</exception>
    /// <exception cref="ObjectDisposedException">The cache was destroyed.</exception>
    public bool TryAlloc(out nint address)
    {
        ThreadCache? thread = ThreadSlots.Peek(Id);
        return (thread is not null && thread.TryAlloc(out address)) || TryAllocSlow(ref ThreadSlots.Slot(Id), out address);
    }

    /// <summary>Takes an object back (<c>kmem_cache_free</c>). It must not be used any more.</summary>
    /// <param name="address">An object of this cache. Null is an error, as it is in the kernel.</param>
    /// <exception cref="SlabException">The pointer, or one freed before, is not one that this cache can take back.</exception>
    /// <exception cref="ObjectDisposedException">The cache was destroyed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Free(nint address)
    {
        ThreadCache? thread = ThreadSlots.Peek(Id);
        if (thread is null || !thread.TryFree(address))
        {
            FreeSlow(ref ThreadSlots.Slot(Id), address);
        }
    }

    /// <summary>Takes as many objects as the span holds, or none (<c>kmem_cache_alloc_bulk</c>).</summary>
    /// <exception cref="OutOfMemoryException">There are not so many; none was taken.</exception>
    /// <exception cref="SlabException">A bad pointer that was freed before has been found; no object was taken.</exception>
    /// <exception cref="ObjectDisposedException">The cache was destroyed.</exception>
    public void AllocBulk(Span<nint> addresses) => AllocBulk(ref ThreadSlots.Slot(Id), addresses);

    /// <summary>Takes objects back (<c>kmem_cache_free_bulk</c>).</summary>
    /// <exception cref="SlabException">One of the pointers is null, and none was taken back; or one of them, or of those
    /// freed before, is not one that this cache can take back, and all others were.</exception>
    /// <exception cref="ObjectDisposedException">The cache was destroyed.</exception>
    public void FreeBulk(ReadOnlySpan<nint> addresses) => FreeBulk(ref ThreadSlots.Slot(Id), addresses);

    /// <summary>For generated code: what the calling thread holds of this cache, made if it holds nothing yet.</summary>
    /// <param name="slot">The calling thread's slot for this cache.</param>
    /// <returns><see langword="null"/> in checked mode, which has no fast path.</returns>
    /// <exception cref="ObjectDisposedException">The cache was destroyed.</exception>
    internal ThreadCache? Attach(ref ThreadCache? slot) => !HasFastPath ? null : _magazines.Attach(ref slot);

    /// <summary>For generated code: <see cref="Alloc()"/> after the fast path failed.</summary>
    /// <param name="slot">The calling thread's slot for this cache.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal nint AllocSlow(ref ThreadCache? slot)
    {
        if (!TryAllocSlow(ref slot, out nint address))
        {
            Throw.OutOfMemory(_slabs, 1);
        }

        return address;
    }

    /// <summary>For generated code: <see cref="TryAlloc(out nint)"/> after the fast path failed.</summary>
    /// <param name="slot">The calling thread's slot for this cache.</param>
    /// <param name="address">The object, or 0.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal bool TryAllocSlow(ref ThreadCache? slot, out nint address)
    {
        address = 0;
        if (FailsAtOnce(mayWait: true))
        {
            return false;
        }

        bool taken = _magazines.TryAlloc(ref slot, out address) || TryAllocBulk(ref slot, new Span<nint>(ref address), GfpFlags.Kernel, node: -1);
        _slabs.Pages.WakeIfWanted();
        if (taken && _zeroing != SlabZeroing.None)
        {
            ClearTaken(new ReadOnlySpan<nint>(in address));
        }

        return taken;
    }

    /// <summary>For generated code: <see cref="Free(nint)"/> after the fast path failed.</summary>
    /// <param name="slot">The calling thread's slot for this cache.</param>
    /// <param name="address">The object.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal void FreeSlow(ref ThreadCache? slot, nint address)
    {
        ClearGiven(new ReadOnlySpan<nint>(in address));
        try
        {
            _magazines.Free(ref slot, address);
        }
        catch (SlabException)
        {
            _magazines.ThrowLater(_slabs.FinishDiscardsQuietly());
            throw;
        }

        _slabs.Pages.WakeIfWanted();
        _slabs.FinishDiscards();
    }

    /// <summary>For generated code: <see cref="AllocBulk(Span{nint})"/>.</summary>
    /// <param name="slot">The calling thread's slot for this cache.</param>
    /// <param name="addresses">Receives the objects.</param>
    internal void AllocBulk(ref ThreadCache? slot, Span<nint> addresses)
    {
        if (!_magazines.TryPopAll(slot, addresses))
        {
            AllocBulkSlow(ref slot, addresses);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void AllocBulkSlow(ref ThreadCache? slot, Span<nint> addresses)
    {
        bool taken = TryAllocBulk(ref slot, addresses, GfpFlags.Kernel, node: -1);
        _slabs.Pages.WakeIfWanted();
        if (!taken)
        {
            Throw.OutOfMemory(_slabs, addresses.Length);
        }

        ClearTaken(addresses);
    }

    /// <summary>For generated code: <see cref="FreeBulk(ReadOnlySpan{nint})"/>.</summary>
    /// <param name="slot">The calling thread's slot for this cache.</param>
    /// <param name="addresses">The objects.</param>
    internal void FreeBulk(ref ThreadCache? slot, ReadOnlySpan<nint> addresses)
    {
        if (!_magazines.TryPushAll(slot, addresses))
        {
            FreeBulkSlow(ref slot, addresses);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void FreeBulkSlow(ref ThreadCache? slot, ReadOnlySpan<nint> addresses)
    {
        ClearGiven(addresses);
        try
        {
            _magazines.Free(ref slot, addresses);
        }
        catch (SlabException)
        {
            _magazines.ThrowLater(_slabs.FinishDiscardsQuietly());
            throw;
        }

        _slabs.FinishDiscards();
    }

    /// <summary>Whether there can be so many objects at once.</summary>
    internal bool FitsTheLimit(int objects) => (long)objects * SlotSize <= _slabs.Pages.Limit && _slabs.Quota.CanHave(objects) && _slabs.AccountCanHave(objects);
}
