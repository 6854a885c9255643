using SlabGen;
using static KernelTour.Tour;

namespace KernelTour;

/// <summary>Shows why a control centre is needed: free lists do not know of each other.</summary>
internal static class ControlCentre
{
    public static void Run()
    {
        Step("Why free lists need a control centre", "Objects that one cache keeps on its free lists are memory that another lacks.");
        using var runtime = new SlabRuntime(new SlabRuntimeOptions { MemoryLimit = 16 << 20, Processors = 1 });
        KmemCache inodes = runtime.CreateCache("inode", 600), packets = runtime.CreateCache("packet", 1500);
        var objects = new List<nint>();
        while (inodes.TryAlloc(out nint address))
        {
            objects.Add(address);
        }

        Say($"inodes fill the memory: {objects.Count} of them in {MiB(inodes.Snapshot().Bytes)}");
        objects.ForEach(inodes.Free);
        CacheSnapshot before = inodes.Snapshot();
        Say($"all are freed. {before.CachedObjects} wait in magazines, for the next inode: {MiB(before.Bytes)} still belong to inodes");
        objects.Clear();
        while (packets.TryAlloc(out nint address))
        {
            objects.Add(address);
        }

        Say($"and yet {objects.Count} packets find room, {MiB(packets.Snapshot().Bytes)}: before an allocation fails, every cache is asked");
        Say($"inodes have {inodes.Snapshot().Bytes} bytes now");
        Check(packets.Snapshot().Bytes > 13 << 20, "memory of one cache serves another");
        packets.FreeBulk([.. objects]);

        // A shrinker frees what only its owner knows to be dispensable.
        var names = new NameCache(runtime.CreateCache("name", 256));
        runtime.Shrinkers.Register(names);
        names.Fill(45_000);
        int remembered = names.Count;
        nint[] wanted = new nint[4000];
        packets.AllocBulk(wanted);
        Say($"a cache of names held {remembered}; {wanted.Length} packets were wanted, and its shrinker gave up {remembered - names.Count} names for them");
        Check(names.Count < remembered, "shrinkers are asked");
        packets.FreeBulk(wanted);
        names.Clear();
    }

    /// <summary>
    /// Remembers names as long as there is room. Any thread that needs memory calls the shrinker, hence the lock.
    /// </summary>
    private sealed class NameCache(KmemCache cache) : Shrinker("names")
    {
        private readonly Queue<nint> _names = new();

        public int Count
        {
            get
            {
                lock (_names)
                {
                    return _names.Count;
                }
            }
        }

        public void Fill(int count)
        {
            nint[] names = new nint[count];
            cache.AllocBulk(names); // not under the lock, because the shrinker takes it
            lock (_names)
            {
                Array.ForEach(names, _names.Enqueue);
            }
        }

        public void Clear() => Forget(Count);

        protected override long CountObjects(in ShrinkControl control) => Count;

        protected override long ScanObjects(ref ShrinkControl control) => Forget(control.ToScan);

        private long Forget(long count)
        {
            long freed = 0;
            lock (_names)
            {
                for (; freed < count && _names.TryDequeue(out nint oldest); freed++)
                {
                    cache.Free(oldest);
                }
            }

            return freed;
        }
    }
}
