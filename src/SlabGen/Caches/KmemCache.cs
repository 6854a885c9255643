using System.Diagnostics;
using SlabGen.Caches;
using SlabGen.Checking;
using SlabGen.CompilerServices;
using SlabGen.Magazines;
using SlabGen.Memory;
using SlabGen.Metadata;
using SlabGen.Slabs;

namespace SlabGen;

/// <summary>
/// A cache of objects of one size, outside the garbage-collected heap: the kernel's <c>struct kmem_cache</c>. Objects
/// never move, unless <see cref="SetMove"/> says how. Any thread may call anything. One thread may take an object, and
/// another free it.
/// </summary>
/// <remarks>
/// Typed caches are generated from <see cref="SlabCacheAttribute"/>. A cache made by hand comes from
/// <see cref="SlabRuntime.CreateCache(string, int, SlabCacheOptions)"/>. An object holds what it held when it was
/// freed, or what its page held. Only <see cref="AllocZeroed"/> clears it.
/// </remarks>
[DebuggerDisplay("{DebuggerDisplay,nq}")]
[DebuggerTypeProxy(typeof(KmemCacheDebugView))]
public sealed partial class KmemCache : IAccountMember
{
    private const long DefaultQuarantine = 256 << 10;

    private long _failures; // any thread, interlocked
    private long _warnedAt = Never; // by the thread that warns, interlocked: the time in milliseconds
    private int _warning; // by exchange: 1 while a warning is given
    private SlabMove? _move; // once, by compare-and-exchange
    private int _consolidator; // by exchange: the thread that consolidates or empties the cache, or 0
    private readonly DeferredFrees _deferred;
    private int _resets; // by the thread that resets; read by anyone
    private int _mempools; // any thread, interlocked: mempools that hold objects of the cache in reserve
    private readonly SlabZeroing _zeroing;
    private readonly bool _zeroesDeferred, _takesAny; // as the options say
    private readonly ObjectStates? _states; // null unless in checked mode
    private readonly uint _checkedBin; // in checked mode the id of the bins; else 0, whose bin is shut
    private readonly ObjectMarks? _marks; // null unless the cache has letters besides F
    private readonly Quarantine? _quarantine; // null unless the cache has that letter
    private readonly ObjectStates? _quickStates; // the same, where a call does nothing else besides
    private readonly CacheMagazines _magazines;
    private readonly CacheSlabs _slabs;
    private readonly CacheTable _table;
    private LeakReport? _leak; // written once, by who destroys
    private bool _leakTold; // goes to true once, by who disposed; read by who ends the runtime
    private int _id; // goes to 0 once, by exchange; read by anyone

    internal KmemCache(string name, SlabLayout layout, SlabCacheOptions options, bool isChecked, SlabLife? life,
        PageAllocator pages, MetadataPools pools, CacheTable table)
    {
        Name = name;
        _table = table;
        _zeroing = options.Zeroing;
        _id = CacheTable.TakeId();
        int hiddenSlot = 0;
        try
        {
            bool isHidden = _zeroing != SlabZeroing.None || isChecked || options.RandomReuse;
            hiddenSlot = isHidden ? CacheTable.TakeId() : 0;
            bool hasBins = options.InBins && !isHidden && _id < ThreadBins.Count;
            _states = isChecked ? new ObjectStates(pages, (uint)_id) : null;
            _marks = layout.Marks is { } marked ? new ObjectMarks(marked, _states!) : null;
            _quarantine = (Letters & SlabDebug.Quarantine) == 0 ? null
                : new Quarantine(Math.Min(options.QuarantineBytes ?? DefaultQuarantine, pages.Limit), layout.Size);
            _slabs = new CacheSlabs(name, (uint)_id, layout, options, pages, pools, life)
            {
                HasBins = hasBins,
                NamesPages = hasBins || (isChecked && _id < ThreadBins.Count),
                States = _states,
                Marks = _marks,
            };
            int rounds = options.MagazineRounds != 0 ? options.MagazineRounds : Magazine.RoundsFor(layout.Size);
            var depots = new Depot[pages.NodeCount];
            for (int i = 0; i < depots.Length; i++)
            {
                depots[i] = new Depot(pools, rounds, options.DepotBytes / layout.Size / depots.Length,
                    options.ReuseDistanceBytes / layout.Size / depots.Length, options.DepotBudget, layout.Size);
            }

            Handles = new HandleTable(pools.For(Page.Size));
            _magazines = new CacheMagazines(_slabs, depots, mayGrow: options.MagazineRounds == 0)
            {
                HasMagazines = !options.NoMagazines,
                HiddenSlot = hiddenSlot,
                HasBins = hasBins || (isChecked && hiddenSlot < ThreadBins.Count),
                TakesAny = options.RandomReuse,
            };
            _checkedBin = isChecked && _magazines.HasBins ? _magazines.BinId : 0;
            _quickStates = _zeroing != SlabZeroing.OnAlloc && _marks is null ? _states : null;
            _zeroesDeferred = options.ZeroesDeferred;
            _takesAny = options.RandomReuse;
            _slabs.Deferral = _magazines.Deferred = _deferred = new DeferredFrees(_magazines)
            {
                Clears = options.ZeroesDeferred,
            };
        }
        catch
        {
            CacheTable.ReturnId(_id); // managed memory ran out, and the ids belong to the whole process
            CacheTable.ReturnId(hiddenSlot);
            throw;
        }
    }

    /// <summary>The name, as in <see cref="SlabInfo"/>.</summary>
    public string Name { get; }

    /// <summary>The bytes of an object that its user asked for.</summary>
    public int ObjectSize => _slabs.Layout.ObjectSize;

    /// <summary>
    /// Bytes from one object to the next: <see cref="ObjectSize"/> rounded up to the alignment, with what
    /// <see cref="SlabCacheOptions.Debug"/> puts beside it.
    /// </summary>
    public int SlotSize => _slabs.Layout.Size;

    /// <summary>
    /// The id of this cache among the caches of the process. Its thread-static slots lie at this index. A destroyed
    /// cache gives its id up, and another cache may get it. This is then 0, which has no slot.
    /// </summary>
    /// <remarks>
    /// Volatile, because a loop that holds the old value could otherwise reach into the slot of the other cache.
    /// </remarks>
    internal int Id => Volatile.Read(ref _id);

    /// <summary>Which handles are in use. It takes no memory before the first.</summary>
    internal HandleTable Handles { get; }

    /// <summary>
    /// The name of the <see cref="Kmalloc"/> whose cache this is, or null. What ends or empties such a cache goes by
    /// way of the Kmalloc, whose blocks must know.
    /// </summary>
    internal string? OfKmalloc { get; set; }

    /// <summary>The tie to a load context that can be unloaded, or null.</summary>
    internal WeakReference<ContextTie>? Tie { get; set; }

    /// <summary>Called when the index was given up, before another cache can get it.</summary>
    internal Action? IdGivenUp { get; set; }

    /// <summary>
    /// Gets what the calling thread holds of this cache, and makes it if there is nothing yet. Generated code calls it.
    /// </summary>
    /// <param name="slot">The calling thread's slot for this cache.</param>
    /// <returns><see langword="null"/> in checked mode, which has no fast path.</returns>
    /// <exception cref="ObjectDisposedException">The cache was destroyed.</exception>
    internal ThreadCache? Attach(ref ThreadCache? slot) => !HasFastPath ? null : _magazines.Attach(ref slot);

    /// <summary>Whether there can be so many objects at once.</summary>
    internal bool FitsTheLimit(int objects) =>
        (long)objects * SlotSize <= _slabs.Pages.Limit && _slabs.Quota.CanHave(objects)
            && _slabs.AccountCanHave(objects);
}
