using System.Diagnostics;
using System.Runtime.InteropServices;
using SlabGen.Memory;
using SlabGen.Tests.Concurrency;
using SlabGen.Tests.Generated;

namespace SlabGen.Tests.Caches;

/// <summary>Who finds an object of such a cache in a read-side section reads an object of that cache, though it was freed meanwhile.</summary>
[Collection("Rcu")]
public sealed class TypeSafeByRcuTests
{
    private const long Own = 0x6f776e, Alien = 0x616c69656e;

    /// <summary>
    /// The reader holds every object there is. They are freed, and another cache takes all the memory that it can have: without
    /// the option that is nearly every page the reader looks at, and with it none.
    /// </summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public unsafe void AReader_ReadsNoObjectOfAnotherCache(bool typeSafe)
    {
        using SlabRuntime runtime = TestRuntime.OfPages(128);
        KmemCache cache = runtime.CreateCache<Node>("node", new SlabCacheOptions { TypeSafeByRcu = typeSafe });
        KmemCache other = runtime.CreateCache("page", Page.Size);
        List<nint> nodes = TakeAll(cache, address => ((Node*)address)->Type = Own);
        using var reader = new RcuReaderThread();
        cache.FreeBulk([.. nodes]);
        cache.Shrink();
        Assert.Equal(0, cache.Snapshot().Slabs);

        List<nint> pages = TakeAll(other, address => new Span<long>((void*)address, Page.Size / sizeof(long)).Fill(Alien));
        int foreign = 0;
        reader.Run(() => foreign = nodes.Count(address => ((Node*)address)->Type == Alien));
        if (typeSafe)
        {
            Assert.Equal(0, foreign);
            reader.Run(() => Assert.All(nodes, address => Assert.Equal(Own, ((Node*)address)->Type)));
            Assert.True(pages.Count < 20, $"{pages.Count} pages although a reader held the others");
        }
        else
        {
            Assert.True(foreign > nodes.Count / 2, $"{foreign} of {nodes.Count}: this test would not see it");
        }

        reader.Leave();
        Rcu.Barrier();
        pages.AddRange(TakeAll(other, _ => { }));
        Assert.True(pages.Count > 100, $"{pages.Count} pages after the grace period");
        pages.ForEach(other.Free);
    }

    [Fact]
    public void AnObject_IsReusedAtOnce()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(128);
        KmemCache cache = runtime.CreateCache<Node>("node", new SlabCacheOptions { TypeSafeByRcu = true });
        using (Rcu.Read())
        {
            nint address = cache.Alloc();
            cache.Free(address);
            Assert.Equal(address, cache.Alloc());
            cache.Free(address);
        }
    }

    [Fact]
    public void Pages_GoBackWithoutACall()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        long before = runtime.Pages.UsedBytes;
        KmemCache cache = runtime.CreateCache<Node>("node", new SlabCacheOptions { TypeSafeByRcu = true });
        nint[] nodes = new nint[2000];
        cache.AllocBulk(nodes);
        using var reader = new RcuReaderThread();
        cache.FreeBulk(nodes);
        Assert.False(cache.Shrink());
        Assert.True(runtime.Pages.UsedBytes - before > 2000 * cache.SlotSize, "the reader holds the pages");
        reader.Leave();
        new TestThreads().WaitUntil(() => cache.Slabs.HasNoSlab, "the slabs to go back");
        runtime.Shrink(); // of the page sets
        Assert.True(runtime.Pages.UsedBytes <= before + Page.Size, $"{runtime.Pages.UsedBytes} bytes, {before} before");
    }

    [Fact]
    public void Destructors_RunAfterTheGracePeriod()
    {
        Life.Destructed = 0;
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        KmemCache cache = runtime.CreateCache<Node, Life>("node", new SlabCacheOptions { TypeSafeByRcu = true });
        using var reader = new RcuReaderThread();
        cache.Free(cache.Alloc());
        int objects = (int)cache.Snapshot().Objects;
        Assert.False(cache.Shrink());
        Assert.Equal(0, Life.Destructed);
        reader.Leave();
        Rcu.Barrier();
        Assert.Equal(objects, Life.Destructed);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TheEnd_WaitsForTheReader(bool ofTheRuntime)
    {
        SlabRuntime runtime = TestRuntime.OfPages(256);
        KmemCache cache = runtime.CreateCache<Node>("node", new SlabCacheOptions { TypeSafeByRcu = true });
        nint address = cache.Alloc();
        using var reader = new RcuReaderThread();
        cache.Free(address);
        var threads = new TestThreads();
        bool left = false;
        Thread ender = threads.Start(() =>
        {
            if (ofTheRuntime)
            {
                runtime.Dispose();
            }
            else
            {
                cache.Destroy();
                Assert.True(cache.Slabs.HasNoSlab);
            }

            Assert.True(Volatile.Read(ref left));
        });
        threads.WaitUntil(() => cache.Magazines.IsClosed && cache.Slabs.Capacity == 0 && (ender.ThreadState & System.Threading.ThreadState.WaitSleepJoin) != 0, "the end to wait");
        reader.Run(() => Assert.NotEqual(0, cache.Id)); // the slab still bears it
        Volatile.Write(ref left, true);
        reader.Leave();
        threads.Join();
        Assert.Equal(0, cache.Id);
        runtime.Dispose();
    }

    [Fact]
    public void AnObjectOfASlabThatLeaves_IsKnownToBeFree()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        KmemCache cache = runtime.CreateCache<Node>("node", new SlabCacheOptions { TypeSafeByRcu = true });
        nint address = cache.Alloc();
        using var reader = new RcuReaderThread();
        cache.Free(address);
        cache.Shrink();
        Assert.Equal(SlabFault.DoubleFree, cache.Slabs.Check(address));
        reader.Leave();
        Rcu.Barrier();
        Assert.Equal(SlabFault.ForeignPointer, cache.Slabs.Check(address));
    }

    /// <summary>
    /// A table whose readers take no lock and no count: they find a node, look whether it is the one they want, and look again where
    /// they found it. Its writers free nodes at once, and another cache takes whatever pages it can get.
    /// </summary>
    [Fact]
    public unsafe void UnderThreads_ReadersOfATable_MeetNodesOnly()
    {
        const int Keys = 64;
        using SlabRuntime runtime = TestRuntime.OfPages(512);
        KmemCache cache = runtime.CreateCache<Node>("node", new SlabCacheOptions { TypeSafeByRcu = true, DepotBytes = 0, MagazineRounds = 4 });
        KmemCache other = runtime.CreateCache("page", Page.Size, new SlabCacheOptions { DepotBytes = 0 });
        nint[] table = new nint[Keys];
        for (int key = 0; key < Keys; key++)
        {
            table[key] = NewNode(cache, key);
        }

        bool stop = false;
        long hits = 0, misses = 0, pages = 0;
        var threads = new TestThreads();
        for (int r = 0; r < 2; r++)
        {
            threads.Start(() =>
            {
                for (int key = 0; !Volatile.Read(ref stop); key = (key + 7) % Keys)
                {
                    using (Rcu.Read())
                    {
                        nint node = Volatile.Read(ref table[key]);
                        for (int i = 0; i < 20; i++)
                        {
                            Assert.Equal(Own, Volatile.Read(ref ((Node*)node)->Type));
                        }

                        bool hit = Volatile.Read(ref ((Node*)node)->Key) == key && Volatile.Read(ref table[key]) == node;
                        Interlocked.Increment(ref hit ? ref hits : ref misses);
                    }
                }
            });
        }

        threads.Start(() =>
        {
            for (int key = 0; !Volatile.Read(ref stop); key = (key + 1) % Keys)
            {
                cache.Free(Interlocked.Exchange(ref table[key], NewNode(cache, key)));
                if (key == 0)
                {
                    cache.Shrink();
                }
            }
        });
        threads.Start(() =>
        {
            while (!Volatile.Read(ref stop))
            {
                List<nint> taken = TakeAll(other, address => new Span<long>((void*)address, Page.Size / sizeof(long)).Fill(Alien), most: 200);
                taken.ForEach(other.Free);
                other.Shrink();
                Interlocked.Add(ref pages, taken.Count);
            }
        });
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < TestThreads.StressTime && !threads.HasFailed)
        {
            Thread.Sleep(20);
        }

        Volatile.Write(ref stop, true);
        threads.Join();
        Assert.True(hits > 1000 && misses + hits > 1000 && pages > 100, $"{hits} hits, {misses} misses, {pages} pages");
        Array.ForEach(table, cache.Free);
    }

    private static unsafe nint NewNode(KmemCache cache, long key)
    {
        nint address = cache.Alloc();
        ((Node*)address)->Type = Own;
        Volatile.Write(ref ((Node*)address)->Key, key);
        return address;
    }

    private static List<nint> TakeAll(KmemCache cache, Action<nint> use, int most = int.MaxValue)
    {
        var taken = new List<nint>();
        while (taken.Count < most && cache.TryAlloc(out nint address))
        {
            use(address);
            taken.Add(address);
        }

        return taken;
    }

    [StructLayout(LayoutKind.Sequential, Size = 256)]
    private struct Node
    {
        public long Type, Key;
    }

    private sealed class Life : ISlabLife<Node>
    {
        private static int s_destructed;

        public static int Destructed
        {
            get => Volatile.Read(ref s_destructed);
            set => Volatile.Write(ref s_destructed, value);
        }

        public static bool Construct(ref Node value)
        {
            value.Type = Own;
            return true;
        }

        public static void Destruct(ref Node value)
        {
            Assert.Equal(Own, value.Type);
            Interlocked.Increment(ref s_destructed);
        }
    }
}
