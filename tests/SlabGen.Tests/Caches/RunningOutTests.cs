using SlabGen.Memory;

namespace SlabGen.Tests.Caches;

/// <summary>Running out of memory is a normal event: reported with the cache and the limit, and nothing is lost.</summary>
public sealed class RunningOutTests
{
    [Fact]
    public void Alloc_ThrowsAtTheLimit_AndServesAgainAfterAFree()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(8);
        KmemCache cache = runtime.CreateCache("o", 512);
        var live = new HashSet<nint>();
        while (cache.TryAlloc(out nint address))
        {
            Assert.True(live.Add(address));
        }

        var error = Assert.Throws<OutOfMemoryException>(() => cache.Alloc());
        Assert.Contains("'o'", error.Message, StringComparison.Ordinal);
        Assert.Contains($"{8 * Page.Size}", error.Message, StringComparison.Ordinal);
        Assert.True(live.Count * 512 >= 5 * Page.Size);
        Assert.Equal(live.Count, cache.Snapshot().LiveObjects);

        nint back = live.First();
        cache.Free(back);
        Assert.Equal(back, cache.Alloc());
        cache.FreeBulk([.. live]);
        Assert.False(cache.Shrink());
    }

    [Fact]
    public void AllocBulk_IsAllOrNothing()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(8);
        KmemCache cache = runtime.CreateCache("o", 512);
        nint kept = cache.Alloc();
        nint[] tooMany = new nint[8 * Page.Size / 512];
        Assert.Throws<OutOfMemoryException>(() => cache.AllocBulk(tooMany)); // within the limit, but not with metadata
        Assert.All(tooMany, a => Assert.Equal(0, a));
        Assert.Equal(1, cache.Snapshot().LiveObjects);
        Assert.Throws<OutOfMemoryException>(() => cache.AllocBulk(new nint[1_000_000])); // beyond the limit by far
        Assert.Equal(1, cache.Snapshot().LiveObjects);

        nint[] enough = new nint[30];
        cache.AllocBulk(enough);
        Assert.Equal(31, enough.Append(kept).Distinct().Count());
        cache.FreeBulk(enough);
        cache.Free(kept);
        cache.AllocBulk([]);
        cache.FreeBulk([]);
    }

    [Fact]
    public void MemoryOfOneCache_ServesAnother_MagazinesIncluded()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache first = runtime.CreateCache("first", 64), second = runtime.CreateCache("second", 256);
        var live = new List<nint>();
        while (first.TryAlloc(out nint address))
        {
            live.Add(address);
        }

        Thread.Sleep(150); // for some moments after a refusal nothing goes into magazines
        live.ForEach(first.Free);
        Assert.True(first.Snapshot().CachedObjects > 0);
        var others = new List<nint>();
        while (second.TryAlloc(out nint address))
        {
            others.Add(address);
        }

        Assert.True(others.Count * 256 > 60 * Page.Size, $"only {others.Count} objects");
        others.ForEach(second.Free);
    }

    [Fact]
    public void EveryFailingCommit_LeavesTheCacheIntact()
    {
        for (int commits = 0; commits < 14; commits++)
        {
            var memory = new TestRuntime.FailingMemory(OsMemory.Current);
            using SlabRuntime runtime = TestRuntime.OfPages(8 * 1024, memory: memory);
            memory.CommitsLeft = commits;
            KmemCache cache = runtime.CreateCache("o", 1 << 20);
            var live = new List<nint>();
            while (cache.TryAlloc(out nint address))
            {
                live.Add(address);
            }

            // Of objects, and of metadata: one commit for the ids by page of many sections, then one for page frames and
            // one for pages of each. Metadata has one section, which the first object needs.
            int sections = commits < 6 ? 0 : (commits - 4) / 2;
            Assert.Equal(sections * 4, live.Count);
            memory.CommitsLeft = int.MaxValue;
            live.Add(cache.Alloc());
            Assert.Equal(live.Count, cache.Snapshot().LiveObjects);
            cache.FreeBulk([.. live]);
            Assert.False(cache.Shrink());
        }
    }

    [Fact]
    public void AWindowThatCannotBeHad_IsAnError()
    {
        var memory = new TestRuntime.FailingMemory(OsMemory.Current) { ReservesLeft = 0 };
        var error = Assert.Throws<OutOfMemoryException>(() => TestRuntime.OfPages(16, memory: memory));
        Assert.Contains("MemoryLimit", error.Message, StringComparison.Ordinal);

        memory.ReservesLeft = 1;
        error = Assert.Throws<OutOfMemoryException>(() => TestRuntime.OfPages(16, memory: memory));
        Assert.Contains("page frames", error.Message, StringComparison.Ordinal);
    }
}
