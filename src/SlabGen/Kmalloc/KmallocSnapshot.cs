namespace SlabGen;

/// <summary>The state of a <see cref="Kmalloc"/> at one moment: of the blocks that lie in its caches.</summary>
/// <remarks>
/// Those above 1 MiB, and those that the page allocator gave because memory was short, lie in none and are not counted
/// here: those of a private instance with an account are in <see cref="SlabAccount.Used"/>.
/// </remarks>
public sealed record KmallocSnapshot
{
    /// <summary>The name of the instance.</summary>
    public string Name { get; internal init; } = "";

    /// <summary>Its caches, smallest size first.</summary>
    public IReadOnlyList<CacheSnapshot> Caches { get; internal init; } = [];

    /// <summary>Blocks that users hold.</summary>
    public long LiveBlocks => Caches.Sum(cache => cache.LiveObjects);

    /// <summary>Bytes of the blocks that users hold: of each, what <see cref="Kmalloc.UsableSize"/> says.</summary>
    public long LiveBytes => Caches.Sum(cache => cache.LiveObjects * cache.SlotSize);

    /// <summary>Free blocks in magazines. They are no leak: <see cref="Kmalloc.Shrink"/> takes them back.</summary>
    public long CachedBlocks => Caches.Sum(cache => cache.CachedObjects);

    /// <summary>
    /// Blocks that <see cref="Kmalloc.FreeDeferred"/> took and that wait for a grace period: nobody holds them any
    /// more.
    /// </summary>
    public long DeferredBlocks => Caches.Sum(cache => cache.DeferredObjects);

    /// <summary>Free blocks in slabs.</summary>
    public long FreeBlocks => Caches.Sum(cache => cache.FreeObjects);

    /// <summary>Bytes of all slabs.</summary>
    public long Bytes => Caches.Sum(cache => cache.Bytes);

    /// <summary>
    /// Bytes of all slabs that were ever made; what <see cref="Bytes"/> is less went back to the page allocator.
    /// </summary>
    public long MadeBytes => Caches.Sum(cache => cache.MadeBytes);

    /// <summary>
    /// Bytes of the descriptors of slabs and of all magazines. Those of other caches lie in the same pages.
    /// </summary>
    public long MetadataBytes => Caches.Sum(cache => cache.MetadataBytes);

    /// <summary>Allocations from the caches that failed for want of memory.</summary>
    public long FailedAllocations => Caches.Sum(cache => cache.FailedAllocations);

    /// <summary>The numbers in one line, without those of each cache.</summary>
    public override string ToString() =>
        $"{Name}: {LiveBlocks} blocks of {LiveBytes} bytes live in {Caches.Count} caches; {CachedBlocks} free in magazines, {DeferredBlocks} deferred, {FreeBlocks} free in slabs; "
        + $"{Bytes} bytes of slabs, {MetadataBytes} of metadata; {FailedAllocations} allocations failed. Blocks above {Caches[^1].SlotSize} bytes do not count.";
}
