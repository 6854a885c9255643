using System.Runtime.Loader;

namespace SlabGen.Tests.Caches;

/// <summary>What runs in a load context that is unloaded: the test assembly is loaded there once more, as a plugin's.</summary>
public static class PluginCode
{
    private static SlabPtr<PluginItem> s_kept;

    /// <summary>Everything is freed.</summary>
    public static void Use()
    {
        SlabPtr<PluginItem> item = PluginItemCache.Alloc();
        PluginItemCache.Free(item);
        PluginBoxCache<PluginItem>.Free(PluginBoxCache<PluginItem>.Alloc());
        var thread = new Thread(() => PluginItemCache.Free(PluginItemCache.Alloc()));
        thread.Start();
        thread.Join();

        KmemCache cache = SlabRuntime.Default.CreateCache<PluginItem>("PluginItem.by-hand", new SlabCacheOptions { MaxObjects = 1, LimitWarning = Warn });
        cache.SetMove(Move);
        nint one = cache.Alloc();
        cache.TryAlloc(out _);
        cache.Free(one);
        Rcu.Read().Dispose();
    }

    /// <summary>Threads that stay have used the caches: of one in a native wait an object may not come home before the context is gone.</summary>
    public static void UseOnThreadsThatStay()
    {
        Use();
        Task.WaitAll([.. Enumerable.Range(0, 8).Select(_ => Task.Run(() => PluginItemCache.Free(PluginItemCache.Alloc())))]);
    }

    /// <summary>With what a plugin of its own SlabGen also has: a runtime that it drops, handles, blocks, whole pages and an object that it never frees.</summary>
    public static void UseAll()
    {
        UseOnThreadsThatStay();
        Leak();
        SlabRuntime dropped = new(new SlabRuntimeOptions { MemoryLimit = 1L << 30, ReapInterval = TimeSpan.FromMilliseconds(50) });
        dropped.Kmalloc.Alloc(100);
        dropped.Kmalloc.Alloc(5 << 20);
        dropped.Pages.AllocPages(GfpFlags.Kernel, 2);
        new SlabHandles<PluginItem>(dropped.CreateCache<PluginItem>("handles")).Alloc();
        for (int i = 0; i < 10_000; i++)
        {
            dropped.Kmalloc.Alloc(9000);
        }
    }

    /// <summary>One object is never freed.</summary>
    public static void Leak() => s_kept = PluginItemCache.Alloc();

    /// <summary>A cache that only its delegates tie to the context, and an error that waits in it, of a type of the context. One object is never freed.</summary>
    public static void UseDelegatesAndFail()
    {
        int destructed = 0;
        KmemCache cache = SlabRuntime.Default.CreateCache("Plugin.delegates", 64, null, (_, _) => true, (_, _) => destructed++);
        cache.Alloc();
        cache.Magazines.ThrowLater(new PluginException());
    }

    /// <summary>One object is freed at the last moment.</summary>
    public static void FreeAtTheEnd()
    {
        Leak();
        AssemblyLoadContext.GetLoadContext(typeof(PluginCode).Assembly)!.Unloading += _ => PluginItemCache.Free(s_kept);
    }

    /// <summary>One object is freed by a finalizer.</summary>
    public static void FreeByFinalizer() => _ = new Finalized(PluginItemCache.Alloc());

    private static void Warn(SlabLimitWarning warning) => AppContext.SetData("SlabGen.Tests.Warned", warning.CacheName);

    private static SlabMoveReply Move(nint from, nint to) => SlabMoveReply.No;

    private sealed class PluginException : Exception;

    private sealed class Finalized(SlabPtr<PluginItem> item)
    {
        ~Finalized() => PluginItemCache.Free(item);
    }
}

[SlabCache]
internal struct PluginItem
{
    public long Value;

    [SlabConstructor]
    internal void Construct() => Value = 7;

    [SlabDestructor]
    internal void Destruct()
    {
        if (AppContext.GetData("SlabGen.Tests.Destructed") is int[] count)
        {
            Interlocked.Increment(ref count[0]);
        }
    }
}

[SlabCache]
internal struct PluginBox<T>
    where T : unmanaged
{
    public T Value;
}
