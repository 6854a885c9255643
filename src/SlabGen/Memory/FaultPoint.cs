namespace SlabGen;

/// <summary>Where <see cref="SlabFaults"/> can refuse a request.</summary>
public enum FaultPoint
{
    /// <summary>
    /// Pages: for slabs, their metadata, and blocks of whole pages (the kernel's <c>fail_page_alloc</c>). An allocation
    /// that may reclaim does so, and asks again.
    /// </summary>
    Pages,

    /// <summary>
    /// Memory of the system for addresses that are reserved: what a full machine or container refuses.
    /// </summary>
    Commit,

    /// <summary>
    /// Magazines. Without one, objects go to the slabs and come from them: slower, and nothing fails.
    /// </summary>
    Magazines,

    /// <summary>The lock of memory in RAM, which <see cref="Pinning"/> asks for (<c>mlock</c>).</summary>
    Mlock,

    /// <summary>Memory that goes back to the system, and transparent huge pages (<c>madvise</c>).</summary>
    Madvise,
}
