using BenchmarkDotNet.Attributes;
using SlabGen.Benchmarks.Allocators;
using SlabGen.Benchmarks.Workloads;

namespace SlabGen.Benchmarks.Bdn;

/// <summary>One workload on one allocator after the other; the lanes are those of <c>ratios</c>.</summary>
public abstract class LaneBenchmarks
{
    private Lane? _lane;

    /// <summary>The name of a workload of <c>ratios</c>.</summary>
    public abstract string Workload { get; set; }

    [GlobalCleanup]
    public void Close() => _lane?.Dispose();

    private protected void Call() => _lane!.Call();

    private protected void Open(string allocator)
    {
        Workload workload = AllWorkloads.Get().First(workload => workload.Name == Workload);
        Peer peer = workload.Peers.FirstOrDefault(peer => peer.Name == allocator)
            ?? throw new InvalidOperationException($"{allocator} is absent: {Peers.Absent.FirstOrDefault(peer => peer.Name == allocator).Problem}");
        TierOne.Reach([workload.WarmUp(peer)]);
        _lane = workload.OpenLane(peer);
    }
}
