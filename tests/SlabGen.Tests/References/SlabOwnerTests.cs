using SlabGen.Tests.Concurrency;

namespace SlabGen.Tests.References;

/// <summary>An owner of one object lives across await, and frees it once.</summary>
public sealed class SlabOwnerTests
{
    [Fact]
    public async Task It_lives_across_await_and_ends_on_another_thread()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache<Pair>("pair");
        using (var owner = new SlabOwner<Pair>(cache))
        {
            owner.Value = new Pair { Small = 1, Large = 2 };
            for (int i = 0; i < 3; i++)
            {
                await Task.Yield();
                owner.Value.Large++;
            }

            await Task.Factory.StartNew(() => owner.Value.Large++, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            Assert.Equal((1, 6L), (owner.Value.Small, owner.Pointer.Value.Large));
            Assert.Equal(1, cache.Snapshot().LiveObjects);
        }

        var other = new SlabOwner<Pair>(cache);
        await Task.Factory.StartNew(other.Dispose, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Assert.Equal(0, cache.Snapshot().LiveObjects);
        TestRuntime.CheckHealth(runtime);
    }

    [Fact]
    public void Disposed_a_second_time_it_frees_nothing_and_nothing_reaches_it()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        using var cache = new KmemCache<Pair>(runtime);
        SlabOwner<Pair> owner = cache.Own(), same = owner;
        owner.Dispose();
        SlabPtr<Pair> next = cache.Alloc(); // the same object, and now another's
        same.Dispose();
        Assert.Equal(1, cache.Cache.Snapshot().LiveObjects);
        Assert.Throws<ObjectDisposedException>(() => owner.Value.Small);
        Assert.Throws<ObjectDisposedException>(() => owner.Pointer);
        cache.Free(next);
        TestRuntime.CheckHealth(runtime);
    }

    [Fact]
    public void In_checked_mode_the_second_disposal_throws()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64, isChecked: true);
        using var cache = new KmemCache<Pair>(runtime);
        SlabOwner<Pair> owner = cache.Own();
        nint address = owner.Pointer.Address;
        owner.Dispose();
        SlabException error = Assert.Throws<SlabException>(owner.Dispose);
        Assert.Equal((SlabFault.DoubleFree, address), (error.Fault, error.Address));
        Assert.Equal(0, cache.Cache.Snapshot().LiveObjects);
    }

    [Fact]
    public void Of_threads_that_dispose_of_it_one_frees()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache<Pair>("pair");
        for (int round = 0; round < 100; round++)
        {
            var owner = new SlabOwner<Pair>(cache);
            TestThreads.Run(2, _ => owner.Dispose());
            Assert.Equal(0, cache.Snapshot().LiveObjects);
        }

        TestRuntime.CheckHealth(runtime); // an object that was freed twice would be in two places
    }

    [Fact]
    public void Bad_arguments_are_named()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        Assert.Throws<ArgumentNullException>(() => new SlabOwner<Pair>(null!));
        Assert.Contains("'small'", Assert.Throws<ArgumentException>(() => new SlabOwner<Pair>(runtime.CreateCache("small", 8))).Message, StringComparison.Ordinal);
        KmemCache movable = runtime.CreateCache<Pair>("movable");
        movable.SetMove((_, _) => SlabMoveReply.No);
        Assert.Contains("'movable'", Assert.Throws<InvalidOperationException>(() => new SlabOwner<Pair>(movable)).Message, StringComparison.Ordinal);
        KmemCache owned = runtime.CreateCache<Pair>("owned");
        new SlabOwner<Pair>(owned).Dispose();
        Assert.Contains("owners", Assert.Throws<InvalidOperationException>(() => owned.SetMove((_, _) => SlabMoveReply.No)).Message, StringComparison.Ordinal);
        KmemCache full = runtime.CreateCache<Pair>("full", new SlabCacheOptions { MaxObjects = 1 });
        using var only = new SlabOwner<Pair>(full);
        Assert.Throws<OutOfMemoryException>(() => new SlabOwner<Pair>(full));
        owned.Destroy();
        Assert.Throws<ObjectDisposedException>(() => new SlabOwner<Pair>(owned));
    }

    [Fact]
    public void It_is_48_bytes_of_garbage()
    {
        Assert.SkipUnless(Environment.Is64BitProcess, "counts the bytes of 64-bit objects");
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache<Pair>("pair");
        var owners = new SlabOwner<Pair>[10];
        for (int round = 0; round < 2; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < owners.Length; i++)
            {
                owners[i] = new SlabOwner<Pair>(cache);
            }

            long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(round == 0 || bytes == 48 * owners.Length, $"{bytes} bytes of {owners.Length}"); // the first round makes the thread's magazines
            Array.ForEach(owners, owner => owner.Dispose());
        }
    }

    private struct Pair
    {
        public int Small;
        public long Large;
    }
}
