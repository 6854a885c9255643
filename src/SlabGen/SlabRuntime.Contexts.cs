using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using SlabGen.Caches;
using SlabGen.Memory;
using SlabGen.Slabs;

namespace SlabGen;

// Load contexts that can be unloaded (plugins): caches of their types in a runtime that stays, and a runtime that goes
// with its context.
public sealed partial class SlabRuntime
{
    /// <summary>
    /// Called when the load context of a cache's type is gone and objects of the cache were never freed. The cache was
    /// destroyed, and the objects stay mapped. It is called on a pool thread.
    /// </summary>
    /// <remarks>
    /// <para>A cache of a type in a collectible <see cref="AssemblyLoadContext"/> ends with that context. This holds
    /// for caches from <see cref="CreateCache{T}"/>, for generated ones, and for those with delegates of the context.
    /// If nothing of the cache is live when the context begins to unload, it ends at once; otherwise when the context
    /// was collected.</para>
    /// <para>Caches made by a size alone or with function pointers belong to no type. Neither do shrinkers, handlers of
    /// events and callbacks of <see cref="Rcu"/>. A plugin must remove them itself before it is unloaded. What a
    /// handler throws is kept, as <see cref="ShrinkerRegistry.ShrinkerFailed"/> describes for the background.</para>
    /// </remarks>
    public event Action<LeakReport>? LeakedByContext;

    /// <summary>
    /// Makes a cache for a type that the user names. If the type's load context can be unloaded, the cache is tied to
    /// it.
    /// </summary>
    /// <param name="name">The name.</param>
    /// <param name="objectSize">The size in bytes.</param>
    /// <param name="options">The user's options.</param>
    /// <param name="life">The constructor and destructor, or none.</param>
    /// <param name="type">The type that says which context.</param>
    internal KmemCache CreateTyped(string name, int objectSize, SlabCacheOptions? options, SlabLife? life, Type type) =>
        type.IsCollectible
            ? CreateTied(name, objectSize, options, life, type) : CreateNamed(name, objectSize, options, life);

    [MethodImpl(MethodImplOptions.NoInlining)] // nearly no program needs the assemblies that this names
    private KmemCache CreateTied(string name, int objectSize, SlabCacheOptions? options, SlabLife? life, Type type) =>
        ContextTie.ContextOf(type) is { } context
            && context != AssemblyLoadContext.GetLoadContext(typeof(SlabRuntime).Assembly)
            ? ContextTie.Create(type, context, options, life,
                (kept, weakLife) => CreateNamed(name, objectSize, kept, weakLife), EndedWithContext)
            : CreateNamed(name, objectSize, options, life);

    private void EndedWithContext(KmemCache cache, Exception? failure)
    {
        try
        {
            if (failure is not null)
            {
                // Keep only the text. An exception may be of a type of the context, and would keep the context.
                _reclaim.Pending.Add(new InvalidOperationException($"Cache '{cache.Name}', whose load context was unloaded: {PendingErrors.ToText(failure).Message}"));
            }

            if (cache.Leak is { IsClean: false } leak)
            {
                Handlers.Tell(LeakedByContext, handler => handler(leak)).ThrowAll();
            }
        }
        catch (Exception thrown)
        {
            _reclaim.Pending.Add(PendingErrors.ToText(thrown)); // as text, because the handler may be of the context
        }
    }

    /// <summary>Ends what runs besides the runtime's callers: the timer and the thread.</summary>
    internal void EndBackground()
    {
        if (Interlocked.Exchange(ref _backgroundEnded, 1) == 0)
        {
            _reapTimer?.Dispose();
            _options.Pressure.Remove(_reclaim.Background);
            _reclaim.Background.Dispose();
        }
    }

    /// <summary>
    /// Unmaps all memory when SlabGen's own load context is gone. No code can then run that knows an address.
    /// </summary>
    internal void UnmapWithContext()
    {
        foreach (KmemCache cache in _caches.AllAndRemains())
        {
            cache.Abandon();
        }

        _pages.Unmap();
    }
}
