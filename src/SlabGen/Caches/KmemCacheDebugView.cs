namespace SlabGen.Caches;

/// <summary>What a debugger shows of a cache. A destroyed one shows what it left.</summary>
internal sealed class KmemCacheDebugView(KmemCache cache)
{
    public string Name => cache.Name;

    public bool IsDestroyed => cache.IsDestroyed;

    public CacheSnapshot Snapshot => cache.Snapshot();

    public LeakReport? Leak => cache.Leak;
}
