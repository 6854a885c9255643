namespace SlabGen.Tests.Caches;

/// <summary>A refusal names what was asked for, and the limit that refused it.</summary>
public sealed class RefusalTextTests
{
    [Fact]
    public void Of_many_blocks_of_pages()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(1024);
        Kmalloc kmalloc = runtime.Kmalloc;
        string limit = $"above the memory limit of {1024L * Environment.SystemPageSize} bytes";
        string text = TextOf(() => kmalloc.AllocBulk(1 << 20, new nint[70]));
        Assert.Contains("70 blocks of 1048576 bytes", text, StringComparison.Ordinal);
        Assert.Contains(limit, text, StringComparison.Ordinal);
        Assert.Contains("70 blocks of 1048576 bytes", TextOf(() => kmalloc.AllocBulk(1 << 20, new nint[70], GfpFlags.Kernel)), StringComparison.Ordinal);
        Assert.Contains("18446744073709551615 bytes are above", TextOf(() => kmalloc.Alloc(nuint.MaxValue)), StringComparison.Ordinal);
        string one = TextOf(() => kmalloc.Reserve(1 << 30, 1));
        Assert.Contains("a block of 1073741824 bytes", one, StringComparison.Ordinal);
        Assert.DoesNotContain("together", one, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_a_reservation_of_a_destroyed_instance()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(1024);
        Kmalloc kmalloc = runtime.CreateKmalloc("mine");
        kmalloc.Destroy();
        Assert.Contains("Kmalloc ('mine')", Assert.Throws<ObjectDisposedException>(() => kmalloc.Reserve(8, 0)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_a_cache_names_the_limit_that_refused()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache few = runtime.CreateCache("few", 64, new SlabCacheOptions { MaxObjects = 10 });
        string text = TextOf(() => few.AllocBulk(new nint[11]));
        Assert.Contains("11 objects are asked for, of at most 10", text, StringComparison.Ordinal);
        Assert.DoesNotContain("0 of the 10", text, StringComparison.Ordinal);
        KmemCache small = runtime.CreateCache("small", 64, new SlabCacheOptions { MaxBytes = 16 << 10 });
        Assert.Contains("1000 objects take 64000 bytes, above the 16384 bytes of SlabCacheOptions.MaxBytes", TextOf(() => small.AllocBulk(new nint[1000])), StringComparison.Ordinal);
        KmemCache many = runtime.CreateCache("many", 64, new SlabCacheOptions { MaxObjects = 1_000_000 });
        List<nint> live = GfpTests.Fill(many);
        string full = TextOf(() => many.Alloc());
        Assert.Contains("Why: ", full, StringComparison.Ordinal);
        Assert.DoesNotContain("limit of the cache is reached", full, StringComparison.Ordinal);
        many.FreeBulk([.. live]);
    }

    private static string TextOf(Action refused) => Assert.Throws<OutOfMemoryException>(refused).Message;
}
