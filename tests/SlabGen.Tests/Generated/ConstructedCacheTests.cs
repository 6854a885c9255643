namespace SlabGen.Tests.Generated;

/// <summary>
/// Methods with [SlabConstructor] and [SlabDestructor] run once to an object, as SlabLifeTests holds of the runtime: here
/// that the generated class passes them on. Only this class uses the cache, one test at a time.
/// </summary>
public sealed class ConstructedCacheTests
{
    public ConstructedCacheTests()
    {
        PageHeader.IsRefusing = false;
        PageHeaderCache.Cache.Shrink();
        (PageHeader.Constructed, PageHeader.Destructed) = (0, 0);
    }

    [Fact]
    public void EveryObjectOfASlab_IsConstructedOnce_AndDestructedOnce()
    {
        SlabPtr<PageHeader> one = PageHeaderCache.Alloc();
        Assert.Equal(PageHeader.Mark, one.Value.Magic);
        Assert.Equal(PageHeaderCache.Cache.Snapshot().Objects, PageHeader.Constructed);
        one.Value.Uses++;
        PageHeaderCache.Free(one);
        SlabPtr<PageHeader> again = PageHeaderCache.Alloc();
        Assert.Equal((one, 1), (again, again.Value.Uses)); // it comes back as it was freed
        PageHeaderCache.Free(again);
        Assert.False(PageHeaderCache.Cache.Shrink());
        Assert.True(PageHeader.Constructed > 0);
        Assert.Equal(PageHeader.Constructed, PageHeader.Destructed);
    }

    [Fact]
    public void AConstructorThatRefuses_IsNoMemory()
    {
        PageHeader.IsRefusing = true;
        Assert.False(PageHeaderCache.TryAlloc(out SlabPtr<PageHeader> none));
        Assert.True(none.IsNull);
        Assert.Contains("constructor", Assert.Throws<OutOfMemoryException>(() => PageHeaderCache.Alloc()).Message, StringComparison.Ordinal);
        Assert.Equal(0, PageHeaderCache.Cache.Snapshot().Slabs);
    }
}

[SlabCache]
internal struct PageHeader
{
    public const uint Mark = 0x5a1ab;

    private static int s_constructed, s_destructed; // the runtime's own thread may release an idle slab

    public uint Magic;
    public int Uses;

    public static int Constructed
    {
        get => Volatile.Read(ref s_constructed);
        set => Volatile.Write(ref s_constructed, value);
    }

    public static int Destructed
    {
        get => Volatile.Read(ref s_destructed);
        set => Volatile.Write(ref s_destructed, value);
    }

    public static bool IsRefusing { get; set; }

    [SlabConstructor]
    internal bool Construct()
    {
        if (IsRefusing)
        {
            return false;
        }

        (Magic, Uses) = (Mark, 0);
        Interlocked.Increment(ref s_constructed);
        return true;
    }

    [SlabDestructor]
    internal void Destruct()
    {
        if (Magic == Mark)
        {
            Interlocked.Increment(ref s_destructed);
        }
    }
}
