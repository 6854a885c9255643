using System.Diagnostics;

namespace SlabGen.Benchmarks;

/// <summary>When nothing more is begun, and what was left out because of it.</summary>
internal sealed class Deadline
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly List<string> _leftOut = [];

    public IReadOnlyList<string> LeftOut => _leftOut;

    /// <summary>Whether there is time to begin something; if not, it is remembered.</summary>
    /// <param name="limit">Since the start.</param>
    public bool Allows(string what, TimeSpan limit)
    {
        bool isInTime = Stopwatch.GetElapsedTime(_start) < limit;
        if (!isInTime)
        {
            _leftOut.Add(what);
        }

        return isInTime;
    }
}
