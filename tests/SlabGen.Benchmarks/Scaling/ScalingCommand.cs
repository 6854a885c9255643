using System.Diagnostics;
using System.Text.Json.Nodes;
using SlabGen.Benchmarks.Allocators;
using SlabGen.Benchmarks.Results;
using SlabGen.Benchmarks.Workloads;

namespace SlabGen.Benchmarks.Scaling;

/// <summary>
/// <c>scaling</c>: 1 to 64 threads that each replace objects of their own at random. With more threads than processors it
/// shows what happens to those that wait for a thread which is not running.
/// </summary>
/// <remarks>And what <see cref="ScalingModel"/> says of more processors than the machine has.</remarks>
internal static class ScalingCommand
{
    private const int Runs = 7;
    private const int Live = 4096;

    private static readonly int[] s_threads = [1, 2, 4, 8, 16, 32, 64];
    private static readonly int[] s_processors = [1, 2, 4, 8, 16, 32, 64, 128];

    public static void Run(Options options)
    {
        Peer[] peers = [.. PeersBySize.Get(64).Unmanaged()];
        TimeSpan runTime = TimeSpan.FromMilliseconds(options.Quick ? 20 : 200);
        TierOne.Reach([.. peers.Select(peer => peer.Accept(new WarmingUp()))]);

        // Before any thread contends, since the magazines grow then.
        double hold = ScalingModel.MeasureLock(), line = ScalingModel.MeasureLine();
        ScalingModel[] measured = [.. new[] { 1, 1000, 10_000 }.Select(batch => ScalingModel.OfBatch(batch, hold, line))];
        measured = [.. measured, measured[0].HandedOver()];
        ScalingModel[] models = [.. measured, .. measured.Where(m => m.DepotVisits > 0).Select(m => m.Grown())];

        var results = new Dictionary<int, double[]>(); // by threads: operations per microsecond of all threads together, by peer
        foreach (int threads in s_threads)
        {
            ThreadsLane[] lanes = [.. peers.Select(peer => peer.Accept(new Opening(threads)))];
            double[][] runs = [.. lanes.Select(_ => new double[Runs])];
            for (int run = 0; run < Runs; run++)
            {
                for (int lane = 0; lane < lanes.Length; lane++)
                {
                    runs[lane][run] = lanes[lane].Run(runTime);
                }
            }

            results[threads] = [.. runs.Select(times => times.Order().ElementAt(Runs / 2))];
            Array.ForEach(lanes, lane => lane.Dispose());
        }

        string markdown = $"""
            {Machine.Summary}, {Machine.Date}.

            Millions of replacements a second, of all threads together: each replaces one of its own {Live} live objects of 64 bytes at random. Median of {Runs} interleaved runs.

            {Markdown.Header("threads", [.. peers.Select(peer => peer.Name)])}
            {string.Join('\n', results.Select(row => Markdown.Row($"{row.Key}", row.Value.Select(value => Markdown.Number(value)))))}

            A model, not a measurement, of millions of operations a second on so many processors: each thread allocates a batch and frees it. It follows from what was measured on
            one thread (per operation: the time, the visits to the depot and to the slab lists), {Markdown.Number(hold)} ns for a lock that is free, {Markdown.Number(line)} ns for a cache line
            to come from another processor, and four lines shared by each visit, which wait for one another.

            {Markdown.Header("workload", ["ns", "depot visits", "list visits", .. s_processors.Select(processors => $"{processors}")])}
            {string.Join('\n', models.Select(m => Markdown.Row(m.Workload, [Markdown.Number(m.Nanoseconds), $"{m.DepotVisits:f5}", $"{m.ListVisits:f5}", .. s_processors.Select(n => Markdown.Number(m.Throughput(n)))])))}
            """;
        var json = new JsonObject
        {
            ["scaling"] = new JsonObject(results.Select(row => KeyValuePair.Create($"{row.Key}", (JsonNode?)new JsonObject(
                peers.Select((peer, i) => KeyValuePair.Create(peer.Name, (JsonNode?)Math.Round(row.Value[i], 3))))))),
            ["model"] = new JsonObject(models.Select(m => KeyValuePair.Create(m.Workload, (JsonNode?)new JsonObject
            {
                ["nanoseconds"] = m.Nanoseconds,
                ["depotVisits"] = m.DepotVisits,
                ["listVisits"] = m.ListVisits,
                ["lockNanoseconds"] = hold,
                ["lineNanoseconds"] = line,
                ["throughput"] = new JsonObject(s_processors.Select(n => KeyValuePair.Create($"{n}", (JsonNode?)Math.Round(m.Throughput(n), 1)))),
            }))),
            ["machine"] = Machine.ToJson(),
        };
        Console.WriteLine(options.Json ? json.ToString() : markdown);
        if (options.Write)
        {
            ResultFiles.Write("scaling", markdown, json);
        }
    }

    private sealed class WarmingUp : IPeerVisitor<Action>
    {
        public Action Visit<TAllocator, TObject>(Peer peer)
            where TAllocator : struct, IAllocator<TObject>
            where TObject : struct, IObject<TObject> => ReplaceLane<TAllocator, TObject>.WarmUp;
    }

    private sealed class Opening(int threads) : IPeerVisitor<ThreadsLane>
    {
        public ThreadsLane Visit<TAllocator, TObject>(Peer peer)
            where TAllocator : struct, IAllocator<TObject>
            where TObject : struct, IObject<TObject> =>
            new([.. Enumerable.Range(0, threads).Select(_ => new ReplaceLane<TAllocator, TObject>(peer.Name, Live))]);
    }
}

/// <summary>Lanes that run at once, each on a thread of its own.</summary>
internal sealed class ThreadsLane : IDisposable
{
    private readonly Lane[] _lanes;
    private readonly Crew _crew;
    private long _calls;
    private long _until;

    public ThreadsLane(Lane[] lanes)
    {
        _lanes = lanes;
        _crew = new Crew(lanes.Length, i =>
        {
            long calls = 0;
            for (; Stopwatch.GetTimestamp() < Volatile.Read(ref _until); calls++)
            {
                _lanes[i].Call();
            }

            Interlocked.Add(ref _calls, calls);
        });
    }

    /// <returns>Operations per microsecond.</returns>
    public double Run(TimeSpan time)
    {
        long start = Stopwatch.GetTimestamp();
        _calls = 0;
        Volatile.Write(ref _until, start + (long)(time.TotalSeconds * Stopwatch.Frequency));
        _crew.Start();
        Thread.Sleep(time); // and leave the processors to them
        _crew.Wait();
        return _calls * (double)_lanes[0].ObjectsPerCall / Stopwatch.GetElapsedTime(start).TotalMicroseconds;
    }

    public void Dispose()
    {
        _crew.Dispose();
        Array.ForEach(_lanes, lane => lane.Dispose());
    }
}
