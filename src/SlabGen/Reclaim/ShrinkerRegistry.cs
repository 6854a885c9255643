using SlabGen.Memory;

namespace SlabGen;

/// <summary>The shrinkers of one runtime, and the passes over them: the kernel's mm/shrinker.c.</summary>
/// <remarks>
/// <para>The registry owns the list, which is copied on write under its lock and read by anyone without it. A shrinker
/// owns the rest, under a lock of its own: which registry it is in, how many rounds (<c>do_shrink_slab</c>) run on it,
/// and the work deferred on each node. The list's lock comes first. No other lock is taken under the two, and neither
/// is held while user code runs.</para>
/// <para>Invariants: a shrinker is in the list of at most one registry, and a round begins only while it is. So the
/// rounds of a shrinker that left can only end, and <see cref="Unregister"/> can wait for the last. A pass goes over
/// the list as it was at the start of the pass.</para>
/// <para>A thread is in one pass at a time, whatever the registry, as with <c>PF_MEMALLOC</c>. An allocation inside a
/// shrinker does not reclaim, so nothing recurses.</para>
/// </remarks>
public sealed class ShrinkerRegistry
{
    /// <summary>The priority of the least pressure (<c>DEF_PRIORITY</c>); the greatest is 0.</summary>
    internal const int DefaultPriority = 12;

    /// <summary>
    /// How long one round may go on while it frees next to nothing. The first value is for a waiting allocation, with
    /// at most 13 rounds of each shrinker. The second is for when no thread waits.
    /// </summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(20), BackgroundPatience =
        TimeSpan.FromSeconds(1);

    [ThreadStatic]
    private static bool t_isInPass;

    private readonly UninterruptibleLock _lock = new();
    private readonly PendingErrors _failures = new(); // what no handler took; a pass throws one at its end
    private volatile Shrinker[] _shrinkers = [];

    internal ShrinkerRegistry()
    {
    }

    /// <summary>
    /// Takes what a shrinker throws, and what it does against its contract. The pass then goes on with the next
    /// shrinker.
    /// </summary>
    /// <remarks>
    /// The handler runs on the thread that needs memory, under the rules of a shrinker. Without a handler, the first
    /// exception of a pass is thrown once all other shrinkers were called. It goes to the caller whose allocation had
    /// to reclaim, because no other caller would learn of it. The next passes throw the others. If a handler throws,
    /// that exception comes out in the same way, after the one that the handler was told of.
    /// </remarks>
    public event Action<Shrinker, Exception>? ShrinkerFailed;

    /// <summary>What no handler took. The end of the runtime takes what is left.</summary>
    internal PendingErrors Failures => _failures;

    /// <summary>Whether the calling thread is inside a pass of any registry.</summary>
    internal static bool IsInPass => t_isInPass;

    /// <summary>The shrinkers, in the order in which they were registered and are called.</summary>
    public IReadOnlyList<Shrinker> All => _shrinkers;

    /// <summary>
    /// Registers a shrinker. It is called when memory is short, from the next pass on (<c>shrinker_register</c>).
    /// </summary>
    /// <exception cref="InvalidOperationException">The shrinker is registered already, here or elsewhere.</exception>
    public void Register(Shrinker shrinker)
    {
        ArgumentNullException.ThrowIfNull(shrinker);
        bool joined;
        using (_lock.Hold())
        {
            Shrinker[] all = [.. _shrinkers, shrinker]; // first, because it may fail
            joined = shrinker.TryJoin(this);
            _shrinkers = joined ? all : _shrinkers;
        }

        if (!joined)
        {
            throw new InvalidOperationException($"Shrinker '{shrinker.Name}' is already registered.");
        }
    }

    /// <summary>
    /// Lets no further round on a shrinker begin, and waits for those under way (<c>shrinker_free</c>). When this
    /// returns, true or false, nothing calls the shrinker, and what it uses may go. Its deferred work is forgotten.
    /// </summary>
    /// <remarks>
    /// Inside a shrinker, this one or another, it does not wait, because two threads could wait for each other. Rounds
    /// under way, including the caller's, then go on to their end. Call it again from outside to wait for them. The
    /// caller must hold no lock that the shrinker takes.
    /// </remarks>
    /// <returns>Whether the shrinker was registered here.</returns>
    public bool Unregister(Shrinker shrinker)
    {
        ArgumentNullException.ThrowIfNull(shrinker);
        bool left;
        using (_lock.Hold())
        {
            Shrinker[] rest = [.. _shrinkers.Where(s => s != shrinker)];
            left = shrinker.TryLeave(this);
            _shrinkers = left ? rest : _shrinkers;
        }

        while (!t_isInPass && shrinker.IsLeaving)
        {
            UninterruptibleLock.Pause();
        }

        return left;
    }

    /// <summary>
    /// One pass: a round on every shrinker (<c>shrink_slab</c>). The caller holds no lock that a shrinker could need.
    /// </summary>
    /// <param name="gfp">What the allocation that needs memory may do.</param>
    /// <param name="node">The node that is short of memory.</param>
    /// <param name="priority">From <see cref="DefaultPriority"/>, the least pressure, to 0.</param>
    /// <param name="patience">How long each round may go on while it frees next to nothing; for ever by
    /// default.</param>
    /// <returns>The number of freed objects. 0 at once when this thread is inside a pass.</returns>
    /// <exception cref="Exception">As <see cref="ShrinkerFailed"/> describes.</exception>
    internal long Shrink(GfpFlags gfp, int node, int priority, TimeSpan? patience = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(node);
        ArgumentOutOfRangeException.ThrowIfNegative(priority);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(priority, DefaultPriority);
        if (t_isInPass)
        {
            return 0;
        }

        long freed = 0;
        t_isInPass = true;
        try
        {
            foreach (Shrinker shrinker in _shrinkers)
            {
                if (shrinker.TryBeginRound(this))
                {
                    RunRound(shrinker, new ShrinkControl { Gfp = gfp, Node = node }, priority,
                        patience ?? TimeSpan.MaxValue, ref freed);
                }
            }
        }
        finally
        {
            t_isInPass = false;
        }

        _failures.Throw();
        return freed;
    }

    private void RunRound(Shrinker shrinker, in ShrinkControl control, int priority, TimeSpan patience, ref long freed)
    {
        try
        {
            shrinker.RunRound(control, priority, patience, ref freed);
        }
        catch (Exception failure)
        {
            Report(shrinker, failure);
        }
        finally
        {
            shrinker.EndRound();
        }
    }

    /// <summary>Tells every handler, or keeps the failure for the end of the pass.</summary>
    private void Report(Shrinker shrinker, Exception failure)
    {
        Action<Shrinker, Exception>? handlers = ShrinkerFailed;
        FoundErrors found = Handlers.Tell(handlers, handler => handler(shrinker, failure));
        if (handlers is null || found.Any)
        {
            _failures.Add(failure); // the handler that was told of it has failed, and may have lost it
        }

        found.Keep(_failures);
    }
}
