using System.Diagnostics;

namespace SlabGen;

/// <summary>Faults that are being injected: by <see cref="SlabFaults.Inject"/>, until this is disposed of.</summary>
/// <remarks>
/// Whoever asks may hold any lock and be any thread. So an answer takes no lock and allocates nothing: it is a function
/// of the number of the request.
/// </remarks>
[DebuggerDisplay("{Point}: {Failed} of {Asked} failed")]
public sealed class FaultInjection : IDisposable
{
    private readonly SlabFaults _faults;
    private readonly int _thread; // the managed id of the one whose requests count; 0: of all
    private long _asked, _failed; // any thread, interlocked

    internal FaultInjection(SlabFaults faults, FaultPoint point, FaultAttributes attributes)
    {
        (_faults, Point, Attributes) = (faults, point, attributes);
        _thread = attributes.ThisThreadOnly ? Environment.CurrentManagedThreadId : 0;
    }

    /// <summary>What is refused.</summary>
    public FaultPoint Point { get; }

    /// <summary>When it is refused.</summary>
    public FaultAttributes Attributes { get; }

    /// <summary>How many requests there were since it began.</summary>
    public long Asked => Volatile.Read(ref _asked);

    /// <summary>How many of them were refused.</summary>
    public long Failed => Volatile.Read(ref _failed);

    /// <summary>
    /// Ends it. A second call does nothing. Neither does one after another injection at the same point has taken its
    /// place.
    /// </summary>
    public void Dispose() => _faults.End(this);

    /// <summary>Whether this request fails.</summary>
    internal bool Fails()
    {
        if (_thread != 0 && _thread != Environment.CurrentManagedThreadId)
        {
            return false;
        }

        long number = Interlocked.Increment(ref _asked) - Attributes.Space;
        if (number <= 0 || number % Attributes.Interval != 0 || !IsChosen(number) || !TryCount())
        {
            return false;
        }

        return Attributes.Throws ? throw new OutOfMemoryException("The GC heap is full.") : true;
    }

    private bool IsChosen(long number) =>
        Attributes.Probability >= 100 || (Mix(number) >> 11) * (100.0 / (1L << 53)) < Attributes.Probability;

    /// <summary>A random number for each number of a request (SplitMix64).</summary>
    private ulong Mix(long number)
    {
        ulong mixed = ((ulong)(uint)Attributes.Seed << 32) ^ ((ulong)number * 0x9E3779B97F4A7C15);
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }

    /// <returns><see langword="false"/> when as many have failed as may.</returns>
    private bool TryCount()
    {
        long most = Attributes.Times ?? long.MaxValue;
        for (long failed = Failed; failed < most; failed = Failed)
        {
            if (Interlocked.CompareExchange(ref _failed, failed + 1, failed) == failed)
            {
                return true;
            }
        }

        return false;
    }
}
