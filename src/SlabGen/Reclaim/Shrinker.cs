using SlabGen.Memory;

namespace SlabGen;

/// <summary>
/// Frees what its owner can do without when memory is short: the kernel's <c>struct shrinker</c>
/// (include/linux/shrinker.h). Derive from it, and register it with a <see cref="ShrinkerRegistry"/>.
/// </summary>
/// <remarks>
/// <para>Any thread that needs memory calls it, in the middle of an allocation, and several may call at once. So it
/// must not wait for a lock that an allocating thread may hold. It frees objects, but must not count on getting new
/// ones: reclaim does not start again inside it.</para>
/// <para>A round that frees fewer than one in 64 of the objects it looks at ends after 20 ms; after 1 s if no thread
/// waits for memory. The work that is left is deferred to the next round.</para>
/// <para><see cref="ShrinkerRegistry.ShrinkerFailed"/> describes what happens to its exceptions. The work that is left
/// is then deferred.</para>
/// </remarks>
public abstract partial class Shrinker
{
    /// <summary>The usual <see cref="Seeks"/> (<c>DEFAULT_SEEKS</c>).</summary>
    public const int DefaultSeeks = 2;

    /// <summary>The usual <see cref="Batch"/> (<c>SHRINK_BATCH</c>).</summary>
    public const long DefaultBatch = 128;

    /// <summary>
    /// Returned by <see cref="ScanObjects"/>: nothing can be freed now, so the round ends (<c>SHRINK_STOP</c>).
    /// </summary>
    public const long Stop = -1;

    /// <summary>
    /// Returned by <see cref="CountObjects"/>: there are no objects at all (<c>SHRINK_EMPTY</c>). It counts as 0.
    /// </summary>
    public const long Empty = -2;

    private readonly UninterruptibleLock _lock = new(); // not held while the shrinker is called
    private readonly Dictionary<int, long> _deferred = []; // lock
    private ShrinkerRegistry? _registry; // lock
    private int _rounds; // lock

    /// <summary>Makes a shrinker. It does nothing before it is registered.</summary>
    /// <param name="name">1 to 256 UTF-16 units without white space and invisible characters. Two shrinkers may share a
    /// name.</param>
    /// <param name="seeks">See <see cref="Seeks"/>: at least 0.</param>
    /// <param name="batch">See <see cref="Batch"/>: at least 1.</param>
    /// <exception cref="ArgumentException">The name is not valid.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="seeks"/> or <paramref name="batch"/> is out of
    /// range.</exception>
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
    /// Cost of recreating an object. Higher means fewer are freed: <c>4 / Seeks</c> of what the pressure asks for. 0 is
    /// for objects that cost nothing. Half of them go, at any pressure.
    /// </summary>
    public int Seeks { get; }

    /// <summary>
    /// The most objects that one call of <see cref="ScanObjects"/> must look at. Fewer than this wait for the next
    /// round.
    /// </summary>
    public long Batch { get; }

    /// <summary>Counts, quickly and roughly, the objects that could be freed.</summary>
    /// <param name="control">What the call is for.</param>
    /// <returns>The number of objects; 0 when none can be freed now; or <see cref="Empty"/>.</returns>
    protected internal abstract long CountObjects(in ShrinkControl control);

    /// <summary>Looks at <see cref="ShrinkControl.ToScan"/> objects, and frees those that are not needed.</summary>
    /// <param name="control">What the call is for, and how many objects to look at. Returns
    /// <see cref="ShrinkControl.Scanned"/>.</param>
    /// <returns>The number of freed objects, at least 0, or <see cref="Stop"/>.</returns>
    protected internal abstract long ScanObjects(ref ShrinkControl control);
}
