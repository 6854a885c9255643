using SlabGen.Memory;

namespace SlabGen.Caches;

/// <summary>All runtimes of the process. A debugger uses it to find which runtime owns an address.</summary>
/// <remarks>
/// The array is copied on write under the lock, a leaf, and read by anyone without it. It keeps no runtime from the
/// garbage collector. If a runtime and its caches were dropped, no code knows their objects any more.
/// </remarks>
internal static class RuntimeList
{
    private static readonly UninterruptibleLock s_lock = new();
    private static Entry[] s_runtimes = [];

    /// <summary>Adds a runtime.</summary>
    public static void Add(PageAllocator pages, CacheTable caches)
    {
        using (s_lock.Hold())
        {
            var kept = new List<Entry>();
            foreach (Entry runtime in s_runtimes)
            {
                if (runtime.Pages.TryGetTarget(out _))
                {
                    kept.Add(runtime);
                }
            }

            kept.Add(new Entry(new(pages), new(caches)));
            Volatile.Write(ref s_runtimes, kept.ToArray());
        }
    }

    /// <summary>
    /// Says what an address is to the runtime that owns it; <see cref="AddressKind.Foreign"/> when none does.
    /// </summary>
    public static AddressInfo Describe(nint address)
    {
        foreach (Entry runtime in Volatile.Read(ref s_runtimes))
        {
            if (runtime.Pages.TryGetTarget(out PageAllocator? p) && runtime.Caches.TryGetTarget(out CacheTable? c)
                && AddressInfo.Of(address, p, c) is { Kind: not AddressKind.Foreign } found)
            {
                return found;
            }
        }

        return new AddressInfo { Address = address, Kind = address == 0 ? AddressKind.Null : AddressKind.Foreign };
    }

    private sealed class Entry(WeakReference<PageAllocator> pages, WeakReference<CacheTable> caches)
    {
        public WeakReference<PageAllocator> Pages => pages;

        public WeakReference<CacheTable> Caches => caches;
    }
}
