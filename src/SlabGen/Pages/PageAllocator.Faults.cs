namespace SlabGen;

// What tests do to the page layer.
public sealed partial class PageAllocator
{
    /// <summary>
    /// For tests: called before each block that is taken from the zones or mapped alone. If it returns true, there is
    /// no block (the kernel's <c>fail_page_alloc</c>). It may be called under locks, and by any thread. It is not
    /// called for blocks that a page set hands out by itself.
    /// </summary>
    internal Func<bool>? FailPages
    {
        set => Volatile.Write(ref _failPages, value);
    }

    private bool FailsPages => Volatile.Read(ref _failPages) is { } fails && fails();
}
