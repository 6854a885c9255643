using SlabGen.Memory;

namespace SlabGen;

/// <summary>
/// Frees what its owner can do without when memory is short: the kernel's <c>struct shrinker</c> (include/linux/shrinker.h).
/// Derive from it, and register it with a <see cref="ShrinkerRegistry"/>.
/// </summary>
/// <remarks>
/// <para>It is called by whichever thread needs memory, by several at once, in the middle of their allocations. So it waits
/// for no lock that is held by anybody who allocates, and it frees objects but does not count on getting new ones: reclaim
/// does not start again inside it.</para>
/// <para>A round that frees less than one in 64 of the objects it looks at ends after 20 ms, or after 1 s where nobody waits for
/// memory. What it had left to do is deferred to the next.</para>
/// <para>What it throws is described at <see cref="ShrinkerRegistry.ShrinkerFailed"/>; what the round had left to do is
/// deferred.</para>
/// </remarks>
public abstract partial class Shrinker
{
    /// <summary>The usual <see cref="Seeks"/> (<c>DEFAULT_SEEKS</c>).</summary>
    public const int DefaultSeeks = 2;

    /// <summary>The usual <see cref="Batch"/> (<c>SHRINK_BATCH</c>).</summary>
    public const long DefaultBatch = 128;

    /// <summary>From <see cref="ScanObjects"/>: nothing can be freed now, end the round (<c>SHRINK_STOP</c>).</summary>
    public const long Stop = -1;

    /// <summary>From <see cref="CountObjects"/>: there are no objects at all (<c>SHRINK_EMPTY</c>). Treated as 0.</summary>
    public const long Empty = -2;

    private readonly UninterruptibleLock _lock = new(); // not held while the shrinker is called
    private readonly Dictionary<int, long> _deferred = []; // lock
    private ShrinkerRegistry? _registry; // lock
    private int _rounds; // lock

    /// <summary>Makes a shrinker, which does nothing before it is registered.</summary>
    /// <param name="name">1 to 256 UTF-16 units without white space and characters that cannot be seen. Two shrinkers may share one.</param>
    /// <param name="seeks">See <see cref="Seeks"/>: at least 0.</param>
    /// <param name="batch">See <see cref="Batch"/>: at least 1.</param>
    /// <exception cref="ArgumentException">The name is none.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="seeks"/> or <paramref name="batch"/> is out of range.</exception>
    protected Shrinker(string name, int seeks = DefaultSeeks, long batch = DefaultBatch)
    {
        ObjectName.Validate(name, "shrinker");
        if (seeks < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(seeks), seeks, $"Shrinker '{name}': Seeks must be at least 0.");
        }

        if (batch < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(batch), batch, $"Shrinker '{name}': Batch must be at least 1 object.");
        }

        Name = name;
        Seeks = seeks;
        Batch = batch;
    }

    /// <summary>The name, for people and tools.</summary>
    public string Name { get; }

    /// <summary>
    /// Cost of recreating an object. Higher means fewer are freed: <c>4 / Seeks</c> of what the pressure asks for. 0 is for objects that
    /// cost nothing: half of them go, at any pressure.
    /// </summary>
    public int Seeks { get; }

    /// <summary>The most objects that one call of <see cref="ScanObjects"/> is asked to look at; fewer wait for the next round.</summary>
    public long Batch { get; }

    /// <summary>Counts, quickly and roughly, the objects that could be freed.</summary>
    /// <param name="control">What the call is for.</param>
    /// <returns>How many, 0 when none can be freed now, or <see cref="Empty"/>.</returns>
    protected internal abstract long CountObjects(in ShrinkControl control);

    /// <summary>Looks at <see cref="ShrinkControl.ToScan"/> objects, and frees those that nobody needs.</summary>
    /// <param name="control">What the call is for, and how many objects; returns <see cref="ShrinkControl.Scanned"/>.</param>
    /// <returns>Objects freed, at least 0, or <see cref="Stop"/>.</returns>
    protected internal abstract long ScanObjects(ref ShrinkControl control);
}
