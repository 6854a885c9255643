using System.Diagnostics;
using SlabGen.Benchmarks.Workloads;

namespace SlabGen.Benchmarks.Ratios;

/// <summary>The nanoseconds per object, allocation and free, of every allocator on one workload.</summary>
internal sealed record Measurement(string Workload, IReadOnlyList<(string Allocator, double Nanoseconds)> Results)
{
    public double this[string allocator] => Results.First(result => result.Allocator == allocator).Nanoseconds;

    /// <summary>How often faster than another allocator SlabGen is.</summary>
    public double Ratio(string allocator) => this["native"] / this[allocator];

    /// <summary>Measures the allocators in turn, run by run, so that a noisy minute hits all of them.</summary>
    public static Measurement Take(Workload workload, int runs, TimeSpan runTime)
    {
        Lane[] lanes = workload.OpenLanes();
        TierOne.Reach([.. lanes.Select(lane => (Action)lane.WarmUp)]);
        TierOne.Reach([.. lanes.Select(lane => (Action)lane.Call)]); // the loops are there; now what so few iterations did not reach

        double[][] times = [.. lanes.Select(_ => new double[runs])];
        for (int run = 0; run < runs; run++)
        {
            for (int lane = 0; lane < lanes.Length; lane++)
            {
                times[lane][run] = Time(lanes[lane], runTime);
            }
        }

        foreach (Lane lane in lanes)
        {
            lane.Dispose();
        }

        return new Measurement(workload.Name, [.. lanes.Select((lane, i) => (lane.Allocator, Median(times[i])))]);
    }

    private static double Time(Lane lane, TimeSpan runTime)
    {
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < runTime / 4;)
        {
            lane.Call(); // the other allocators had the caches meanwhile
        }

        long begin = Stopwatch.GetTimestamp(), calls = 0;
        TimeSpan elapsed;
        do
        {
            lane.Call();
            calls++;
            elapsed = Stopwatch.GetElapsedTime(begin);
        }
        while (elapsed < runTime);
        return elapsed.TotalNanoseconds / ((double)calls * lane.ObjectsPerCall);
    }

    private static double Median(double[] values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
