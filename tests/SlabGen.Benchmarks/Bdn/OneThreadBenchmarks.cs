using BenchmarkDotNet.Attributes;

namespace SlabGen.Benchmarks.Bdn;

/// <summary>One thread; time and garbage per object, of which a call of each of these workloads has 10,000.</summary>
public class OneThreadBenchmarks : LaneBenchmarks
{
    [Params("pair", "batch1000", "replace128k", "replace1m")]
    public override string Workload { get; set; } = "";

    [GlobalSetup(Target = nameof(NativeMemory))]
    public void OpenNativeMemory() => Open("native");

    [Benchmark(Baseline = true, OperationsPerInvoke = 10_000)]
    public void NativeMemory() => Call();

    [GlobalSetup(Target = nameof(SlabGen))]
    public void OpenSlabGen() => Open("slabgen");

    [Benchmark(OperationsPerInvoke = 10_000)]
    public void SlabGen() => Call();

    [GlobalSetup(Target = nameof(Mimalloc))]
    public void OpenMimalloc() => Open("mimalloc");

    [Benchmark(OperationsPerInvoke = 10_000)]
    public void Mimalloc() => Call();

    [GlobalSetup(Target = nameof(TCMalloc))]
    public void OpenTCMalloc() => Open("tcmalloc");

    [Benchmark(OperationsPerInvoke = 10_000)]
    public void TCMalloc() => Call();

    [GlobalSetup(Target = nameof(Class))]
    public void OpenClass() => Open("class");

    [Benchmark(OperationsPerInvoke = 10_000)]
    public void Class() => Call();

    [GlobalSetup(Target = nameof(ArrayPool))]
    public void OpenArrayPool() => Open("arraypool");

    [Benchmark(OperationsPerInvoke = 10_000)]
    public void ArrayPool() => Call();

    [GlobalSetup(Target = nameof(ObjectPool))]
    public void OpenObjectPool() => Open("objectpool");

    [Benchmark(OperationsPerInvoke = 10_000)]
    public void ObjectPool() => Call();

    [GlobalSetup(Target = nameof(AllocHGlobal))]
    public void OpenAllocHGlobal() => Open("hglobal");

    [Benchmark(OperationsPerInvoke = 10_000)]
    public void AllocHGlobal() => Call();
}
