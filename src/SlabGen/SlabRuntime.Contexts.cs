using System.Runtime.Loader;
using SlabGen.Caches;
using SlabGen.Memory;
using SlabGen.Slabs;

namespace SlabGen;

// Load contexts that can be unloaded (plugins): caches of their types in a runtime that stays, and a runtime that goes with its context.
public sealed partial class SlabRuntime
{
    /// <summary>
    /// Called when the load context of a cache's type is gone and objects of the cache were never freed: the cache was destroyed, and the
    /// objects stay mapped. On a thread of the pool.
    /// </summary>
    /// <remarks>
    /// A cache that <see cref="CreateCache{T}"/> made of a type in a collectible <see cref="AssemblyLoadContext"/> ends with that
    /// context, as do generated ones and those with delegates of it: when the context begins to unload and nothing of the cache is live, at once; else when the
    /// context was collected. Caches made by a size alone or with function pointers, shrinkers, handlers of events and callbacks of <see cref="Rcu"/> belong to no type: a
    /// plugin removes them itself before it is unloaded. What a handler throws is kept as <see cref="ShrinkerRegistry.ShrinkerFailed"/> describes it of the background.
    /// </remarks>
    public event Action<LeakReport>? LeakedByContext;

    /// <summary>Makes a cache of a type that is named by its user, tied to the type's load context if that can be unloaded.</summary>
    /// <param name="name">The name.</param>
    /// <param name="objectSize">Bytes.</param>
    /// <param name="options">The user's.</param>
    /// <param name="life">The constructor and destructor, or none.</param>
    /// <param name="type">The type that says which context.</param>
    private KmemCache CreateTyped(string name, int objectSize, SlabCacheOptions? options, SlabLife? life, Type type) =>
        ContextTie.ContextOf(type) is { } context && context != AssemblyLoadContext.GetLoadContext(typeof(SlabRuntime).Assembly)
            ? ContextTie.Create(type, context, options, life, (kept, weakLife) => CreateNamed(name, objectSize, kept, weakLife), EndedWithContext)
            : CreateNamed(name, objectSize, options, life);

    private void EndedWithContext(KmemCache cache, Exception? failure)
    {
        try
        {
            if (failure is not null)
            {
                // Its text only: an exception may be of a type of the context, and would keep that.
                _reclaim.Pending.Add(new InvalidOperationException($"Cache '{cache.Name}', whose load context was unloaded: {PendingErrors.ToText(failure).Message}"));
            }

            if (cache.Leak is { IsClean: false } leak)
            {
                Handlers.Tell(LeakedByContext, handler => handler(leak)).ThrowAll();
            }
        }
        catch (Exception thrown)
        {
            _reclaim.Pending.Add(PendingErrors.ToText(thrown)); // the handler may be of the context
        }
    }

    /// <summary>Ends what runs beside the runtime's callers: the timer and the thread.</summary>
    internal void EndBackground()
    {
        if (Interlocked.Exchange(ref _backgroundEnded, 1) == 0)
        {
            _reapTimer?.Dispose();
            _options.Pressure.Remove(_reclaim.Background);
            _reclaim.Background.Dispose();
        }
    }

    /// <summary>SlabGen's own load context is gone: no code can run that knows an address, and all memory goes.</summary>
    internal void UnmapWithContext()
    {
        foreach (KmemCache cache in _caches.AllAndRemains())
        {
            cache.Abandon();
        }

        _pages.Unmap();
    }
}
