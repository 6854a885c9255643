using SlabGen.CompilerServices;
using SlabGen.Magazines;
using SlabGen.Tests.Concurrency;

namespace SlabGen.Tests;

/// <summary>A <c>Kmalloc.Local</c> allocates and frees what its instance does, whatever becomes of the thread's slots and of the caches.</summary>
public sealed class KmallocLocalTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(8192)]
    [InlineData(8193)]
    [InlineData(100_000)]
    public void ItAllocatesAndFrees_WhatTheInstanceDoes(int size)
    {
        using SlabRuntime runtime = TestRuntime.OfPages(4096);
        Kmalloc.Local local = runtime.Kmalloc.OpenLocal();
        for (int i = 0; i < 100; i++)
        {
            nint ours = local.Alloc((nuint)size), its = runtime.Kmalloc.Alloc((nuint)size);
            Assert.True(size == 0 || ours != its);
            Assert.True(runtime.Kmalloc.UsableSize(ours) >= (nuint)size);
            local.Free(its);
            runtime.Kmalloc.Free(ours);
        }

        local.Free(0);
        local.Free(Kmalloc.ZeroSizePointer);
        Assert.All(runtime.Caches, cache => Assert.Equal(0, cache.Snapshot().LiveObjects));
    }

    [Fact]
    public void ForeignAddresses_AreRefused()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(4096);
        Assert.Equal(SlabFault.ForeignPointer, Assert.Throws<SlabException>(() => runtime.Kmalloc.OpenLocal().Free(0x1230)).Fault);
    }

    [Fact]
    public void WhenTheThreadsSlotsMove_TheOldOnesServeOn()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(16 * 1024);
        Kmalloc kmalloc = runtime.Kmalloc;
        TestThreads.Run(1, _ => // a thread that has no slots yet
        {
            Kmalloc.Local local = kmalloc.OpenLocal();
            ThreadCache?[] slots = ThreadSlots.AllUpTo(0);
            var blocks = new HashSet<nint> { local.Alloc(64) };
            for (int i = 0; ThreadSlots.AllUpTo(0) == slots || i < 50; i++)
            {
                KmemCache cache = runtime.CreateCache($"more-{i}", 64); // ids beyond the slots that there are, at last
                cache.Free(cache.Alloc());
                Assert.True(blocks.Add(local.Alloc((nuint)(16 + (i % 100)))));
                Assert.InRange(i, 0, 10_000);
            }

            foreach (nint block in blocks)
            {
                local.Free(block);
            }
        });
        Assert.All(runtime.Caches, cache => Assert.Equal(0, cache.Snapshot().LiveObjects));
    }

    [Fact]
    public void OfADestroyedInstance_ItAllocatesNothing_NotEvenFromTheCacheThatGotTheId()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(16 * 1024);
        Kmalloc gone = runtime.CreateKmalloc("gone");
        Kmalloc.Local local = gone.OpenLocal();
        local.Free(local.Alloc(64));
        int[] ids = [.. runtime.Caches.Where(cache => cache.Name.StartsWith("gone", StringComparison.Ordinal)).Select(cache => cache.Id)];
        gone.Destroy();
        var others = new List<KmemCache>();
        do
        {
            others.Add(runtime.CreateCache($"other-{others.Count}", 64));
            others[^1].Free(others[^1].Alloc()); // an object waits in its magazine on this thread
        }
        while (!ids.Contains(others[^1].Id) && others.Count < 200);

        Assert.Contains(others[^1].Id, ids);
        foreach (int size in KmallocSizes.All)
        {
            bool refused = false;
            try
            {
                local.Alloc((nuint)size);
            }
            catch (ObjectDisposedException)
            {
                refused = true;
            }

            Assert.True(refused, $"{size} bytes were had.");
        }
    }

    [Fact]
    public void ACacheDestroyedUnderTheInstance_GivesItsIdUpThereToo()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(16 * 1024);
        Kmalloc kmalloc = runtime.Kmalloc;
        kmalloc.Free(kmalloc.Alloc(64));
        KmemCache cache = runtime.Caches.Single(c => c.Name == "kmalloc-64");
        int id = cache.Id;
        Assert.True(cache.TryDestroy(out _)); // as at the end of its runtime
        KmemCache other;
        int made = 0;
        do
        {
            other = runtime.CreateCache($"other-{made}", 64);
            other.Free(other.Alloc());
        }
        while (other.Id != id && ++made < 200);

        Assert.Equal(id, other.Id);
        Assert.Throws<ObjectDisposedException>(() => kmalloc.Alloc(64));
        Assert.Throws<ObjectDisposedException>(() => kmalloc.OpenLocal().Alloc(64));
        nint next = kmalloc.Alloc(65); // its neighbour is not touched
        kmalloc.Free(next);
    }
}
