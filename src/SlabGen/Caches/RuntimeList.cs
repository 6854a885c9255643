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
    private static (WeakReference<PageAllocator> Pages, WeakReference<CacheTable> Caches)[] s_runtimes = [];

    /// <summary>Adds a runtime.</summary>
    public static void Add(PageAllocator pages, CacheTable caches)
    {
        using (s_lock.Hold())
        {
            Volatile.Write(ref s_runtimes, [.. s_runtimes.Where(r => r.Pages.TryGetTarget(out _)), (new(pages), new(caches))]);
        }
    }

    /// <summary>
    /// Says what an address is to the runtime that owns it; <see cref="AddressKind.Foreign"/> when none does.
    /// </summary>
    public static AddressInfo Describe(nint address)
    {
        foreach ((WeakReference<PageAllocator> pages, WeakReference<CacheTable> caches) in Volatile.Read(ref s_runtimes))
        {
            if (pages.TryGetTarget(out PageAllocator? p) && caches.TryGetTarget(out CacheTable? c) && AddressInfo.Of(address, p, c) is { Kind: not AddressKind.Foreign } found)
            {
                return found;
            }
        }

        return new AddressInfo { Address = address, Kind = address == 0 ? AddressKind.Null : AddressKind.Foreign };
    }
}
