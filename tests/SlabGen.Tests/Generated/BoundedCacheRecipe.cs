namespace SlabGen.Tests.Generated;

/// <summary>The recipe "bounded cache" of the documentation, compiled and run: the text between the two regions is what the documentation shows.</summary>
public sealed class BoundedCacheRecipe
{
    [Fact]
    public void It_never_has_more_entries_than_its_limit_and_keeps_those_that_were_used_last()
    {
        using var cache = new LruCache();
        long bytes = 0;
        for (long key = 0; key < 5000; key++)
        {
            cache.Put(key, -key);
            Assert.True(cache.TryGet(0, out long first) && first == 0); // used again and again, and so it stays
            bytes = key == 2000 ? GC.GetAllocatedBytesForCurrentThread() : bytes;
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - bytes, 0, 100_000); // the assertions' own, and the dictionary
        Assert.Equal(1000, cache.Count);
        Assert.False(cache.TryGet(4000, out _));
        Assert.True(cache.TryGet(4001, out long value));
        Assert.Equal(-4001, value);
        cache.Put(4001, 7);
        Assert.True(cache.TryGet(4001, out value) && value == 7);
        Assert.Equal(1000, cache.Count);
    }
}

#region recipe
/// <summary>A cache that keeps the entries that were used last. The limit of the slab cache is its limit: no count of its own.</summary>
public sealed class LruCache : IDisposable
{
    private readonly Dictionary<long, SlabPtr<LruEntry>> _entries = [];
    private SlabPtr<LruEntry> _newest, _oldest;

    public int Count => _entries.Count;

    public bool TryGet(long key, out long value)
    {
        bool found = _entries.TryGetValue(key, out SlabPtr<LruEntry> entry);
        value = found ? entry.Value.Value : 0;
        if (found)
        {
            Unlink(entry);
            LinkNewest(entry);
        }

        return found;
    }

    public void Put(long key, long value)
    {
        if (_entries.TryGetValue(key, out SlabPtr<LruEntry> entry))
        {
            Unlink(entry);
        }
        else
        {
            // Full: it costs some 300 ns and no garbage to learn that.
            while (!LruEntryCache.TryAlloc(out entry))
            {
                EvictOldest();
            }

            entry.Value.Key = key;
            _entries.Add(key, entry);
        }

        entry.Value.Value = value;
        LinkNewest(entry);
    }

    public void Dispose()
    {
        while (!_oldest.IsNull)
        {
            EvictOldest();
        }
    }

    private void EvictOldest()
    {
        SlabPtr<LruEntry> entry = _oldest;
        if (entry.IsNull)
        {
            throw new OutOfMemoryException("There is no memory for even one entry.");
        }

        _entries.Remove(entry.Value.Key);
        Unlink(entry);
        LruEntryCache.Free(entry);
    }

    private void LinkNewest(SlabPtr<LruEntry> entry)
    {
        (entry.Value.Newer, entry.Value.Older) = (default, _newest);
        if (_newest.IsNull)
        {
            _oldest = entry;
        }
        else
        {
            _newest.Value.Newer = entry;
        }

        _newest = entry;
    }

    private void Unlink(SlabPtr<LruEntry> entry)
    {
        (SlabPtr<LruEntry> newer, SlabPtr<LruEntry> older) = (entry.Value.Newer, entry.Value.Older);
        if (newer.IsNull)
        {
            _newest = older;
        }
        else
        {
            newer.Value.Older = older;
        }

        if (older.IsNull)
        {
            _oldest = newer;
        }
        else
        {
            older.Value.Newer = newer;
        }
    }
}

[SlabCache(MaxObjects = 1000)]
public struct LruEntry
{
    public long Key, Value;
    public SlabPtr<LruEntry> Newer, Older;
}
#endregion
