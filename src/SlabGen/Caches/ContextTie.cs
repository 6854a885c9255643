using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using SlabGen.Memory;
using SlabGen.Slabs;

namespace SlabGen.Caches;

/// <summary>
/// Ties a cache to the load context of its type, if that can be unloaded (a plugin's). The cache ends with the context,
/// and does not keep it alive.
/// </summary>
/// <remarks>
/// <para><b>Who keeps what.</b> The runtime keeps the cache, and the cache must keep nothing of the context. So the
/// constructor and destructor, the limit warning and the move callback are behind weak references. The tie keeps them
/// alive, and <see cref="s_ties"/> keeps the tie alive for as long as the type exists. (The key is not the context
/// object. The system keeps that object until the context is gone, and it would keep what must go first.)</para>
/// <para><b>Two ends.</b> When the context begins to unload, its caches without live objects are destroyed, and their
/// destructors run. A cache with live objects stays, because code of the context may still run and free them. When the
/// context is garbage, none of its code can run any more. The finalizer of the tie then has such a cache destroyed, and
/// what was never freed is reported. That happens on a pool thread, because it may wait for a grace period. It happens
/// one collection later, so that finalizers of the context's own objects can still free to the cache.</para>
/// </remarks>
internal sealed class ContextTie
{
    private static readonly ConditionalWeakTable<Type, List<ContextTie>> s_ties = [];
    private static readonly List<WeakReference<ContextTie>> s_all = []; // for a context that unloads
    private static readonly UninterruptibleLock s_lock = new(); // a leaf; guards both lists, and the list of each tie

    private readonly WeakReference<AssemblyLoadContext> _context;
    private readonly Action<KmemCache, Exception?> _ended; // the runtime's
    private readonly List<object> _kept = []; // users' code, which the cache has by weak references
    private KmemCache? _cache;
    private bool _isGarbage; // by the finalizer's thread

    private ContextTie(AssemblyLoadContext context, Action<KmemCache, Exception?> ended)
    {
        _context = new WeakReference<AssemblyLoadContext>(context);
        _ended = ended;
    }

    ~ContextTie()
    {
        if (!_isGarbage)
        {
            _isGarbage = true;
            GC.ReRegisterForFinalize(this);
        }
        else if (_cache is not null)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static tie => tie.End(ifNothingLive: false), this, preferLocal: false);
        }
    }

    /// <summary>Makes a cache for a type in a load context that can be unloaded.</summary>
    /// <param name="type">The type, of the objects or of their constructor.</param>
    /// <param name="context">Its context.</param>
    /// <param name="options">The user's options. The copy that the cache gets keeps nothing of the context.</param>
    /// <param name="life">The constructor and destructor, or none.</param>
    /// <param name="create">Makes the cache.</param>
    /// <param name="ended">Called with a cache that was destroyed because its context goes, and what went wrong. Does
    /// not throw.</param>
    public static KmemCache Create(
        Type type, AssemblyLoadContext context, SlabCacheOptions? options, SlabLife? life,
        Func<SlabCacheOptions?, SlabLife?, KmemCache> create, Action<KmemCache, Exception?> ended)
    {
        var tie = new ContextTie(context, ended);
        if (options?.LimitWarning is { } warning)
        {
            WeakReference<Action<SlabLimitWarning>> weak = tie.Keep(warning);
            options = options with { LimitWarning = limit =>
                (weak.TryGetTarget(out Action<SlabLimitWarning>? target) ? target : null)?.Invoke(limit) };
        }

        if (life is not null)
        {
            tie.Keep(life);
            life = new CollectibleLife(life);
        }

        List<ContextTie> ofType = s_ties.GetOrCreateValue(type);
        bool isFirst;
        using (s_lock.Hold())
        {
            ofType.Add(tie);
            s_all.RemoveAll(other => !other.TryGetTarget(out _));
            isFirst = !s_all.Exists(other => other.TryGetTarget(out ContextTie? known) && known.IsOf(context));
            s_all.Add(new WeakReference<ContextTie>(tie));
        }

        if (isFirst)
        {
            context.Unloading += OnUnloading;
        }

        KmemCache cache = create(options, life);
        cache.Tie = new WeakReference<ContextTie>(tie);
        tie._cache = cache;
        return cache;
    }

    /// <summary>
    /// The load context of a type, if it can be unloaded: its own, or that of one of its type arguments.
    /// </summary>
    public static AssemblyLoadContext? ContextOf(Type type)
    {
        if (!type.IsCollectible)
        {
            return null;
        }

        if (type.Assembly.IsCollectible)
        {
            return AssemblyLoadContext.GetLoadContext(type.Assembly);
        }

        return type.GenericTypeArguments.Select(ContextOf).FirstOrDefault(context => context is not null);
    }

    /// <summary>A move callback that keeps nothing of the context.</summary>
    public SlabMove Weaken(SlabMove move)
    {
        WeakReference<SlabMove> weak = Keep(move);
        return (from, to) => weak.TryGetTarget(out SlabMove? target) ? target(from, to) : SlabMoveReply.No;
    }

    private static void OnUnloading(AssemblyLoadContext context)
    {
        var ties = new List<ContextTie>();
        using (s_lock.Hold())
        {
            foreach (WeakReference<ContextTie> weak in s_all)
            {
                if (weak.TryGetTarget(out ContextTie? tie) && tie.IsOf(context))
                {
                    ties.Add(tie);
                }
            }
        }

        ties.ForEach(tie => tie.End(ifNothingLive: true));
    }

    private bool IsOf(AssemblyLoadContext context) =>
        _context.TryGetTarget(out AssemblyLoadContext? own) && own == context;

    private WeakReference<T> Keep<T>(T users)
        where T : class
    {
        using (s_lock.Hold())
        {
            _kept.Add(users);
        }

        return new WeakReference<T>(users);
    }

    /// <summary>
    /// Destroys the cache and tells the runtime; or, if it has live objects, makes it keep only texts of its errors. It
    /// throws nothing, because no caller could catch it.
    /// </summary>
    private void End(bool ifNothingLive)
    {
        if (_cache is not { } cache)
        {
            return; // its creation failed
        }

        bool begun = false, ended = false;
        Exception? failure = null;
        try
        {
            begun = cache.TryBeginEnd(); // else the runtime ends, and the cache with it
            if (begun && (!ifNothingLive || cache.HasNothingLive()))
            {
                ended = cache.TryDestroy(out FoundErrors found);
                failure = found.ToException();
            }
        }
        catch (Exception thrown)
        {
            (ended, failure) = (true, thrown);
        }
        finally
        {
            if (begun)
            {
                cache.Pending.KeepTexts();
                cache.FinishEnd();
            }
        }

        if (ended)
        {
            _ended(cache, failure);
        }
    }
}
