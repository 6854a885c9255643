using System.Diagnostics;
using System.Runtime.CompilerServices;
using SlabGen.Caches;
using SlabGen.Events;
using SlabGen.Magazines;
using SlabGen.Memory;
using SlabGen.Metadata;
using SlabGen.Metrics;
using SlabGen.Reclaim;
using SlabGen.Slabs;

namespace SlabGen;

/// <summary>
/// Memory, pages, caches and the control centre of one allocator. <see cref="Default"/> serves generated caches; a
/// program may have others, each with a limit of its own.
/// </summary>
/// <remarks>
/// The top of the layers: it makes the others and ties them together. Any thread may call anything. A runtime that is
/// dropped without <see cref="Dispose"/> keeps its memory. Pointers into it may be anywhere, and no finalizer can know.
/// </remarks>
/// <example><code><![CDATA[
/// var runtime = new SlabRuntime(new SlabRuntimeOptions { MemoryLimit = 64 << 20 });
/// var orders = new KmemCache<Order>(runtime, "orders");
/// SlabPtr<Order> order = orders.Alloc();
/// order.Value = new Order { Id = 7 };
/// orders.Free(order);
/// runtime.Close();                                   // throws if anything is live
/// ]]></code></example>
[DebuggerDisplay("{DebuggerDisplay,nq}")]
[DebuggerTypeProxy(typeof(SlabRuntimeDebugView))]
public sealed partial class SlabRuntime : IDisposable
{
    private int _backgroundEnded; // by exchange
    private string? _firstCache; // any thread, once; for messages
    private SlabRuntimeReport? _report; // once, by the thread that ends the runtime
    private int _endingThread; // the managed id of the thread that ends the runtime, while it does
    private readonly SlabRuntimeOptions _options;
    private readonly PageAllocator _pages;
    private readonly MetadataPools _pools;
    private readonly CacheTable _caches = new();
    private readonly DirectReclaim _reclaim;
    private readonly RetriedLazy<Kmalloc> _kmalloc;
    private readonly LargeBlockOwners _largeBlockOwners = new();
    private readonly ReapTimer? _reapTimer;
    private readonly ObservedRuntime? _observed; // null where there are no metrics
    private int _disposed; // goes to 1 once, by exchange

    /// <summary>Makes a runtime. It reserves address space, and takes memory only when objects are allocated.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="ArgumentException"><see cref="HighMemOptions.Path"/> is not valid.</exception>
    /// <exception cref="IOException">The file of <see cref="HighMemOptions.Path"/> cannot be made.</exception>
    /// <exception cref="OutOfMemoryException">The address space has no room for the memory limit.</exception>
    public SlabRuntime(SlabRuntimeOptions? options = null)
    {
        _options = options ?? new SlabRuntimeOptions();
        _options.Validate();
        _pages = new PageAllocator(_options.ToPageOptions(new SlabFaults(SlabFaults.OfProcess)));
        try
        {
            _pages.Reclaimer = _reclaim = new DirectReclaim(_pages, _caches, Shrinkers);
            _pools = new MetadataPools(_pages);
            _kmalloc = new RetriedLazy<Kmalloc>(() => CreateKmalloc("kmalloc", account: null, isPrivate: false));
            _reapTimer = _options.ReapInterval == Timeout.InfiniteTimeSpan || !OwnContext.MayRunInBackground
                ? null
                : new ReapTimer(_reclaim, _options.ReapInterval, ReapClock.OfProcess);
            _reclaim.Watch = Watch;
            if (_reapTimer is not null && SlabMeter.IsWanted)
            {
                _reclaim.Background.First = () => SlabMeter.EnsureMade(_reclaim);
            }

            RuntimeList.Add(_pages, _caches);
            _observed = DiagnosticsSwitch.IsSupported && DiagnosticsSwitch.MayStart
                ? ObservedRuntime.Add(_pages, _caches) : null;
            _options.Pressure.Add(_reclaim.Background);
            OwnContext.Add(this);
        }
        catch
        {
            _reapTimer?.Dispose();
            _observed?.End();
            _pages.Unmap(); // otherwise its addresses would be lost
            throw;
        }
    }

    /// <summary>Memory of any size.</summary>
    /// <exception cref="InvalidOperationException">The memory limit is too small for a slab of its largest
    /// size.</exception>
    /// <exception cref="ObjectDisposedException">The runtime was disposed.</exception>
    public Kmalloc Kmalloc => _kmalloc.Value;

    /// <summary>The caches of the runtime, in the order in which they were made.</summary>
    public IReadOnlyList<KmemCache> Caches => _caches.All;

    /// <summary>The most bytes in use at once: the requested limit in whole pages, or what can be reserved.</summary>
    public long MemoryLimit => _pages.Limit;

    /// <summary>
    /// Bytes held from the operating system now, including page frames and slab metadata. It is an upper bound. A free
    /// page counts as held if the block that it was merged into is. A page that was handed out counts before it is
    /// touched.
    /// </summary>
    public long CommittedBytes => _pages.CommittedBytes;

    /// <summary>The highest <see cref="CommittedBytes"/> so far.</summary>
    public long PeakCommittedBytes => _pages.PeakCommittedBytes;

    /// <summary>Whole pages, and the zones they come from.</summary>
    public PageAllocator Pages => _pages;

    /// <summary>The shrinkers: what else can be freed when memory is short.</summary>
    public ShrinkerRegistry Shrinkers { get; } = new();

    /// <summary>Makes a cache of objects of one size (<c>kmem_cache_create</c>).</summary>
    /// <param name="name">1 to 256 UTF-16 units without white space and invisible characters, because
    /// <c>/proc/slabinfo</c> shows it. Two caches may share a name.</param>
    /// <param name="objectSize">Bytes: 1 to 4 MiB, with pages of 4 KiB.</param>
    /// <param name="options">How the cache is laid out and how much it keeps.</param>
    /// <example><code><![CDATA[
    /// var options = new SlabCacheOptions { MaxObjects = 1000 };
    /// KmemCache packets = SlabRuntime.Default.CreateCache("packets", 1536, options);
    /// nint packet = packets.Alloc();
    /// packets.Free(packet);
    /// Console.WriteLine(packets.Destroy().IsClean);
    /// ]]></code></example>
    /// <exception cref="ArgumentException">The name is not valid, or a slab is larger than the memory
    /// limit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The size or an option is out of range.</exception>
    /// <exception cref="ObjectDisposedException">The runtime was disposed.</exception>
    public KmemCache CreateCache(string name, int objectSize, SlabCacheOptions? options = null) =>
        CreateNamed(name, objectSize, options, life: null);

    /// <summary>Makes a cache of objects of a type.</summary>
    /// <typeparam name="T">The type of the objects.</typeparam>
    /// <inheritdoc cref="CreateCache(string, int, SlabCacheOptions?)"/>
    public KmemCache CreateCache<T>(string name, SlabCacheOptions? options = null)
        where T : unmanaged => CreateTyped(name, Unsafe.SizeOf<T>(), options, life: null, typeof(T));

    /// <summary>Makes a cache whose objects are constructed and destructed.</summary>
    /// <typeparam name="T">The type of the objects.</typeparam>
    /// <typeparam name="TLife">The constructor and the destructor.</typeparam>
    /// <inheritdoc cref="CreateCache(string, int, SlabCacheOptions?)"/>
    public KmemCache CreateCache<T, TLife>(string name, SlabCacheOptions? options = null)
        where T : unmanaged
        where TLife : ISlabLife<T> => CreateTyped(
            name, Unsafe.SizeOf<T>(), options, new SlabLife<T, TLife>(),
            typeof(TLife).IsCollectible ? typeof(TLife) : typeof(T));

    /// <summary>Makes a <see cref="SlabGen.Kmalloc"/> with caches of its own (<c>kmem_buckets_create</c>).</summary>
    /// <param name="name">A valid cache name. Its caches are <c>name-8</c> to <c>name-8k</c>.</param>
    /// <param name="account">The quota that its blocks are charged to, or none.</param>
    /// <exception cref="ArgumentException">The name is not valid.</exception>
    /// <exception cref="InvalidOperationException">The memory limit is too small for a slab of its largest
    /// size.</exception>
    /// <exception cref="ObjectDisposedException">The runtime was disposed.</exception>
    public Kmalloc CreateKmalloc(string name, SlabAccount? account = null)
    {
        ObjectName.Validate(name, "Kmalloc");
        return CreateKmalloc(name, account, isPrivate: true);
    }

    private KmemCache CreateNamed(string name, int objectSize, SlabCacheOptions? options, SlabLife? life)
    {
        ObjectName.Validate(name, "cache");
        return CreateCache(name, objectSize, options, life);
    }

    private KmemCache CreateCache(string name, int objectSize, SlabCacheOptions? options, SlabLife? life)
    {
        options ??= new SlabCacheOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(objectSize, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(objectSize, SlabLayout.MaxObjectSize);
        options.Validate(name);
        options.ValidateCalls(name, life is not null);
        options.ValidateDebug(name);
        options = _options.Harden(options, life is not null);
        Magazine.ValidateRounds(name, options.MagazineRounds);
        _pages.AddIfLow(options.Zone);
        SlabDebug letters = options.LettersOf(name, _options.Debug, hasLife: life is not null);
        var layout = SlabLayout.Of(name, objectSize, options, _options.Processors, letters);
        options.ValidateLimits(name, layout);
        long leastSlab = layout.BytesIn(layout.MinOrder) + Page.Size; // and a page for its descriptor
        if (leastSlab > _pages.UsableLimit)
        {
            throw new ArgumentException(
                $"Cache '{name}': a slab of objects of {objectSize} bytes and its descriptor take {leastSlab} bytes, more than the {_pages.UsableLimit} bytes that the memory limit of {MemoryLimit} bytes leaves besides its reserve.", nameof(objectSize));
        }

        var cache =
            new KmemCache(name, layout, options, letters != SlabDebug.None, life, _pages, _pools, _caches);
        bool added = false;
        try
        {
            options.Account?.Add(cache);
            added = _caches.TryAdd(cache);
        }
        finally
        {
            if (!added)
            {
                cache.GiveUpUnused();
                options.Account?.Remove(cache);
            }
        }

        ObjectDisposedException.ThrowIf(!added, this);

        Interlocked.CompareExchange(ref _firstCache, name, null);
        return cache;
    }

    /// <summary>
    /// Takes back every free object of every cache, including destroyed ones, and gives every page that is then free to
    /// the operating system.
    /// </summary>
    /// <returns>Bytes given back.</returns>
    /// <remarks>
    /// A running thread may keep one free object and a magazine of each cache that it used: see
    /// <see cref="KmemCache.Shrink"/>.
    /// </remarks>
    /// <exception cref="SlabException">A bad pointer was found in a magazine. Everything else was still taken
    /// back.</exception>
    /// <exception cref="Exception">What a destructor threw, or a move callback in the background. Of several errors
    /// this call throws the first, and the next call the second. What a shrinker threw in the background comes
    /// last.</exception>
    public long Shrink()
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        long before = CommittedBytes;
        List<KmemCache> caches = [.. _caches.AllAndRemains()];
        var atWork = new HashSet<OwnerThread>();
        caches.RemoveAll(cache => TakeHome(cache, atWork));
        if (caches.Count > 0)
        {
            OwnerThread.LetGo(atWork); // all caches are shut for them now
            caches.ForEach(cache => TakeHome(cache, atWork));
        }

        Array.ForEach(_caches.Remains(), _reclaim.KeepErrorsOf);
        _caches.ForgetRemains();
        foreach (KmemCache cache in _caches.All)
        {
            cache.HollowOut();
        }

        _pages.Trim();
        foreach (KmemCache cache in _caches.All)
        {
            cache.Pending.Throw(); // the first of them; the others wait for the next call
        }

        _reclaim.Pending.Throw();
        Shrinkers.Failures.Throw();
        return Math.Max(0, before - CommittedBytes);
    }

    /// <summary>
    /// Lets every registered shrinker free what it can, and then does what <see cref="Shrink"/> does (<c>echo 2 >
    /// /proc/sys/vm/drop_caches</c>, <c>drop_slab</c>).
    /// </summary>
    /// <returns>Bytes given back.</returns>
    /// <inheritdoc cref="Shrink"/>
    public long DropCaches()
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        long before = CommittedBytes;
        for (int pass = 0; Shrinkers.Shrink(GfpFlags.Kernel, node: 0, priority: 0,
            ShrinkerRegistry.BackgroundPatience) >> pass > 1; pass++)
        {
            // As in the kernel: repeat until a pass frees little. Each pass must free twice as much as the one before
            // to be repeated.
        }

        Shrink();
        return Math.Max(0, before - CommittedBytes);
    }

    /// <returns>Whether nothing had to be left with a thread.</returns>
    private bool TakeHome(KmemCache cache, HashSet<OwnerThread> atWork)
    {
        TakenHome taken = cache.TakeHome(Patience.None, atWork);
        taken.Errors.Keep(_reclaim.ErrorsOf(cache));
        return taken.Left == 0;
    }

    /// <summary>Called when the runtime holds memory: starts its interval, and watches the machine.</summary>
    private void Watch()
    {
        _reapTimer?.Start();
        _options.Pressure.Start();
        if (_reapTimer is null)
        {
            // Else the background does, within a second: the first object is not to wait.
            SlabMeter.EnsureMade(_reclaim);
        }
    }
}
