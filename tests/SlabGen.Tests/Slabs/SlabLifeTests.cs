using SlabGen.Memory;
using SlabGen.Tests.Concurrency;

namespace SlabGen.Tests.Slabs;

/// <summary>Objects are constructed once, come back as they were, and are destructed once.</summary>
public sealed class SlabLifeTests
{
    private const int Size = 32;

    [Fact]
    public unsafe void AnObject_IsConstructedOnce_AndComesBackAsItWasFreed()
    {
        Log.Clear();
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        KmemCache cache = runtime.CreateCache<Node, Life>("node");
        nint first = cache.Alloc();
        Assert.Equal(Life.Mark, ((Node*)first)->Value);
        Assert.Equal(cache.Snapshot().Objects, Log.Constructed.Count);
        ((Node*)first)->Value = 7;
        cache.Free(first);
        nint again = cache.Alloc();
        Assert.Equal(first, again);
        Assert.Equal(7, ((Node*)again)->Value);

        nint[] many = new nint[1000];
        cache.AllocBulk(many);
        Assert.All(many, o => Assert.Equal(Life.Mark, ((Node*)o)->Value));
        Assert.Empty(Log.Destructed);
        cache.FreeBulk(many);
        cache.Free(again);
        Assert.False(cache.Shrink());
        Assert.Equal(Log.Constructed.Order(), Log.Destructed.Order());
        Assert.Equal(Log.Constructed.Count, Log.Constructed.Distinct().Count());
    }

    [Fact]
    public void Destroy_DestructsWhatIsFree_AndNotWhatIsLive()
    {
        Log.Clear();
        SlabRuntime runtime = TestRuntime.OfPages(256);
        KmemCache cache = runtime.CreateCache<Node, Life>("node");
        nint live = cache.Alloc();
        nint[] many = new nint[1000];
        cache.AllocBulk(many);
        cache.FreeBulk(many);
        int perSlab = cache.Snapshot().ObjectsPerSlab;
        Assert.Equal([live], cache.Destroy().Addresses);
        Assert.Equal(Log.Constructed.Count - perSlab, Log.Destructed.Count); // its slab stays as it is
        Assert.DoesNotContain(live, Log.Destructed);
        Assert.Throws<InvalidOperationException>(runtime.Close);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AConstructorThatFailsHalfway_LosesNothing(bool throws)
    {
        Log.Clear();
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        KmemCache cache = runtime.CreateCache<Node, Life>("node");
        nint held = cache.Alloc();
        int perSlab = (int)cache.Snapshot().Objects;
        Log.FailAt = Log.Constructed.Count + 10;
        Log.Throws = throws;
        nint[] many = new nint[perSlab + 5];
        if (throws)
        {
            Assert.Equal("constructor", Assert.Throws<FormatException>(() => cache.AllocBulk(many)).Message);
        }
        else
        {
            Assert.Contains("constructor", Assert.Throws<OutOfMemoryException>(() => cache.AllocBulk(many)).Message, StringComparison.Ordinal);
        }

        Assert.All(many, o => Assert.Equal(0, o));
        Assert.Equal(1, cache.Snapshot().LiveObjects);
        Assert.Equal(Log.Constructed.Skip(perSlab).Order(), Log.Destructed.Order()); // those of the failed slabs
        TestRuntime.CheckHealth(runtime);

        Log.FailAt = int.MaxValue;
        cache.AllocBulk(many);
        cache.FreeBulk(many);
        cache.Free(held);
        Assert.False(cache.Shrink());
        Assert.Equal(Log.Constructed.Order(), Log.Destructed.Order());
        Assert.Equal(0, runtime.Pages.CountUserBytes());
    }

    [Fact]
    public void ADestructorThatThrows_IsHeard_AndTheOthersRun()
    {
        Log.Clear();
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        KmemCache cache = runtime.CreateCache<Node, Life>("node");
        cache.Free(cache.Alloc());
        Log.DestructorThrows = true;
        Assert.Equal("destructor", Assert.Throws<FormatException>(() => cache.Shrink()).Message);
        Log.DestructorThrows = false;
        Assert.Equal(Log.Constructed.Order(), Log.Destructed.Order());
        Assert.Equal(0, cache.Snapshot().Slabs);
        TestRuntime.CheckHealth(runtime);
        cache.Free(cache.Alloc());
    }

    [Fact]
    public void AConstructor_MayUseOtherCaches_ButNotItsOwn()
    {
        Log.Clear();
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        KmemCache other = runtime.CreateCache<Node, Life>("other"), cache = runtime.CreateCache<Node, Life>("node");
        Log.InConstructor = _ =>
        {
            Log.InConstructor = null;
            other.Free(other.Alloc());
        };
        cache.Free(cache.Alloc());
        cache.Shrink();

        Log.InConstructor = _ => cache.Free(cache.Alloc());
        Assert.Contains("'node'", Assert.Throws<InvalidOperationException>(() => cache.Alloc()).Message, StringComparison.Ordinal);
        Log.InConstructor = null;
        cache.Free(cache.Alloc());
        Assert.Throws<InvalidOperationException>(() => cache.AllocZeroed());
    }

    [Fact]
    public void MemoryOfAConstructedCache_ServesAnother()
    {
        Log.Clear();
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache<Node, Life>("node"), other = runtime.CreateCache("other", Page.Size);
        var live = new List<nint>();
        while (cache.TryAlloc(out nint address))
        {
            live.Add(address);
        }

        Assert.True(live.Count * Size > 56 * Page.Size, $"only {live.Count}");
        live.ForEach(cache.Free);
        nint[] pages = new nint[40];
        other.AllocBulk(pages);
        Assert.True(Log.Destructed.Count >= 30 * Page.Size / Size);
        other.FreeBulk(pages);
    }

    [Fact]
    public void ThreadsTogether_ConstructAndDestructEachObjectOnce()
    {
        Log.Clear();
        using SlabRuntime runtime = TestRuntime.OfPages(512);
        KmemCache cache = runtime.CreateCache<Node, Life>("node");
        var threads = new TestThreads();
        for (int t = 0; t < 4; t++)
        {
            threads.Start(() =>
            {
                nint[] objects = new nint[700];
                for (int round = 0; round < 50; round++)
                {
                    cache.AllocBulk(objects);
                    cache.FreeBulk(objects);
                    if (round % 10 == 0)
                    {
                        cache.Shrink();
                    }
                }
            });
        }

        threads.Join();
        cache.Shrink();
        Assert.Equal(0, cache.Snapshot().Slabs);
        Assert.Equal(Log.Constructed.Count, Log.Destructed.Count);
    }

    [System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Sequential, Size = Size)]
    private struct Node
    {
        public long Value;
    }

    /// <summary>What the constructor and the destructor did, and what they shall do. One test at a time: they are of one class.</summary>
    private static class Log
    {
        private static readonly List<nint> s_constructed = [], s_destructed = [];

        public static int FailAt { get; set; }

        public static bool Throws { get; set; }

        public static bool DestructorThrows { get; set; }

        public static Action<nint>? InConstructor { get; set; }

        public static List<nint> Constructed => s_constructed;

        public static List<nint> Destructed => s_destructed;

        public static void Clear()
        {
            s_constructed.Clear();
            s_destructed.Clear();
            (FailAt, Throws, DestructorThrows, InConstructor) = (int.MaxValue, false, false, null);
        }
    }

    private sealed class Life : ISlabLife<Node>
    {
        public const long Mark = 0x5a5a5a5a;

        public static unsafe bool Construct(ref Node value)
        {
            nint address = (nint)System.Runtime.CompilerServices.Unsafe.AsPointer(ref value);
            Log.InConstructor?.Invoke(address);
            lock (Log.Constructed)
            {
                if (Log.Constructed.Count >= Log.FailAt)
                {
                    return Log.Throws ? throw new FormatException("constructor") : false;
                }

                value.Value = Mark;
                Log.Constructed.Add(address);
                return true;
            }
        }

        public static unsafe void Destruct(ref Node value)
        {
            lock (Log.Constructed)
            {
                Log.Destructed.Add((nint)System.Runtime.CompilerServices.Unsafe.AsPointer(ref value));
            }

            if (Log.DestructorThrows)
            {
                throw new FormatException("destructor");
            }
        }
    }
}
