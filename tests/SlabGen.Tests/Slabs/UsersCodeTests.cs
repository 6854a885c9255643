using SlabGen.Memory;

namespace SlabGen.Tests.Slabs;

/// <summary>Constructors and destructors may use caches, also their own and each other's, and nothing of the allocator's is held while they run.</summary>
public sealed class UsersCodeTests
{
    private static readonly SlabCacheOptions s_noCaching = new() { Checked = true, NoMagazines = true, MinPartial = 0 };

    [ThreadStatic]
    private static Action? t_construct, t_destruct;

    private static Action? s_destructAnywhere;

    [Fact]
    public void ConstructorsThatAllocateFromEachOther_AreToldSo()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        KmemCache a = runtime.CreateCache<long, Life>("a", s_noCaching), b = runtime.CreateCache<int, OtherLife>("b", s_noCaching);
        t_construct = () => b.Alloc();
        OtherLife.Constructing = () => a.Alloc();
        var error = Assert.Throws<InvalidOperationException>(() => a.Alloc());
        Assert.Contains("'a'", error.Message, StringComparison.Ordinal);
        (t_construct, OtherLife.Constructing) = (null, null);
        Assert.False(a.Shrink());
        a.Free(a.Alloc());
    }

    [Fact]
    public void ADestructor_MayAllocateFromItsOwnCache()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        KmemCache cache = runtime.CreateCache<long, Life>("o", s_noCaching);
        int ran = 0;
        t_destruct = () =>
        {
            if (ran++ < 50)
            {
                cache.Free(cache.Alloc());
            }
        };
        cache.Free(cache.Alloc()); // the slab goes at once, and each of its destructors makes another
        t_destruct = null;
        Assert.True(ran > 50, $"{ran} destructors ran.");
        Assert.False(cache.Shrink());
    }

    [Fact]
    public void ADestructorOfADeadThreadsSlab_RunsWithoutAnyLock()
    {
        using var destructing = new ManualResetEventSlim();
        using var reclaimed = new ManualResetEventSlim();
        using SlabRuntime runtime = TestRuntime.OfPages(64); // its end waits for the destructor, which uses these
        KmemCache cache = runtime.CreateCache<long, Life>("o"), other = runtime.CreateCache("other", Page.Size);
        var thread = new Thread(() => cache.Free(cache.Alloc()));
        thread.Start();
        thread.Join();
        bool inTime = true;
        s_destructAnywhere = () =>
        {
            if (!destructing.IsSet)
            {
                destructing.Set();
                inTime = reclaimed.Wait(TimeSpan.FromSeconds(60)); // users' code that waits for a thread which allocates
            }
        };
        var allocates = new Thread(() =>
        {
            destructing.Wait();
            var all = new List<nint>();
            while (other.TryAlloc(out nint address)) // until memory has run out: reclaim goes over every cache, and its locks
            {
                all.Add(address);
            }

            other.FreeBulk([.. all]);
            reclaimed.Set();
        });
        allocates.Start();
        for (long end = Environment.TickCount64 + 60_000; !destructing.IsSet && Environment.TickCount64 < end;)
        {
            runtime.Background.WakeToReap();
            SpinWait.SpinUntil(() => destructing.IsSet, 100);
        }

        bool destructed = destructing.IsSet;
        destructing.Set(); // the other thread waits for it in any case
        allocates.Join();
        s_destructAnywhere = null;
        Assert.True(destructed, "No destructor ran.");
        Assert.True(inTime, "A destructor ran under a lock that reclaim needs.");
    }

    [Fact]
    public void DisposeInAConstructor_IsRefused()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache<long, Life>("o");
        t_construct = runtime.Dispose;
        var error = Assert.Throws<InvalidOperationException>(() => cache.Alloc());
        Assert.Contains("constructor", error.Message, StringComparison.Ordinal);
        t_construct = null;
        cache.Free(cache.Alloc());
    }

    [Fact]
    public void AConstructorThatRefusedOnce_IsNotBlamedForever()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(16);
        KmemCache cache = runtime.CreateCache<long, Life>("o", s_noCaching), other = runtime.CreateCache("other", Page.Size);
        t_construct = () => throw new NotSupportedException();
        Assert.Throws<NotSupportedException>(() => cache.Alloc());
        t_construct = null;
        var all = new List<nint>();
        while (other.TryAlloc(out nint address))
        {
            all.Add(address);
        }

        Assert.DoesNotContain("constructor", Assert.Throws<OutOfMemoryException>(() => cache.Alloc()).Message, StringComparison.Ordinal);
        other.FreeBulk([.. all]);
    }

    private readonly struct Life : ISlabLife<long>
    {
        public static bool Construct(ref long value)
        {
            t_construct?.Invoke();
            return true;
        }

        public static void Destruct(ref long value)
        {
            t_destruct?.Invoke();
            s_destructAnywhere?.Invoke();
        }
    }

    private readonly struct OtherLife : ISlabLife<int>
    {
        [field: ThreadStatic]
        public static Action? Constructing { get; set; }

        public static bool Construct(ref int value)
        {
            Constructing?.Invoke();
            return true;
        }

        public static void Destruct(ref int value)
        {
        }
    }
}
