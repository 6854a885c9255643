namespace SlabGen.Tests.Diagnostics;

/// <summary>A scope finds what was allocated in it and is still live, and nothing else.</summary>
public sealed class LeakScopeTests
{
    [Fact]
    public void What_the_scope_allocated_and_did_not_free_is_named_by_address()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256), other = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache("o", 64), elsewhere = other.CreateCache("o", 64);
        nint before = cache.Alloc();
        using SlabLeakScope scope = runtime.TrackLeaks();
        nint[] leaked = [cache.Alloc(), cache.Alloc()];
        cache.Free(cache.Alloc()); // lies in a magazine
        nint foreign = elsewhere.Alloc();
        nint block = runtime.Kmalloc.Alloc(100);
        SlabRuntimeReport report = scope.FindLeaks();
        Assert.Equal(2, report.Leaks.Count);
        LeakReport ofCache = report.Leaks.Single(leak => leak.CacheName == "o");
        Assert.Equal(2, ofCache.LiveObjects);
        Assert.Equal(leaked.Order(), ofCache.Addresses);
        Assert.Equal([block], report.Leaks.Single(leak => leak.CacheName != "o").Addresses);
        runtime.Kmalloc.Free(block);
        InvalidOperationException thrown = Assert.Throws<InvalidOperationException>(scope.AssertNoLeaks);
        Assert.Contains("Cache 'o' still has 2 object(s), among them 0x", thrown.Message, StringComparison.Ordinal);
        Assert.Throws<ObjectDisposedException>(scope.AssertNoLeaks);
        cache.FreeBulk([before, .. leaked]);
        elsewhere.Free(foreign);
    }

    [Fact]
    public void A_scope_that_frees_all_is_clean_whatever_was_freed_besides()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        KmemCache cache = runtime.CreateCache("o", 64);
        nint before = cache.Alloc();
        using SlabLeakScope scope = runtime.TrackLeaks();
        nint[] objects = new nint[300];
        cache.AllocBulk(objects);
        cache.Free(before);
        cache.FreeBulk(objects);
        scope.AssertNoLeaks();
    }

    [Fact]
    public void Objects_that_wait_for_a_reader_are_no_leak()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache("o", 64);
        using SlabLeakScope scope = runtime.TrackLeaks();
        using (Rcu.Read())
        {
            cache.FreeDeferred(cache.Alloc());
            Assert.True(scope.FindLeaks().IsClean);
        }
    }

    [Fact]
    public void A_cache_of_the_scope_that_was_destroyed_is_named_too_and_pages_are_counted()
    {
        SlabRuntime runtime = TestRuntime.OfPages(256); // it keeps what leaked
        SlabLeakScope scope = runtime.TrackLeaks();
        KmemCache cache = runtime.CreateCache("short", 64);
        nint leaked = cache.Alloc();
        cache.Destroy();
        PagePtr page = runtime.Pages.AllocPages(GfpFlags.Kernel, 1);
        SlabRuntimeReport report = scope.FindLeaks();
        Assert.Equal([leaked], Assert.Single(report.Leaks).Addresses);
        Assert.Equal(2 * PageAllocator.PageSize, report.PageBytes);
        runtime.Pages.FreePages(page);
        Assert.Equal(0, scope.FindLeaks().PageBytes);
        Assert.Throws<InvalidOperationException>(scope.Dispose); // LeaksFound, whose handler here throws
        scope.Dispose();
    }

    [Fact]
    public void The_end_of_the_runtime_is_the_end_of_its_scopes()
    {
        SlabRuntime runtime = TestRuntime.OfPages(64);
        SlabLeakScope scope = runtime.TrackLeaks();
        runtime.Close();
        Assert.Throws<ObjectDisposedException>(scope.AssertNoLeaks);
        Assert.Throws<ObjectDisposedException>(runtime.TrackLeaks);
    }
}
