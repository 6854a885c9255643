using System.Runtime.CompilerServices;
using SlabGen.Benchmarks.Allocators;

namespace SlabGen.Benchmarks.Workloads;

/// <summary>
/// The first word of the first object of 32 slabs, read one after the other in a random cycle. Slabs lie at multiples of
/// their size, so without colours all these words fall into the same set of the first-level cache, which has 8 to 12 places.
/// </summary>
/// <remarks>
/// Two caches with 16 objects to a slab of 16 KiB: objects of 1008 bytes leave room for colours, of 1024 bytes for none.
/// The word read holds the address of the next, so that a miss is waited for.
/// </remarks>
internal sealed class Color(string name) : Workload(name)
{
    public override IReadOnlyList<Lane> OpenLanes() => [new ColorLane(Allocators.Peers.SlabGen, 1008), new ColorLane(Allocators.Peers.SlabGen + "-one-colour", 1024)];

    public override IReadOnlyList<Action> WarmUps() => [ColorLane.WarmUp];

    protected override Lane Open<TAllocator, TObject>(string allocator) => throw new NotSupportedException();

    protected override Action WarmUp<TAllocator, TObject>() => throw new NotSupportedException();
}

/// <inheritdoc cref="Color"/>
internal sealed class ColorLane : Lane
{
    private const int HotSlabs = 32;

    private readonly KmemCache _cache;
    private readonly List<nint> _objects = [];
    private nint _at;

    public ColorLane(string allocator, int size)
        : base(allocator)
    {
        _cache = SlabRuntime.Default.CreateCache($"colour-{size}", size, new SlabCacheOptions { Order = 2 });
        long slabBytes = _cache.Snapshot().SlabBytes;
        var first = new Dictionary<long, nint>();
        while (first.Count < HotSlabs)
        {
            nint address = _cache.Alloc();
            _objects.Add(address);
            long slab = address / slabBytes;
            first[slab] = Math.Min(address, first.GetValueOrDefault(slab, nint.MaxValue));
        }

        // All objects of these slabs, so that the first of each is the lowest address.
        for (int i = _cache.Snapshot().ObjectsPerSlab; i > 1; i--)
        {
            nint address = _cache.Alloc();
            _objects.Add(address);
            if (first.TryGetValue(address / slabBytes, out nint lowest))
            {
                first[address / slabBytes] = Math.Min(address, lowest);
            }
        }

        nint[] hot = [.. first.Values];
        new Random(1).Shuffle(hot);
        for (int i = 0; i < hot.Length; i++)
        {
            new NativeObject(hot[i]).Word = hot[(i + 1) % hot.Length];
        }

        _at = hot[0];
    }

    /// <summary>Reads, that is.</summary>
    public override int ObjectsPerCall => 10_000;

    public static void WarmUp()
    {
        nint self = 0;
        Unsafe.SkipInit(out long word);
        unsafe
        {
            self = (nint)(&word);
        }

        word = self;
        _ = Chase(self, TierOne.WarmUpIterations);
    }

    public override void Call() => _at = Chase(_at, ObjectsPerCall);

    public override void Dispose()
    {
        _objects.ForEach(_cache.Free);
        _cache.Destroy();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static nint Chase(nint at, int count)
    {
        for (int i = 0; i < count; i++)
        {
            at = (nint)new NativeObject(at).Word;
        }

        return at;
    }
}
