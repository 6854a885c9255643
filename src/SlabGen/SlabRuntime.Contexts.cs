using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using SlabGen.Caches;
using SlabGen.Memory;
using SlabGen.Slabs;

namespace SlabGen;

// Load contexts that can be unloaded (plugins): caches of their types in a runtime that stays, and a runtime that goes with its context.
public sealed partial class SlabRuntime : IContextTies
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
    internal KmemCache CreateTyped(string name, int objectSize, SlabCacheOptions? options, SlabLife? life, Type type) =>
        type.IsCollectible ? CreateTied(name, objectSize, options, life, type) : CreateNamed(name, objectSize, options, life);

    [MethodImpl(MethodImplOptions.NoInlining)] // nearly no program needs the assemblies that this names
    private KmemCache CreateTied(string name, int objectSize, SlabCacheOptions? options, SlabLife? life, Type type) =>
        ContextTie.ContextOf(type) is { } context && context != AssemblyLoadContext.GetLoadContext(typeof(SlabRuntime).Assembly)
            ? ContextTie.Create(type, context, options, life, (kept, weakLife) => CreateNamed(name, objectSize, kept, weakLife), this)
            : CreateNamed(name, objectSize, options, life);

    /// <summary>Whose end waits for the ends of its caches: after the flag is set, none begins that is not seen.</summary>
    bool IContextTies.TryEnterEnd()
    {
        Interlocked.Increment(ref _ends);
        if (_disposed == 0)
        {
            return true;
        }

        Interlocked.Decrement(ref _ends);
        return false;
    }

    void IContextTies.LeaveEnd() => Interlocked.Decrement(ref _ends);

    void IContextTies.Ended(KmemCache cache, Exception? failure)
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
        foreach (KmemCache cache in _caches.All.Concat(_caches.Remains()))
        {
            cache.Magazines.TryClose();
            cache.Magazines.Unmap();
            cache.Slabs.Abandon();
        }

        _pages.Unmap();
    }
}
