using System.Runtime.InteropServices;
using SlabGen.Memory;
using SlabGen.Tests.Concurrency;
using SlabGen.Tests.Generated;

namespace SlabGen.Tests.Slabs;

/// <summary>A slab on its way in or out still bears its cache's id, and its memory is still there.</summary>
public sealed class DetachedSlabsTests
{
    [Fact]
    public void TheEndOfACache_DuringADestructor_KeepsTheId_AndThatOfTheRuntimeWaits()
    {
        Blocker.Reset();
        var memory = new WatchedMemory(OsMemory.Current);
        SlabRuntime runtime = TestRuntime.OfPages(256, memory: memory);
        KmemCache cache = runtime.CreateCache<Node, Blocker>("node");
        var threads = new TestThreads();
        Blocker.BlockDestructor = true;
        threads.Start(() =>
        {
            cache.Free(cache.Alloc());
            cache.Shrink(); // of its own thread's objects all
        });
        Blocker.Reached.Wait(TestContext.Current.CancellationToken);

        // The lists are empty, but the frames of the slab still name it.
        Assert.Equal(0, cache.Slabs.Capacity);
        Assert.True(cache.Destroy().IsClean);
        int id = cache.Id;
        Assert.NotEqual(0, id);
        Assert.True(cache.Slabs.HasDetached);
        Assert.NotEqual(id, runtime.CreateCache("new", 64).Id);

        Thread ender = threads.Start(runtime.Dispose);
        threads.WaitUntil(() => memory.Releases > 0 || (ender.ThreadState & ThreadState.WaitSleepJoin) != 0 || !ender.IsAlive, "the runtime to wait");
        Assert.Equal(0, memory.Releases);
        Blocker.Go.Set();
        threads.Join();
        Assert.True(memory.Releases > 0);
        Assert.False(memory.ReleasedEarly);
    }

    [Fact]
    public void TheEndOfACache_DuringAConstructor_LeavesNoSlab()
    {
        Blocker.Reset();
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        KmemCache cache = runtime.CreateCache<Node, Blocker>("node");
        var threads = new TestThreads();
        Blocker.BlockConstructor = true;
        threads.Start(() => Assert.Throws<ObjectDisposedException>(() => cache.Alloc()));
        Blocker.Reached.Wait(TestContext.Current.CancellationToken);
        Assert.True(cache.Destroy().IsClean);
        Assert.NotEqual(0, cache.Id);
        Blocker.Go.Set();
        threads.Join();
        Assert.True(cache.Slabs.HasNoSlab);
        Assert.Equal(Blocker.Constructed, Blocker.Destructed);
        Assert.True(Blocker.Constructed > 0);
        Assert.Equal(0, runtime.Pages.CountUserBytes());

        runtime.CreateCache("next", 64).Destroy(); // the next end of a cache looks at what remains
        Assert.Equal(0, cache.Id);
    }

    [Fact]
    public void ADestructor_CannotEndItsRuntime()
    {
        Blocker.Reset();
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        KmemCache cache = runtime.CreateCache<Node, Blocker>("node");
        cache.Free(cache.Alloc());
        Exception? refused = null;
        Blocker.InDestructor = () => refused ??= Record.Exception(runtime.Dispose);
        cache.Shrink();
        Assert.Contains("destructor", Assert.IsType<InvalidOperationException>(refused).Message, StringComparison.Ordinal);
        cache.Free(cache.Alloc());
        Blocker.InDestructor = null;
    }

    [StructLayout(LayoutKind.Sequential, Size = 64)]
    private struct Node;

    /// <summary>Stops in its first constructor or destructor. One test at a time: they are of one class.</summary>
    private sealed class Blocker : ISlabLife<Node>
    {
        private static int s_constructed, s_destructed, s_inside;

        public static ManualResetEventSlim Reached { get; private set; } = new();

        public static ManualResetEventSlim Go { get; private set; } = new();

        public static bool BlockConstructor { get; set; }

        public static bool BlockDestructor { get; set; }

        public static Action? InDestructor { get; set; }

        public static int Constructed => s_constructed;

        public static int Destructed => s_destructed;

        public static bool IsInside => Volatile.Read(ref s_inside) > 0;

        public static void Reset()
        {
            (Reached, Go) = (new(), new());
            (BlockConstructor, BlockDestructor, InDestructor) = (false, false, null);
            (s_constructed, s_destructed) = (0, 0);
        }

        public static bool Construct(ref Node value)
        {
            Interlocked.Increment(ref s_constructed);
            if (BlockConstructor)
            {
                BlockConstructor = false;
                Block();
            }

            return true;
        }

        public static void Destruct(ref Node value)
        {
            Interlocked.Increment(ref s_destructed);
            InDestructor?.Invoke();
            if (BlockDestructor)
            {
                BlockDestructor = false;
                Block();
            }
        }

        private static void Block()
        {
            Interlocked.Increment(ref s_inside);
            Reached.Set();
            Go.Wait();
            Interlocked.Decrement(ref s_inside);
        }
    }

    /// <summary>Sees whether memory is unmapped while a destructor is at it.</summary>
    private sealed class WatchedMemory(IOsMemory inner) : TestRuntime.DecoratedMemory(inner)
    {
        private int _releases;

        public int Releases => Volatile.Read(ref _releases);

        public bool ReleasedEarly { get; private set; }

        public override void Unmap(nint address, long bytes)
        {
            ReleasedEarly |= Blocker.IsInside;
            Interlocked.Increment(ref _releases);
            if (!Blocker.IsInside)
            {
                base.Unmap(address, bytes); // else the mistake would end the process, and not the test
            }
        }
    }
}
