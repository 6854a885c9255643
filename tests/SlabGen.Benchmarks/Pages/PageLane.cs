using System.Diagnostics;

namespace SlabGen.Benchmarks.Pages;

/// <summary>One way to have pages: a call that does so many allocations and frees.</summary>
internal sealed class PageLane(string name, int operations, Action<int> body)
{
    private readonly List<double> _times = [];

    public string Name => name;

    /// <summary>Nanoseconds per allocation and free, the median of the runs.</summary>
    public double Nanoseconds
    {
        get
        {
            double[] sorted = [.. _times.Order()];
            return sorted[sorted.Length / 2];
        }
    }

    /// <summary>Measures the lanes in turn, run by run, so that a noisy minute hits all of them.</summary>
    public static void Measure(IReadOnlyList<PageLane> lanes, int runs, TimeSpan runTime)
    {
        TierOne.Reach([.. lanes.Select(lane => (Action)lane.WarmUp)]);
        TierOne.Reach([.. lanes.Select(lane => (Action)lane.Call)]);
        for (int run = 0; run < runs; run++)
        {
            foreach (PageLane lane in lanes)
            {
                lane.Time(runTime);
            }
        }
    }

    private void WarmUp() => body(Math.Min(operations, TierOne.WarmUpIterations));

    private void Call() => body(operations);

    private void Time(TimeSpan runTime)
    {
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < runTime / 4;)
        {
            Call(); // the others had the caches meanwhile
        }

        long begin = Stopwatch.GetTimestamp(), calls = 0;
        TimeSpan elapsed;
        do
        {
            Call();
            calls++;
            elapsed = Stopwatch.GetElapsedTime(begin);
        }
        while (elapsed < runTime);
        _times.Add(elapsed.TotalNanoseconds / ((double)calls * operations));
    }
}
