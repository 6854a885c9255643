using System.Runtime.InteropServices;
using SlabGen.Caches;
using SlabGen.Memory;
using SlabGen.Tests.Concurrency;
using SlabGen.Tests.Pages;

namespace SlabGen.Tests.Caches;

/// <summary>
/// Running out of memory at any single point breaks nothing: each scenario is run with the first allocation of pages failing, then the second,
/// until none is left to fail; once with memory back at once, once with none from then on. What cannot be had is an
/// <see cref="OutOfMemoryException"/>; every invariant holds behind it; and what was had is freed and gone to the last page. The same with
/// the commits of the operating system.
/// </summary>
public sealed class FaultInjectionTests
{
    public static TheoryData<string, bool> Cases
    {
        get
        {
            var cases = new TheoryData<string, bool>();
            foreach (string scenario in s_scenarios.Keys)
            {
                cases.Add(scenario, false);
                cases.Add(scenario, true);
            }

            return cases;
        }
    }

    private static readonly Dictionary<string, Action<Holder>> s_scenarios = new()
    {
        ["single objects"] = Singles,
        ["bulks"] = Bulks,
        ["frees"] = Frees,
        ["reservations"] = Reservations,
        ["kmalloc"] = Kmallocs,
        ["constructors"] = Constructors,
        ["two caches"] = TwoCaches,
        ["mempools"] = Mempools,
        ["deferred frees"] = DeferredFrees,
        ["moves"] = Moves,
        ["threads"] = Threads,
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void AnyAllocationOfPages_MayFail(string scenario, bool fromThenOn)
    {
        int nth = 0;
        for (bool failed = true; failed; nth += scenario == "threads" ? 7 : 1)
        {
            using SlabRuntime runtime = TestRuntime.OfPages(4096);
            var fault = new FailPages(runtime, nth, fromThenOn);
            Run(runtime, scenario, heal: () => runtime.Pages.FailPages = null);
            failed = fault.HasFailed;
        }

        Assert.True(nth > 3, "Hardly anything was allocated.");
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Any_allocation_of_pages_may_find_the_GC_heap_full(string scenario, bool fromThenOn)
    {
        int nth = 0;
        for (bool failed = true; failed; nth += scenario == "threads" ? 7 : 1)
        {
            using SlabRuntime runtime = TestRuntime.OfPages(4096);
            var fault = new FailPages(runtime, nth, fromThenOn, throws: true);
            Run(runtime, scenario, heal: () => runtime.Pages.FailPages = null);
            failed = fault.HasFailed;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void AnyCommit_MayFail(string scenario, bool fromThenOn)
    {
        int nth = 0;
        for (bool failed = true; failed; nth++)
        {
            var memory = new NthCommitFails(nth, fromThenOn);
            using SlabRuntime runtime = TestRuntime.OfPages(4096, memory: memory);
            Run(runtime, scenario, memory.Heal);
            failed = memory.HasFailed;
        }

        Assert.True(nth > 2, "Hardly anything was committed.");
    }

    private static void Run(SlabRuntime runtime, string scenario, Action heal)
    {
        var holder = new Holder(runtime);
        s_scenarios[scenario](holder);
        TestRuntime.CheckHealth(runtime);
        heal();
        holder.FreeAll();
        TestRuntime.CheckHealth(runtime);
        foreach (KmemCache cache in runtime.Caches.ToArray())
        {
            Assert.False(cache.Shrink());
            Assert.Equal((0L, 0L), (cache.Snapshot().Bytes, cache.Snapshot().MetadataBytes));
        }

        Assert.Equal(0, runtime.Pages.CountUserBytes());
        Assert.Equal(0, runtime.Pages.UsedBytes);
        foreach (KmemCache cache in runtime.Caches.ToArray())
        {
            Assert.True(cache.TryDestroy(out FoundErrors found)); // those of a Kmalloc too
            Assert.False(found.Any);
            Assert.True(cache.Leak!.IsClean);
        }
    }

    private static void Singles(Holder holder)
    {
        KmemCache cache = holder.Cache("o", 512);
        for (int i = 0; i < 60; i++)
        {
            holder.Alloc(cache);
        }
    }

    private static void Bulks(Holder holder)
    {
        KmemCache small = holder.Cache("small", 64), large = holder.Cache("large", 3 * Page.Size);
        foreach (int count in (int[])[1, 7, 100, 3])
        {
            holder.AllocBulk(small, count);
            holder.AllocBulk(large, count / 4);
        }
    }

    /// <summary>A free needs memory for magazines, and works without.</summary>
    private static void Frees(Holder holder)
    {
        KmemCache cache = holder.Cache("o", 128, new SlabCacheOptions { MagazineRounds = 3 });
        for (int round = 0; round < 3; round++)
        {
            holder.AllocBulk(cache, 50);
            holder.FreeSome(40);
            cache.Shrink();
        }
    }

    private static void Reservations(Holder holder)
    {
        KmemCache cache = holder.Cache("o", sizeof(long));
        for (int count = 1; count < 3000; count *= 5)
        {
            holder.Try(() =>
            {
                using var reservation = new SlabReservation<long>(cache, count);
                for (int i = 0; i < count / 2; i++)
                {
                    holder.Add(cache, reservation.Alloc().Address); // cannot fail
                }
            });
        }
    }

    private static void Kmallocs(Holder holder)
    {
        Kmalloc kmalloc = holder.Runtime.Kmalloc;
        foreach (int size in (int[])[8, 100, 8192, 20_000, 5 << 20])
        {
            nint block = 0;
            holder.Try(() => block = kmalloc.Alloc((nuint)size));
            if (block == 0)
            {
                continue;
            }

            nint kept = block;
            Marshal.WriteInt64(block, size);
            holder.Try(() => block = kmalloc.Realloc(block, (nuint)size * 3));
            Assert.Equal(size, Marshal.ReadInt64(block)); // moved, or as it was
            Assert.True(block != kept || kmalloc.UsableSize(block) >= (nuint)size);
            holder.AddBlock(block);
        }
    }

    private static void Constructors(Holder holder)
    {
        KmemCache cache = holder.Runtime.CreateCache<long, Life>("o");
        for (int i = 0; i < 1500; i++)
        {
            nint address = holder.Alloc(cache);
            Assert.True(address == 0 || Marshal.ReadInt64(address) == Life.Mark);
        }

        holder.FreeSome(1000);
        cache.Shrink();
        holder.AllocBulk(cache, 1200);
    }

    private static void TwoCaches(Holder holder)
    {
        KmemCache first = holder.Cache("first", 256), second = holder.Cache("second", 2048, new SlabCacheOptions { Zone = ZoneKind.HighMem });
        for (int i = 0; i < 40; i++)
        {
            holder.Alloc(i % 3 == 0 ? first : second);
            if (i % 8 == 7)
            {
                holder.FreeSome(5);
            }
        }
    }

    private static void Mempools(Holder holder)
    {
        KmemCache cache = holder.Cache("o", 1024);
        holder.Try(() =>
        {
            using var pool = new Mempool(cache, 30);
            holder.Try(() => pool.Resize(60));
            nint[] elements = new nint[pool.Minimum];
            for (int i = 0; i < elements.Length; i++)
            {
                Assert.True(pool.TryAlloc(out elements[i])); // what is in reserve is there
            }

            Array.ForEach(elements, pool.Free);
        });
    }

    private static void DeferredFrees(Holder holder)
    {
        KmemCache cache = holder.Cache("o", 512, new SlabCacheOptions { TypeSafeByRcu = true });
        for (int round = 0; round < 3; round++)
        {
            for (int i = 0; i < 20; i++)
            {
                if (cache.TryAlloc(out nint address))
                {
                    cache.FreeDeferred(address);
                }
            }

            Rcu.Barrier();
            cache.Shrink();
            holder.AllocBulk(cache, 10);
        }

        holder.FreeAll();
        cache.Shrink();
        Rcu.Synchronize(); // its slabs wait for readers
    }

    private static void Moves(Holder holder)
    {
        KmemCache cache = holder.Cache("o", 512);
        cache.SetMove((from, to) => holder.Move(cache, from, to));
        holder.AllocBulk(cache, 100);
        holder.FreeSome(70);
        cache.Consolidate();
        holder.AllocBulk(cache, 20);
    }

    private static void Threads(Holder holder)
    {
        KmemCache cache = holder.Cache("o", 256, new SlabCacheOptions { MagazineRounds = 3 });
        TestThreads.Run(3, number =>
        {
            var mine = new Holder(holder.Runtime);
            for (int i = 0; i < 60; i++)
            {
                mine.Alloc(cache);
                mine.AllocBulk(cache, 5);
                if (i % 4 == number)
                {
                    mine.FreeSome(15);
                }
            }

            mine.FreeAll();
        });
    }

    /// <summary>What a scenario holds, and may fail to get.</summary>
    private sealed class Holder(SlabRuntime runtime)
    {
        private readonly List<(KmemCache? Cache, nint Address)> _held = [];

        public SlabRuntime Runtime => runtime;

        public KmemCache Cache(string name, int size, SlabCacheOptions? options = null) => runtime.CreateCache(name, size, options);

        public void Add(KmemCache cache, nint address) => _held.Add((cache, address));

        public void AddBlock(nint address) => _held.Add((null, address));

        public void Try(Action action)
        {
            try
            {
                action();
            }
            catch (OutOfMemoryException)
            {
            }
        }

        public nint Alloc(KmemCache cache)
        {
            if (cache.TryAlloc(out nint address))
            {
                Add(cache, address);
            }

            return address;
        }

        public void AllocBulk(KmemCache cache, int count)
        {
            nint[] addresses = new nint[count];
            Try(() =>
            {
                cache.AllocBulk(addresses);
                Array.ForEach(addresses, address => Add(cache, address));
            });
        }

        public SlabMoveReply Move(KmemCache cache, nint from, nint to)
        {
            int index = _held.IndexOf((cache, from));
            if (index < 0)
            {
                return SlabMoveReply.DontKnow;
            }

            _held[index] = (cache, to);
            return SlabMoveReply.Yes;
        }

        public void FreeSome(int count)
        {
            for (; count > 0 && _held.Count > 0; count--)
            {
                int index = (int)(count * 7L % _held.Count);
                (KmemCache? cache, nint address) = _held[index];
                _held[index] = _held[^1];
                _held.RemoveAt(_held.Count - 1);
                if (cache is null)
                {
                    runtime.Kmalloc.Free(address);
                }
                else
                {
                    cache.Free(address);
                }
            }
        }

        public void FreeAll() => FreeSome(int.MaxValue);
    }

    private sealed class NthCommitFails(int nth, bool fromThenOn) : TestRuntime.DecoratedMemory(OsMemory.Current)
    {
        private int _asked;
        private bool _healed;

        public bool HasFailed => Volatile.Read(ref _asked) > nth;

        public void Heal() => Volatile.Write(ref _healed, true);

        public override bool Commit(nint address, long bytes)
        {
            if (Volatile.Read(ref _healed))
            {
                return base.Commit(address, bytes);
            }

            int number = Interlocked.Increment(ref _asked) - 1;
            return number != nth && !(fromThenOn && number > nth) && base.Commit(address, bytes);
        }
    }

    private sealed class Life : ISlabLife<long>
    {
        public const long Mark = 0x5a5a;

        public static bool Construct(ref long value)
        {
            value = Mark;
            return true;
        }

        public static void Destruct(ref long value) => value = 0;
    }
}
