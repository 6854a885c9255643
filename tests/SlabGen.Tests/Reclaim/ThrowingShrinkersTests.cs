using SlabGen.Tests.Generated;

#pragma warning disable xUnit1051 // calls without a token are what is tested

namespace SlabGen.Tests.Reclaim;

/// <summary>Users' code that throws between what is charged or taken and what is handed out leaves nothing behind: no charge, no object, no page.</summary>
public sealed class ThrowingShrinkersTests
{
    private static readonly Dictionary<string, Func<Place, Action>> s_allocations = new()
    {
        ["a large block of an account"] = place => Block(place.Kmalloc, 5 << 20),
        ["a block of pages of an account"] = place => Block(place.Kmalloc, 20_000),
        ["a small block of an account"] = place => Block(place.Kmalloc, 100),
        ["a large block"] = place => Block(place.Runtime.Kmalloc, 5 << 20),
        ["an object of an account"] = place => Object(place.Charged),
        ["an object that waits for ever"] = place =>
        {
            nint taken = place.Charged.Alloc(GfpFlags.Kernel | GfpFlags.NoFail);
            return () => place.Charged.Free(taken);
        },
        ["objects of an account"] = place =>
        {
            nint[] objects = new nint[100];
            place.Charged.AllocBulk(objects);
            return () => place.Charged.FreeBulk(objects);
        },
        ["a constructed object of an account"] = place => Object(place.Constructed),
        ["a page"] = place =>
        {
            PagePtr page = place.Runtime.Pages.AllocPages(GfpFlags.Kernel, 3);
            return () => place.Runtime.Pages.FreePages(page);
        },
        ["a handle"] = place =>
        {
            var handles = new SlabHandles<long>(place.WithRoom);
            SlabHandle<long> handle = handles.Alloc();
            return () => handles.Free(handle);
        },
        ["a reservation"] = place => new SlabReservation<long>(place.Charged, 100).Dispose,
        ["a buffer"] = place => ((IDisposable)new SlabBuffer(place.Charged)).Dispose,
        ["a mempool"] = place => new Mempool(place.Charged, 50).Dispose,
        ["a larger mempool"] = place =>
        {
            place.Pool.Resize(100);
            return () => place.Pool.Resize(1);
        },
        ["an element of a mempool"] = place =>
        {
            nint element = place.Pool.Alloc();
            return () => place.Pool.Free(element);
        },
    };

    public static TheoryData<string> Allocations => [.. s_allocations.Keys];

    [Theory]
    [MemberData(nameof(Allocations))]
    public void A_shrinker_that_throws_leaves_no_charge_and_no_object_behind(string what)
    {
        using var place = new Place();
        (long used, long objects) = (place.Account.Used, place.CountObjects());
        place.Fill();
        var shrinker = new TestShrinker { Freeable = 1000 };
        shrinker.OnScan = (ref ShrinkControl control) => throw new FormatException("shrinker");
        place.Runtime.Shrinkers.Register(shrinker);
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal("shrinker", Assert.Throws<FormatException>(() => s_allocations[what](place)).Message);
        }

        Assert.True(place.Runtime.Shrinkers.Unregister(shrinker));
        place.FreeFilling();
        while (Record.Exception(() => place.Runtime.Shrink()) is { } late)
        {
            Assert.Equal("shrinker", Assert.IsType<FormatException>(late).Message); // what it threw in the background, if it was asked there too
        }

        Assert.Equal((used, objects), (place.Account.Used, place.CountObjects()));
        TestRuntime.CheckHealth(place.Runtime);

        s_allocations[what](place)();
        place.Runtime.Shrink();
        Assert.Equal((used, objects), (place.Account.Used, place.CountObjects()));
    }

    [Fact]
    public void A_warning_that_throws_leaves_the_limit_as_it_was()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache("o", 64, new SlabCacheOptions
        {
            MaxObjects = 10,
            LimitWarningInterval = TimeSpan.Zero,
            LimitWarning = _ => throw new FormatException("warning"),
        });
        nint[] all = new nint[10];
        cache.AllocBulk(all);
        for (int i = 0; i < 5; i++)
        {
            Assert.Throws<FormatException>(() => cache.Alloc());
            Assert.Throws<FormatException>(() => cache.AllocBulk(new nint[3]));
            Assert.Throws<FormatException>(() => cache.TryAlloc(out _));
            Assert.Throws<FormatException>(() => new SlabReservation<long>(cache, 5));
        }

        cache.FreeBulk(all);
        cache.AllocBulk(all);
        cache.FreeBulk(all);
    }

    [Fact]
    public void An_instance_that_cannot_be_made_leaves_no_cache_behind()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        int before = runtime.Caches.Count, made = 0;
        Assert.Throws<FormatException>(() => new Kmalloc("half", account: null, isPrivate: true, runtime.Pages, new(), new(), new(() => 0, 0, 0), (name, size, _) =>
            ++made < 20 ? runtime.CreateCache(name, size) : throw new FormatException()));
        Assert.Equal((20, before), (made, runtime.Caches.Count));
    }

    private static Action Block(Kmalloc kmalloc, nuint size)
    {
        nint block = kmalloc.Alloc(size);
        return () => kmalloc.Free(block);
    }

    private static Action Object(KmemCache cache)
    {
        nint taken = cache.Alloc();
        return () => cache.Free(taken);
    }

    /// <summary>A runtime of 8 MiB that can be filled to the last page.</summary>
    private sealed class Place : IDisposable
    {
        private readonly KmemCache _filling;
        private readonly List<nint> _filled = [], _elements = [];
        private readonly nint _one;

        public Place()
        {
            Runtime = TestRuntime.OfPages(2048);
            _filling = Runtime.CreateCache("filling", 512);
            var options = new SlabCacheOptions { Account = Account };
            Kmalloc = Runtime.CreateKmalloc("mine", Account);
            _ = Runtime.Kmalloc.Name;
            Charged = Runtime.CreateCache("charged", 64, options);
            Constructed = Runtime.CreateCache<long, Life>("constructed", options);
            WithRoom = Runtime.CreateCache<long>("room");
            _one = WithRoom.Alloc();
            Pool = new Mempool(Runtime.CreateCache("pooled", PageAllocator.PageSize), 1); // a slab has one object or a few
        }

        public SlabRuntime Runtime { get; }

        public SlabAccount Account { get; } = new("tenant", 1L << 30);

        public Kmalloc Kmalloc { get; }

        public KmemCache Charged { get; }

        public KmemCache Constructed { get; }

        public KmemCache WithRoom { get; }

        public Mempool Pool { get; }

        public void Fill()
        {
            while (_filling.TryAlloc(out nint address))
            {
                _filled.Add(address);
            }

            while (Pool.TryAlloc(out nint element))
            {
                _elements.Add(element);
            }
        }

        public void FreeFilling()
        {
            _filling.FreeBulk([.. _filled]);
            _filled.Clear();
            _elements.ForEach(Pool.Free);
            _elements.Clear();
        }

        public long CountObjects() => Runtime.Caches.Sum(cache => cache.Snapshot().LiveObjects);

        public void Dispose()
        {
            Pool.Dispose();
            WithRoom.Free(_one);
            Runtime.Dispose();
        }
    }

    private readonly struct Life : ISlabLife<long>
    {
        public static bool Construct(ref long value) => true;

        public static void Destruct(ref long value)
        {
        }
    }
}
