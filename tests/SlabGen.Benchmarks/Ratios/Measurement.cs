using SlabGen.Benchmarks.Allocators;
using SlabGen.Benchmarks.Workloads;

namespace SlabGen.Benchmarks.Ratios;

/// <summary>The nanoseconds per object, allocation and free, of every allocator on one workload.</summary>
internal sealed record Measurement(string Workload, IReadOnlyList<(string Allocator, double Nanoseconds)> Results)
{
    /// <summary>Null where the allocator does not take part.</summary>
    public double? this[string allocator] => Results.Where(result => result.Allocator == allocator).Select(result => (double?)result.Nanoseconds).FirstOrDefault();

    /// <summary>How many times as fast as the other allocator SlabGen is; null where one of them does not take part.</summary>
    public double? Ratio(string other) => this[other] / this[Peers.SlabGen];

    /// <summary>Measures the allocators in turn, run by run, so that a noisy minute hits all of them.</summary>
    public static Measurement Take(Workload workload, Effort effort)
    {
        IReadOnlyList<Lane> lanes = workload.OpenLanes();
        TierOne.Reach([.. lanes.Select(lane => (Action)lane.Call)], effort.RunTime, effort.WarmUpRounds);

        double[][] times = [.. lanes.Select(_ => new double[effort.Runs])];
        for (int run = 0; run < effort.Runs; run++)
        {
            for (int lane = 0; lane < lanes.Count; lane++)
            {
                Time(lanes[lane], effort.RunTime / 4); // warm up: the other allocators evicted our CPU cache lines
                times[lane][run] = Time(lanes[lane], effort.RunTime);
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
        TimeSpan elapsed = default;
        long calls = 0;
        for (; calls == 0 || elapsed < runTime; calls++)
        {
            elapsed += lane.Time();
        }

        return elapsed.TotalNanoseconds / ((double)calls * lane.ObjectsPerCall);
    }

    private static double Median(double[] values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
