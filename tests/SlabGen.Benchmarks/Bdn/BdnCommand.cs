using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.NoEmit;

namespace SlabGen.Benchmarks.Bdn;

/// <summary><c>bdn</c>: BenchmarkDotNet over the same workloads, for those who trust its statistics more than ours.</summary>
/// <remarks>
/// In this process, since the projects that BenchmarkDotNet generates would inherit the repository's build settings, and lanes are
/// internal. Its results go to a folder in the temporary one.
/// </remarks>
internal static class BdnCommand
{
    public static void Run(Options options)
    {
        IConfig config = ManualConfig.Create(DefaultConfig.Instance)
            .AddJob(Job.ShortRun.WithToolchain(InProcessNoEmitToolchain.Instance))
            .AddDiagnoser(MemoryDiagnoser.Default)
            .WithArtifactsPath(Path.Combine(Path.GetTempPath(), "SlabGen.Benchmarks"));
        string filter = options.Values.FirstOrDefault("*");
        BenchmarkSwitcher.FromTypes([typeof(OneThreadBenchmarks), typeof(ThreadsBenchmarks)]).Run(["--filter", filter.Contains('*') ? filter : $"*{filter}*"], config);
    }
}
