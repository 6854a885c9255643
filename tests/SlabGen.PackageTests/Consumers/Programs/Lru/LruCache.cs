using System;
using System.Collections.Generic;
using SlabGen;

/// <summary>The entries that were used last, and no more of them than the slab cache may have: it counts, and says when one must go.</summary>
public sealed class LruCache
{
    private readonly Dictionary<long, SlabHandle<Entry>> _entries = [];
    private EntryPtr _newest, _oldest;

    public int Count => _entries.Count;

    public EntryPtr Newest => _newest;

    public EntryPtr Oldest => _oldest;

    /// <summary>An entry, for who may look at it later: it finds out when it is gone.</summary>
    public SlabHandle<Entry> Find(long key)
    {
        if (_entries.TryGetValue(key, out SlabHandle<Entry> handle) && handle.TryGet(out SlabPtr<Entry> entry))
        {
            Unlink(entry);
            LinkNewest(entry);
        }

        return handle;
    }

    public void Put(long key, long value)
    {
        SlabHandle<Entry> handle;
        while (!EntryCache.TryAllocHandle(out handle))
        {
            Evict();
        }

        handle.Value = new Entry { Key = key, Value = value };
        _entries.Add(key, handle);
        if (handle.TryGet(out SlabPtr<Entry> entry))
        {
            LinkNewest(entry);
        }
    }

    private void Evict()
    {
        EntryPtr entry = _oldest;
        if (entry.IsNull || !_entries.Remove(entry.Value.Key, out SlabHandle<Entry> handle))
        {
            throw new OutOfMemoryException("There is no memory for even one entry.");
        }

        Unlink(entry);
        EntryCache.Free(handle);
    }

    private void LinkNewest(EntryPtr entry)
    {
        entry.Value.Newer = default;
        entry.Value.Older = _newest;
        (_newest.IsNull ? ref _oldest : ref _newest.Value.Newer) = entry;
        _newest = entry;
    }

    private void Unlink(EntryPtr entry)
    {
        (EntryPtr newer, EntryPtr older) = (entry.Value.Newer, entry.Value.Older);
        (newer.IsNull ? ref _newest : ref newer.Value.Older) = older;
        (older.IsNull ? ref _oldest : ref older.Value.Newer) = newer;
    }
}

[SlabCache(MaxObjects = 1000, Handles = true)]
public struct Entry
{
    public long Key, Value;
    public EntryPtr Newer, Older;
}
