namespace SlabGen;

/// <summary>
/// When to refuse: the attributes of the kernel's fault injection
/// (<c>Documentation/fault-injection/fault-injection.rst</c>). As they are by default, every request is refused.
/// </summary>
/// <example><code><![CDATA[
/// var third = new FaultAttributes { Interval = 3, Times = 1 };      // the third alone
/// var fromThirdOn = new FaultAttributes { Space = 2 };              // the third and all that follow
/// var onePercent = new FaultAttributes { Probability = 1, Seed = 7 };
/// Console.WriteLine((third.Times, fromThirdOn.Times is null, onePercent.Interval));
/// ]]></code></example>
public sealed record FaultAttributes
{
    /// <summary>
    /// Of those that <see cref="Space"/> and <see cref="Interval"/> leave, how many of a hundred fail: 0 to 100.
    /// </summary>
    public double Probability { get; init; } = 100;

    /// <summary>Only every so many-th request may fail: 1 or more.</summary>
    public long Interval { get; init; } = 1;

    /// <summary>The most requests that fail; null for no end.</summary>
    public long? Times { get; init; }

    /// <summary>So many requests are let through first.</summary>
    public long Space { get; init; }

    /// <summary>Which requests <see cref="Probability"/> chooses. The same seed chooses the same numbers.</summary>
    public int Seed { get; init; }

    /// <summary>
    /// Only requests of the thread that injects count and fail (the kernel's <c>task-filter</c>): other tests that run
    /// in the same process go on.
    /// </summary>
    public bool ThisThreadOnly { get; init; }

    /// <summary>Throw instead: the GC heap is full at that point. For tests.</summary>
    internal bool Throws { get; init; }

    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    internal void Validate()
    {
        if (!(Probability is >= 0 and <= 100)) // nor not a number
        {
            throw new ArgumentOutOfRangeException(nameof(Probability), Probability, "FaultAttributes.Probability must be from 0 to 100.");
        }

        Check(Interval, 1, nameof(Interval));
        Check(Times ?? 0, 0, nameof(Times));
        Check(Space, 0, nameof(Space));
    }

    private static void Check(long value, long least, string name)
    {
        if (value < least)
        {
            throw new ArgumentOutOfRangeException(name, value, $"FaultAttributes.{name} must be {least} or more.");
        }
    }
}
