namespace SlabGen;

// What tests do to the page layer.
public sealed partial class PageAllocator
{
    /// <summary>
    /// For tests: asked before each block that is taken from the zones or mapped alone, whether there shall be none (the kernel's
    /// <c>fail_page_alloc</c>). It may be asked under locks, and by any thread. Blocks that a page set hands out by itself are not asked about.
    /// </summary>
    internal Func<bool>? FailPages
    {
        set => Volatile.Write(ref _failPages, value);
    }

    private bool FailsPages => Volatile.Read(ref _failPages) is { } fails && fails();
}
