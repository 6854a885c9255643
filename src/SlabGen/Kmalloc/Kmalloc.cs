using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SlabGen.Caches;
using SlabGen.CompilerServices;
using SlabGen.Guards;
using SlabGen.Magazines;
using SlabGen.Memory;
using SlabGen.Slabs;
using SlabGen.Zones;

namespace SlabGen;

/// <summary>
/// Memory of any size: caches for sizes from 8 bytes to 1 MiB, and the page allocator for what is larger
/// (<c>kmalloc</c>). Any thread may call anything.
/// </summary>
/// <remarks>
/// A block of 9 bytes or more is aligned to at least 16 bytes. A block whose size is a power of two, up to the page
/// size, is aligned to its size. A block above 8192 bytes is of whole pages, and aligned to the page.
/// <see cref="Realloc(nint, nuint)"/> leaves a block that still fits where it is, aligned as it was: after it only 16
/// bytes are certain (8 for 8 bytes or less). For more there is <see cref="Alloc(nuint, int)"/>. Like the kernel's
/// <c>kfree</c>, <see cref="Free"/> also takes back objects of any other cache of its runtime, and blocks of any other
/// instance: the page says whose a block is. A private instance
/// (<see cref="SlabRuntime.CreateKmalloc(string, SlabAccount?)"/>) shares no slab with others. A stray write of one
/// user does not reach another's blocks of the same size, and a user's blocks can be counted, limited and ended.
/// </remarks>
public sealed partial class Kmalloc
{
    /// <summary>
    /// What an allocation of 0 bytes returns: an address that can be freed, but not used (<c>ZERO_SIZE_PTR</c>).
    /// </summary>
    public const nint ZeroSizePointer = 16;

    /// <summary>
    /// What the depot of a size keeps at most; what those of all sizes keep together beyond the recent peak; and what
    /// each always may (<see cref="DepotBudget"/>).
    /// </summary>
    internal const long DepotBytes = 64 << 20, DepotSlack = 512 << 10, DepotBytesOfOneSize = 32 << 10;

    private readonly LargeBlockOwners _owners;
    private readonly bool _isPrivate;
    private readonly DepotBudget _budget;
    private uint _turn; // interlocked: whose depot is asked next
    private bool _destroyed; // goes to true once, by exchange
    private int _resets; // who resets; read by anyone
    private readonly PageAllocator _pages;
    private readonly CacheTable _table;
    private readonly KmemCache[] _caches;

    // The ids of the caches by KmallocSizes.BucketOf, and what finds the id of a block in the zone that nearly all lie
    // in: an id is all that the fast path needs to find the thread's bin. It is 0 once its cache gave it up, and where
    // there are no bins for it.
    private readonly ushort[] _ids;
    private readonly CacheIdLookup _idOf;

    // Of whole pages (.WholePages): the index in _caches of the first, and by the number of pages the index of the
    // cache from there, and its id, as in _ids.
    private readonly int _firstWhole;
    private readonly byte[] _wholeIndex;
    private readonly ushort[] _wholeIds;

    /// <summary>The name: <c>kmalloc</c>, or that of a private instance.</summary>
    public string Name { get; }

    /// <summary>Whose quota the slabs and the blocks of whole pages are charged to, or none.</summary>
    public SlabAccount? Account { get; }

    internal Kmalloc(string name, SlabAccount? account, bool isPrivate, PageAllocator pages, CacheTable table,
        LargeBlockOwners owners, DepotBudget budget, Func<string, int, int, KmemCache> createCache)
    {
        _budget = budget;
        budget.Relieve = () => RelieveDepots();
        Name = name;
        Account = account;
        _isPrivate = isPrivate;
        _owners = owners;
        _pages = pages;
        _table = table;
        int[] whole = KmallocSizes.WholePages(pages.UsableLimit);
        _caches = CreateCaches(name, whole, createCache);
        _firstWhole = KmallocSizes.All.Length;
        _wholeIndex = IndexByPages(whole);
        _wholeIds = new ushort[_wholeIndex.Length];
        _idOf = new CacheIdLookup(pages.Normal);
        _ids = new ushort[KmallocSizes.BucketOf(KmallocSizes.Largest) + 1];
        for (int i = 0; i < _caches.Length; i++)
        {
            int index = i;
            SetIds(index, _caches[i].HasBins ? _caches[i].Id : 0);
            _caches[i].OfKmalloc = name;
            _caches[i].IdGivenUp = () => SetIds(index, 0);
        }
    }

    /// <summary>
    /// For memory whose size is known at run time only: strings, messages, arrays. Objects of one type are smaller and
    /// faster in a cache, and <see cref="AllocBlock(int)"/> gives a block an owner and a span. Allocates a block, which
    /// may hold old data (<c>kmalloc</c>); <see cref="AllocZeroed(nuint)"/> clears it.
    /// </summary>
    /// <example><code><![CDATA[
    /// Kmalloc kmalloc = SlabRuntime.Default.Kmalloc;
    /// nint block = kmalloc.Alloc(100);
    /// block = kmalloc.Realloc(block, 5000);
    /// kmalloc.Free(block);
    /// ]]></code></example>
    /// <param name="size">Bytes; 0 gives <see cref="ZeroSizePointer"/>.</param>
    /// <exception cref="OutOfMemoryException">The memory limit or that of the account is reached, and nothing could be
    /// taken back.</exception>
    /// <exception cref="ObjectDisposedException">The instance was destroyed, or the runtime disposed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe nint Alloc(nuint size)
    {
        if (size - 1 < KmallocSizes.Largest)
        {
            nint bins = ThreadBins.OfThisThread;
            return bins != 0 && ThreadBins.Of(bins, IdOf(size))->TryAlloc(out nint address) ? address : AllocSlow(size);
        }

        return AllocLarge(size);
    }

    /// <summary>Allocates a block of zeros (<c>kzalloc</c>).</summary>
    /// <inheritdoc cref="Alloc(nuint)"/>
    public unsafe nint AllocZeroed(nuint size)
    {
        nint address = Alloc(size);
        NativeMemory.Clear((void*)address, size);
        return address;
    }

    /// <summary>Frees a block (<c>kfree</c>). Null and <see cref="ZeroSizePointer"/> are ignored.</summary>
    /// <param name="address">What an allocation returned.</param>
    /// <exception cref="SlabException">The address, or one freed before, is not the start of a block of this runtime,
    /// or the block is free already.</exception>
    /// <exception cref="ObjectDisposedException">The runtime was disposed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe void Free(nint address)
    {
        // Null lies in no slab: its id is 0.
        nint bins = ThreadBins.OfThisThread;
        if (bins == 0 || !ThreadBins.Of(bins, _idOf.Get(address))->TryFree(address))
        {
            FreeSlow(address);
        }
    }

    /// <summary>
    /// Changes the size of a block, and its address if need be; the contents up to the lesser size stay
    /// (<c>krealloc</c>).
    /// </summary>
    /// <remarks>
    /// A block that still fits, and is less than twice as large as needed, stays where it is, and is aligned as it was,
    /// also when the new size is a power of two.
    /// </remarks>
    /// <param name="address">A block, or null or <see cref="ZeroSizePointer"/> for a new one.</param>
    /// <param name="size">Bytes; 0 frees the block and gives <see cref="ZeroSizePointer"/>.</param>
    /// <exception cref="OutOfMemoryException">There is no memory for the new size; the block is unchanged.</exception>
    /// <exception cref="SlabException">The address is not the start of a block of this runtime.</exception>
    /// <exception cref="ObjectDisposedException">The runtime was disposed, or the block is of a private instance that
    /// was destroyed; it is unchanged.</exception>
    public nint Realloc(nint address, nuint size)
    {
        nuint usable = SizeOf(address, out KmemCache? cache);
        if (size != 0 && usable >= size && usable / 2 < size)
        {
            return address; // it fits, and a new block would not be much smaller
        }

        return Move(address, cache, Alloc(size), Math.Min(usable, size));
    }

    /// <summary>Bytes that can be used at an address: the size that was asked for, rounded up (<c>ksize</c>).</summary>
    /// <param name="address">A live block, or null or <see cref="ZeroSizePointer"/>, which have 0.</param>
    /// <exception cref="SlabException">The address is not the start of a block of this runtime.</exception>
    public nuint UsableSize(nint address) => SizeOf(address, out _);

    private nuint SizeOf(nint address, out KmemCache? cache)
    {
        cache = null;
        if (address is 0 or ZeroSizePointer)
        {
            return 0;
        }

        SlabFault fault = SlabFault.ForeignPointer;
        cache = _table.Find(SlabCacheIdOf(address));
        if (cache is not null)
        {
            fault = cache.Check(address);
            if (fault == SlabFault.None)
            {
                return (nuint)cache.UsableSize;
            }
        }
        else if (_pages.SizeOf(address) is > 0 and long size)
        {
            return (nuint)size;
        }

        ThrowIfUnmapped();
        throw Throw.NotABlock(address, fault);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private nint AllocSlow(nuint size)
    {
        return _caches[KmallocSizes.IndexOf(size)].AllocOfKmalloc(ThreadBins.OfThisThread);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private unsafe void FreeSlow(nint address)
    {
        if (address is 0 or ZeroSizePointer)
        {
            return;
        }

        uint id = SlabCacheIdOf(address);
        nint bins = ThreadBins.OfThisThread;
        if (bins != 0 && id < ThreadBins.Count && !GuardRange.Contains(address)
            && ThreadBins.Of(bins, id)->TryFree(address))
        {
            return; // in another zone
        }

        if (_table.Find(id) is { } cache)
        {
            cache.FreeOfKmalloc(bins, address);
        }
        else if (!TryFreeLarge(address))
        {
            ThrowIfUnmapped();
            throw Throw.NotABlock(address, SlabFault.ForeignPointer);
        }
    }

    /// <summary>
    /// The id of the cache of a size, 1 to <see cref="KmallocSizes.Largest"/>; 0 when there are no bins for it.
    /// </summary>
    /// <remarks>
    /// Volatile: a loop that holds an id which was given up could reach into the bin of another cache.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint IdOf(nuint size) =>
        Volatile.Read(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_ids), KmallocSizes.BucketOf(size)));

    /// <summary>The id of the cache whose slab an address lies in; 0 when there is none.</summary>
    private unsafe uint SlabCacheIdOf(nint address) =>
        _idOf.Get(address) is > 0 and uint id ? id
        : GuardPool.Find(address) is { } guarded ? guarded.CacheId
        : _pages.TryGetFrame(address, out _, out PageFrame* frame) ? Volatile.Read(ref frame->Private) : 0;

    /// <summary>All of them, or none: an instance that could not be made leaves no cache behind.</summary>
    private static KmemCache[] CreateCaches(string name, int[] wholePages,
        Func<string, int, int, KmemCache> createCache)
    {
        var caches = new List<KmemCache>(KmallocSizes.All.Length + wholePages.Length);
        try
        {
            foreach (int size in KmallocSizes.All)
            {
                caches.Add(createCache(KmallocSizes.NameOf(name, size), size, KmallocSizes.AlignmentOf(size)));
            }

            foreach (int pages in wholePages)
            {
                int size = pages << Page.Shift;
                caches.Add(createCache(KmallocSizes.NameOf(name, size), size, Page.Size));
            }

            return [.. caches];
        }
        catch
        {
            caches.ForEach(cache => cache.TryDestroy(out _)); // never used: there is nothing to tell
            throw;
        }
    }

    private void SetIds(int index, int id)
    {
        if (index >= _firstWhole)
        {
            SetWholeIds(index - _firstWhole, id);
            return;
        }

        int first = index == 0 ? 1 : KmallocSizes.BucketOf((nuint)KmallocSizes.All[index - 1]) + 1;
        int last = KmallocSizes.BucketOf((nuint)KmallocSizes.All[index]);
        for (int bucket = first; bucket <= last; bucket++)
        {
            Volatile.Write(ref _ids[bucket], (ushort)id);
        }
    }

    private void ThrowIfUnmapped() => ObjectDisposedException.ThrowIf(_pages.IsUnmapped, this);
}
