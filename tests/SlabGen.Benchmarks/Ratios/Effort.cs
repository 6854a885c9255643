namespace SlabGen.Benchmarks.Ratios;

/// <summary>How much patience a run has.</summary>
/// <param name="Runs">Timed runs of each lane, of which the median counts.</param>
/// <param name="RunTime">Of each.</param>
/// <param name="LoopWarmUpRounds">Most rounds in which all loops come to the last tier.</param>
/// <param name="WarmUpRounds">Rounds of whole calls before a workload is timed.</param>
/// <param name="Timed">No workload is begun later than this after the start.</param>
/// <param name="Total">Nor any measurement of memory or of the collector later than this.</param>
internal sealed record Effort(int Runs, TimeSpan RunTime, int LoopWarmUpRounds, int WarmUpRounds, TimeSpan Timed, TimeSpan Total)
{
    /// <summary>Within 10 minutes.</summary>
    public static Effort Full { get; } = new(9, TimeSpan.FromMilliseconds(60), 20, 3, TimeSpan.FromSeconds(330), TimeSpan.FromSeconds(560));

    /// <summary>Within a minute.</summary>
    public static Effort Quick { get; } = new(7, TimeSpan.FromMilliseconds(4), 6, 1, TimeSpan.FromSeconds(25), TimeSpan.FromSeconds(35));
}
