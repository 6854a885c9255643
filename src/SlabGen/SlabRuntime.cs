using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using SlabGen.Magazines;
using SlabGen.Memory;
using SlabGen.Objects;
using SlabGen.Pages;
using SlabGen.Reclaim;
using SlabGen.Slabs;

namespace SlabGen;

/// <summary>
/// Memory, pages, caches and the control centre of one allocator. <see cref="Default"/> serves generated caches; a
/// program may have others, each with a limit of its own.
/// </summary>
/// <remarks>
/// The top of the layers: it makes the others and ties them together. Any thread may call anything. A runtime that is
/// dropped without <see cref="Dispose"/> keeps its memory: pointers into it may be anywhere, and no finalizer can know.
/// </remarks>
[DebuggerDisplay("{DebuggerDisplay,nq}")]
[DebuggerTypeProxy(typeof(SlabRuntimeDebugView))]
public sealed partial class SlabRuntime : IDisposable
{
    private readonly SlabRuntimeOptions _options;
    private readonly PageAllocator _pages;
    private readonly MetadataPools _pools;
    private readonly CacheTable _caches = new();
    private readonly DirectReclaim _reclaim;
    private readonly Lazy<Kmalloc> _kmalloc;
    private readonly LargeBlockOwners _largeBlockOwners = new();
    private readonly ReapTimer? _reapTimer;
    private int _disposed;

    /// <summary>Makes a runtime. It reserves address space, and takes memory only when objects are allocated.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="IOException">The file of <see cref="HighMemOptions.Path"/> cannot be made.</exception>
    /// <exception cref="OutOfMemoryException">The address space has no room for the memory limit.</exception>
    public SlabRuntime(SlabRuntimeOptions? options = null)
    {
        _options = options ?? new SlabRuntimeOptions();
        _options.Validate();
        _pages = new PageAllocator(_options.ToPageOptions());
        _pages.Reclaimer = _reclaim = new DirectReclaim(_pages, _caches, Shrinkers);
        _pools = new MetadataPools(_pages);
        RuntimeList.Add(_pages, _caches);
        _kmalloc = new Lazy<Kmalloc>(() => CreateKmalloc("kmalloc", account: null, isPrivate: false));
        _options.Pressure.Add(_reclaim.Background);
        _reapTimer = _options.ReapInterval == Timeout.InfiniteTimeSpan ? null : new ReapTimer(_reclaim, _options.ReapInterval);
    }

    /// <summary>The runtime of the process: generated caches live in it. It cannot be disposed.</summary>
    public static SlabRuntime Default { get; } = new();

    /// <summary>Memory of any size.</summary>
    /// <exception cref="InvalidOperationException">The memory limit is too small for a slab of its largest size.</exception>
    /// <exception cref="ObjectDisposedException">The runtime was disposed.</exception>
    public Kmalloc Kmalloc => _kmalloc.Value;

    /// <summary>The caches of the runtime, in the order in which they were made.</summary>
    public IReadOnlyList<KmemCache> Caches => _caches.All;

    /// <summary>Bytes that may be in use at once: what was asked for, in whole pages, within what the backing can reserve.</summary>
    public long MemoryLimit => _pages.Limit;

    /// <summary>
    /// Bytes held from the operating system now, page frames and slab metadata included. An upper bound: a free page
    /// counts as held when the block it was merged into is, and a page that was handed out counts before it is touched.
    /// </summary>
    public long CommittedBytes => _pages.CommittedBytes;

    /// <summary>The highest <see cref="CommittedBytes"/> so far.</summary>
    public long PeakCommittedBytes => _pages.PeakCommittedBytes;

    /// <summary>Whole pages, and the zones they come from.</summary>
    public PageAllocator Pages => _pages;

    /// <summary>What else can be freed when memory is short.</summary>
    public ShrinkerRegistry Shrinkers { get; } = new();

    /// <summary>Background reclaim, for tests.</summary>
    internal BackgroundReclaim Background => _reclaim.Background;

    /// <summary>What it does, for tests.</summary>
    internal DirectReclaim Reclaim => _reclaim;

    /// <summary>Makes a cache of objects of one size (<c>kmem_cache_create</c>).</summary>
    /// <param name="name">A name without white space, as <c>/proc/slabinfo</c> must show it. Two caches may share one.</param>
    /// <param name="objectSize">Bytes: 1 to 4 MiB, with pages of 4 KiB.</param>
    /// <param name="options">How the cache is laid out and how much it keeps.</param>
    /// <exception cref="ArgumentException">The name is empty or has white space; or a slab is larger than the memory limit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The size or an option is out of range.</exception>
    /// <exception cref="ObjectDisposedException">The runtime was disposed.</exception>
    public KmemCache CreateCache(string name, int objectSize, SlabCacheOptions? options = null) => CreateCache(name, objectSize, options, life: null);

    /// <summary>Makes a cache of objects of a type.</summary>
    /// <typeparam name="T">The type of the objects.</typeparam>
    /// <inheritdoc cref="CreateCache(string, int, SlabCacheOptions?)"/>
    public KmemCache CreateCache<T>(string name, SlabCacheOptions? options = null)
        where T : unmanaged => CreateCache(name, Unsafe.SizeOf<T>(), options, life: null);

    /// <summary>Makes a cache of objects of a type that are constructed and destructed.</summary>
    /// <typeparam name="T">The type of the objects.</typeparam>
    /// <typeparam name="TLife">The constructor and the destructor.</typeparam>
    /// <inheritdoc cref="CreateCache(string, int, SlabCacheOptions?)"/>
    public KmemCache CreateCache<T, TLife>(string name, SlabCacheOptions? options = null)
        where T : unmanaged
        where TLife : ISlabLife<T> => CreateCache(name, Unsafe.SizeOf<T>(), options, new SlabLife<T, TLife>());

    /// <summary>Makes a <see cref="SlabGen.Kmalloc"/> with caches of its own (<c>kmem_buckets_create</c>).</summary>
    /// <param name="name">A name without white space: its caches are <c>name-8</c> to <c>name-8k</c>.</param>
    /// <param name="account">Whose quota its blocks are charged to, or none.</param>
    /// <exception cref="ArgumentException">The name is empty or has white space.</exception>
    /// <exception cref="InvalidOperationException">The memory limit is too small for a slab of its largest size.</exception>
    /// <exception cref="ObjectDisposedException">The runtime was disposed.</exception>
    public Kmalloc CreateKmalloc(string name, SlabAccount? account = null)
    {
        ValidateName(name);
        return CreateKmalloc(name, account, isPrivate: true);
    }

    private static void ValidateName(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (name.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)))
        {
            throw new ArgumentException($"The cache name '{name}' has white space or control characters, which /proc/slabinfo cannot show.", nameof(name));
        }
    }

    private KmemCache CreateCache(string name, int objectSize, SlabCacheOptions? options, SlabLife? life)
    {
        options ??= new SlabCacheOptions();
        ValidateName(name);
        ArgumentOutOfRangeException.ThrowIfLessThan(objectSize, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(objectSize, SlabLayout.MaxObjectSize);
        options.Validate(name);
        Magazine.ValidateRounds(name, options.MagazineRounds);
        _pages.AddIfLow(options.Zone);
        var layout = SlabLayout.Of(name, objectSize, options, _options.Processors);
        options.ValidateLimits(name, layout);
        long leastSlab = ((long)Page.Size << layout.MinOrder) + Page.Size; // and a page for its descriptor
        if (leastSlab > _pages.UsableLimit)
        {
            throw new ArgumentException(
                $"Cache '{name}': a slab of objects of {objectSize} bytes and its descriptor take {leastSlab} bytes, more than the {_pages.UsableLimit} bytes that the memory limit of {MemoryLimit} bytes leaves besides its reserve.", nameof(objectSize));
        }

        var cache = new KmemCache(name, layout, options, options.IsChecked(_options.Checked), life, _pages, _pools, _caches, GracePeriods.OfProcess);
        options.Account?.Add(cache.Magazines);
        if (!_caches.TryAdd(cache))
        {
            options.Account?.Remove(cache.Magazines);
            throw new ObjectDisposedException(nameof(SlabRuntime));
        }

        return cache;
    }

    /// <summary>Takes back every free object of every cache, and gives every page that is then free to the operating system.</summary>
    /// <returns>Bytes given back.</returns>
    /// <exception cref="SlabException">A bad pointer was found in a magazine; all the same, everything else was taken back.</exception>
    public long Shrink()
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        long before = CommittedBytes;
        Exception? error = null;
        foreach (KmemCache cache in _caches.All)
        {
            cache.Deferred.FreeWithoutWaiting();
            Exception? found = cache.Magazines.Drain(close: false, out _) ?? cache.Magazines.TakePending();
            Exception? thrown = cache.Node.FinishReleasesQuietly();
            error ??= found ?? thrown;
        }

        _pages.Trim();
        if (error is not null)
        {
            ExceptionDispatchInfo.Throw(error);
        }

        return Math.Max(0, before - CommittedBytes);
    }

    /// <summary>
    /// As <see cref="Shrink"/>, and before that has every registered shrinker free what it can do without
    /// (<c>echo 2 > /proc/sys/vm/drop_caches</c>, <c>drop_slab</c>).
    /// </summary>
    /// <returns>Bytes given back.</returns>
    /// <inheritdoc cref="Shrink"/>
    public long DropCaches()
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        long before = CommittedBytes;
        for (int pass = 0; Shrinkers.Shrink(GfpFlags.Kernel, node: 0, priority: 0) >> pass > 1; pass++)
        {
            // As the kernel: until a pass frees little, and each must free twice as much as the one before to be repeated.
        }

        Shrink();
        return Math.Max(0, before - CommittedBytes);
    }

    /// <summary>
    /// Destroys every cache and gives all memory back. No other thread may be inside a call to a cache of this runtime. Waits
    /// for the grace periods that its caches wait for, and for destructors that run in the background.
    /// </summary>
    /// <exception cref="SlabException">A bad pointer was found in a magazine; everything was released all the same.</exception>
    /// <exception cref="InvalidOperationException">This is <see cref="Default"/>; or the calling thread is inside a read-side section of
    /// <see cref="Rcu"/>, or in a constructor or destructor of a cache of this runtime: nothing was done. Or objects are still live: then the
    /// caches are destroyed, and the memory stays mapped so that no pointer dangles.</exception>
    public void Dispose()
    {
        if (this == Default)
        {
            throw new InvalidOperationException("SlabRuntime.Default serves the generated caches of the whole process and cannot be disposed.");
        }

        Rcu.ThrowIfReading("SlabRuntime.Dispose");
        if (KmemCacheNode.IsInUsersCode(_pages))
        {
            throw new InvalidOperationException("SlabRuntime.Dispose was called in a constructor or destructor of a cache of this runtime, for whose end it would wait.");
        }

        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        _reapTimer?.Dispose();
        _options.Pressure.Remove(_reclaim.Background);
        _reclaim.Background.Dispose();
        _caches.Close();
        Exception? error = null;
        foreach (KmemCache cache in _caches.All)
        {
            cache.TryDestroy(out Exception? found);
            error ??= found ?? cache.Magazines.TakePending();
        }

        // Also what caches left behind that were destroyed before.
        KmemCache[] remains = _caches.Remains();
        List<string> leaks = [.. remains.Where(cache => !cache.Leak!.IsClean).Select(cache => cache.Leak!.ToString())];
        if (_pages.CountUserBytes() is > 0 and long bytes)
        {
            leaks.Add($"Blocks of {bytes} bytes in whole pages, of Kmalloc or the page allocator, were never freed.");
        }

        if (leaks.Count > 0)
        {
            throw new InvalidOperationException(string.Join(Environment.NewLine, leaks), error);
        }

        foreach (KmemCache cache in remains)
        {
            cache.Magazines.Release();
            cache.Node.DischargeAll();
        }

        // The finalizer's thread may be at a slab of a thread that died: no new one comes after the above.
        foreach (KmemCache cache in remains)
        {
            Exception? thrown = cache.Node.FinishReleasesQuietly();
            error ??= thrown;
            while (cache.Node.HasSlabsOffLists)
            {
                UninterruptibleLock.Pause();
            }
        }

        _pages.Release();
        if (error is not null)
        {
            ExceptionDispatchInfo.Throw(error);
        }
    }

    private Kmalloc CreateKmalloc(string name, SlabAccount? account, bool isPrivate)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        long least = KmallocSizes.Largest + Page.Size; // a slab of the largest size, and a page for its descriptor
        if (_pages.UsableLimit < least)
        {
            throw new InvalidOperationException($"Kmalloc needs a memory limit of {least} bytes or more besides the reserve; this runtime has {_pages.UsableLimit}.");
        }

        return new Kmalloc(name, account, isPrivate, _pages, _caches, _largeBlockOwners, (cacheName, size, alignment) =>
            CreateCache(cacheName, size, new SlabCacheOptions
            {
                Alignment = alignment,
                Order = SlabLayout.OrderOf(size, _options.Processors, Page.Size), // the kernel's: of many sizes most have few objects
                DepotBytes = Kmalloc.DepotBytes,
                Account = account,
            }));
    }
}
