using System.Diagnostics;

namespace SlabGen.Benchmarks.Hardening;

/// <summary>One runtime, and what was measured of it.</summary>
internal sealed class HardeningRun : IDisposable
{
    /// <summary>The objects of <c>grow</c>.</summary>
    public const int Many = 100_000;

    private const int Pairs = 200_000, Batches = 100, InBatch = 1000;

    private readonly SlabRuntime _runtime;
    private readonly KmemCache _cache;
    private readonly nint[] _objects = new nint[Many];
    private readonly List<double> _pair = [], _batch = [], _grow = [];

    public HardeningRun(string name, SlabRuntimeOptions options)
    {
        Name = name;
        _runtime = new SlabRuntime(options with { ReapInterval = Timeout.InfiniteTimeSpan });
        _cache = _runtime.CreateCache("objects", 64);
    }

    public string Name { get; }

    public double Pair => Median(_pair);

    public double Batch => Median(_batch);

    public double Grow => Median(_grow);

    /// <summary>What the runtime held for each object while all were live, and when they were given back.</summary>
    public double LiveBytes { get; private set; }

    /// <inheritdoc cref="LiveBytes"/>
    public double RestBytes { get; private set; }

    public void WarmUp()
    {
        RunPairs(TierOne.WarmUpIterations);
        RunBatch(TierOne.WarmUpIterations / 2);
        RunGrow(TierOne.WarmUpIterations / 2);
    }

    public void Measure()
    {
        _pair.Add(Time(() => RunPairs(Pairs)) / Pairs);
        _batch.Add(Time(() =>
        {
            for (int i = 0; i < Batches; i++)
            {
                RunBatch(InBatch);
            }
        }) / (Batches * InBatch));
        _runtime.Shrink();
        _grow.Add(Time(() => RunGrow(Many)) / Many);
        RestBytes = (double)_runtime.CommittedBytes / Many;
    }

    public void Dispose() => _runtime.Dispose();

    private void RunPairs(int pairs)
    {
        for (int i = 0; i < pairs; i++)
        {
            _cache.Free(_cache.Alloc());
        }
    }

    private void RunBatch(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _objects[i] = _cache.Alloc();
        }

        for (int i = 0; i < count; i++)
        {
            _cache.Free(_objects[i]);
        }
    }

    private unsafe void RunGrow(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _objects[i] = _cache.Alloc();
            *(long*)_objects[i] = i;
        }

        LiveBytes = (double)_runtime.CommittedBytes / count;
        for (int i = 0; i < count; i++)
        {
            _cache.Free(_objects[i]);
        }

        _runtime.Shrink();
    }

    private static double Time(Action work)
    {
        long start = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
