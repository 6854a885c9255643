using SlabGen.Caches;
using SlabGen.Memory;

namespace SlabGen.Metrics;

/// <summary>A runtime as the meter sees it. It keeps no runtime from the garbage collector.</summary>
/// <remarks>
/// The lock comes before all others of a runtime: who reads holds it, and the end of the runtime takes it before it
/// unmaps what is read. No users' code runs under it. The list is copied on write under its own lock, a leaf, and read
/// by anyone.
/// </remarks>
internal sealed class ObservedRuntime
{
    private static readonly UninterruptibleLock s_listLock = new();
    private static ObservedRuntime[] s_all = [];

    private readonly UninterruptibleLock _lock = new();
    private readonly WeakReference<PageAllocator> _pages;
    private readonly WeakReference<CacheTable> _caches;
    private bool _ended; // lock; goes to true once

    private ObservedRuntime(PageAllocator pages, CacheTable caches) =>
        (_pages, _caches) = (new WeakReference<PageAllocator>(pages), new WeakReference<CacheTable>(caches));

    /// <summary>Those that were neither ended nor collected.</summary>
    public static ReadOnlySpan<ObservedRuntime> All => Volatile.Read(ref s_all);

    public static ObservedRuntime Add(PageAllocator pages, CacheTable caches)
    {
        var added = new ObservedRuntime(pages, caches);
        Change(all => [.. all.Where(runtime => runtime._pages.TryGetTarget(out _)), added]);
        return added;
    }

    /// <summary>Called before the memory of the runtime is unmapped. Nobody reads it any more afterwards.</summary>
    public void End()
    {
        using (_lock.Hold())
        {
            _ended = true;
        }

        Change(all => [.. all.Where(runtime => runtime != this)]);
    }

    /// <summary>Adds what the runtime and its caches have now to a reading.</summary>
    public void ReadInto(MetricsReading reading)
    {
        using (_lock.Hold())
        {
            if (!_ended && _pages.TryGetTarget(out PageAllocator? pages)
                && _caches.TryGetTarget(out CacheTable? caches))
            {
                reading.Add(pages, caches);
            }
        }
    }

    private static void Change(Func<ObservedRuntime[], ObservedRuntime[]> change)
    {
        using (s_listLock.Hold())
        {
            Volatile.Write(ref s_all, change(s_all));
        }
    }
}
