using System.Runtime.InteropServices;
using SlabGen.Memory;
using SlabGen.Tests.Concurrency;

namespace SlabGen.Tests.Caches;

/// <summary>What <see cref="FaultInjectionTests"/> does while faults are injected: each touches another path that asks for memory.</summary>
internal static partial class FaultScenarios
{
    public static readonly IReadOnlyDictionary<string, Action<Holder>> All = new Dictionary<string, Action<Holder>>
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
        ["whole pages"] = WholePages,
        ["high memory"] = HighMemory,
        ["handles"] = Handles,
        ["kmalloc in bulk"] = KmallocInBulk,
        ["private kmallocs"] = PrivateKmallocs,
        ["resets"] = Resets,
    };

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
