using BenchmarkDotNet.Attributes;

namespace SlabGen.Benchmarks.Bdn;

/// <summary>Several threads; time and garbage per call, which is half a million objects or more.</summary>
public class ThreadsBenchmarks : LaneBenchmarks
{
    [Params("xmalloc-1:1-w16", "larson", "neighbour-forward")]
    public override string Workload { get; set; } = "";

    [GlobalSetup(Target = nameof(NativeMemory))]
    public void OpenNativeMemory() => Open("native");

    [Benchmark(Baseline = true)]
    public void NativeMemory() => Call();

    [GlobalSetup(Target = nameof(SlabGen))]
    public void OpenSlabGen() => Open("slabgen");

    [Benchmark]
    public void SlabGen() => Call();

    [GlobalSetup(Target = nameof(Mimalloc))]
    public void OpenMimalloc() => Open("mimalloc");

    [Benchmark]
    public void Mimalloc() => Call();

    [GlobalSetup(Target = nameof(TCMalloc))]
    public void OpenTCMalloc() => Open("tcmalloc");

    [Benchmark]
    public void TCMalloc() => Call();

    [GlobalSetup(Target = nameof(Class))]
    public void OpenClass() => Open("class");

    [Benchmark]
    public void Class() => Call();

    [GlobalSetup(Target = nameof(ArrayPool))]
    public void OpenArrayPool() => Open("arraypool");

    [Benchmark]
    public void ArrayPool() => Call();

    [GlobalSetup(Target = nameof(ObjectPool))]
    public void OpenObjectPool() => Open("objectpool");

    [Benchmark]
    public void ObjectPool() => Call();

    [GlobalSetup(Target = nameof(AllocHGlobal))]
    public void OpenAllocHGlobal() => Open("hglobal");

    [Benchmark]
    public void AllocHGlobal() => Call();
}
