using System;
using SlabGen;

// Five times as many entries as there may be. The first is used all the time, and so it stays; the second is not, and who holds its handle finds that it is gone.
var cache = new LruCache();
cache.Put(0, 1000);
cache.Put(1, 1001);
SlabHandle<Entry> first = cache.Find(0), second = cache.Find(1);
for (long key = 2; key < 5000; key++)
{
    cache.Put(key, 1000 + key);
    cache.Find(0);
}

Console.WriteLine($"{cache.Count} {first.IsLive} {first.Value.Value} {second.IsLive} {cache.Find(4000).IsLive} {cache.Find(4001).Value.Value}");
try
{
    second.Value.Value++;
}
catch (SlabException e)
{
    Console.WriteLine(e.Fault);
}

// The links, from both ends.
long forward = 0, backward = 0;
for (EntryPtr entry = cache.Newest; !entry.IsNull; entry = entry.Value.Older)
{
    forward += entry.Value.Key;
}

for (EntryPtr entry = cache.Oldest; !entry.IsNull; entry = entry.Value.Newer)
{
    backward += entry.Value.Key;
}

// The end: all of it at once.
Console.WriteLine($"{forward} {backward} {EntryCache.Reset()} {first.IsLive} {EntryCache.Cache.Snapshot().LiveObjects}");
