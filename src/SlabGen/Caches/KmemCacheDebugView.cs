namespace SlabGen.Caches;

/// <summary>What a debugger shows for a cache. For a destroyed cache, it shows what that left.</summary>
internal sealed class KmemCacheDebugView(KmemCache cache)
{
    public string Name => cache.Name;

    public bool IsDestroyed => cache.IsDestroyed;

    public CacheSnapshot Snapshot => cache.Snapshot();

    public LeakReport? Leak => cache.Leak;
}
