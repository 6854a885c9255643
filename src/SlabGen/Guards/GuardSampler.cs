namespace SlabGen.Guards;

/// <summary>Says when a runtime is to guard an object, and how many it may have.</summary>
internal sealed class GuardSampler
{
    private readonly GuardSampling _options;
    private long _next = Environment.TickCount64; // any thread, by compare-and-exchange: when the next one is due
    private int _live; // under the lock of the pool

    private GuardSampler(GuardSampling options, GuardPool? pool, string? refusal)
    {
        _options = options;
        Pool = pool;
        Refusal = refusal;
    }

    /// <summary>The guarded objects of the process; null when there can be none.</summary>
    public GuardPool? Pool { get; }

    /// <summary>Why there can be none.</summary>
    public string? Refusal { get; }

    /// <summary>Makes the sampler of a runtime; null when its options do not ask for one.</summary>
    public static GuardSampler? Of(GuardSampling? options) =>
        options is null ? null : new GuardSampler(options, GuardPool.TryGet(out string? refusal), refusal);

    /// <summary>
    /// Whether this allocation is one to guard. A yes begins a new interval, half to one and a half times as long as
    /// the option says, so that it does not stay in step with the program.
    /// </summary>
    public bool IsDue()
    {
        long now = Environment.TickCount64, next = Volatile.Read(ref _next);
        if (now < next)
        {
            return false;
        }

        long interval = (long)_options.Interval.TotalMilliseconds;
        long after = now + (interval / 2) + (interval == 0 ? 0 : Random.Shared.NextInt64(interval + 1));
        return Interlocked.CompareExchange(ref _next, after, next) == next;
    }

    /// <summary>Under the lock of the pool: counts one more live object.</summary>
    public bool TryCount() => _live < _options.MaxObjects && ++_live > 0;

    /// <summary>Under the lock of the pool: an object is live no more, or was not made.</summary>
    public void Uncount() => _live--;
}
