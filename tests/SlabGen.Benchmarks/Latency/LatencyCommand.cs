using System.Diagnostics;
using System.Text.Json.Nodes;
using HdrHistogram;
using SlabGen.Benchmarks.Allocators;
using SlabGen.Benchmarks.Results;

namespace SlabGen.Benchmarks.Latency;

/// <summary><c>latency</c>: the time of single allocations under larson, quiet and with memory being taken back meanwhile.</summary>
internal static class LatencyCommand
{
    private const int Generations = 25;
    private const int BurstBytes = 16 << 20;

    private static readonly double[] s_percentiles = [50, 99, 99.9, 99.99, 100];
    private static readonly TimeSpan s_rest = TimeSpan.FromMilliseconds(10);

    public static void Run(Options options)
    {
        int generations = options.Quick ? 2 : Generations;
        var rows = new List<(string Name, LongHistogram Histogram)>();
        Take<SlabGen64>("slabgen", null);
        Take<PointerStack>("a stack of pointers", null);
        Take<NativeAllocator<Object64>>("native", null);
        Take<SlabGen64>("slabgen, Shrink and a burst of 16 MB every 10 ms", Burst<SlabGenAllocator<Object200>>);
        Take<NativeAllocator<Object64>>("native, malloc_trim and a burst of 16 MB every 10 ms", Burst<NativeAllocator<Object200>>);
        Take<ScarceSlabGen>("slabgen, another cache takes and frees all memory that is left", ScarceSlabGen.Hog);
        int single = rows.Count;
        Take<SlabGen64>("slabgen, a replacement", null, whole: true);
        Take<PointerStack>("a stack of pointers, a replacement", null, whole: true);
        Take<NativeAllocator<Object64>>("native, a replacement", null, whole: true);
        Take<SlabGen64>("slabgen, a replacement beside Shrink", Burst<SlabGenAllocator<Object200>>, whole: true);
        Take<NativeAllocator<Object64>>("native, a replacement beside malloc_trim", Burst<NativeAllocator<Object200>>, whole: true);

        string markdown = $"""
            {Machine.Summary}, {Machine.Date}.

            Nanoseconds of single allocations under larson, the clock's {Nanoseconds(1):f0} ns steps and its two readings included; {generations} generations of two threads.

            {Markdown.Header("allocator", ["p50", "p99", "p99.9", "p99.99", "max"])}
            {Table(rows[..single])}

            A replacement is the free, the allocation and the first write: malloc reads an object's line when it is freed, SlabGen only when it is written. Two readings of the clock more are in it.

            {Markdown.Header("allocator", ["p50", "p99", "p99.9", "p99.99", "max"])}
            {Table(rows[single..])}
            """;
        var json = new JsonObject
        {
            ["latency"] = new JsonObject(rows.Select(row => KeyValuePair.Create(row.Name, (JsonNode?)new JsonObject(
                s_percentiles.Select(p => KeyValuePair.Create(p == 100 ? "max" : $"p{p}", (JsonNode?)Math.Round(At(row.Histogram, p)))))))),
            ["machine"] = Machine.ToJson(),
        };
        Console.WriteLine(options.Json ? json.ToString() : markdown);
        if (options.Write)
        {
            ResultFiles.Write("latency", markdown, json);
        }

        void Take<TAllocator>(string name, Action? world, bool whole = false)
            where TAllocator : struct, IAllocator<NativeObject>
        {
            using var beside = new LatencyWorld(world);
            rows.Add((name, new LatencyRun<TAllocator, NativeObject>(whole).Run(generations)));
        }
    }

    private static string Table(IEnumerable<(string Name, LongHistogram Histogram)> rows) =>
        string.Join('\n', rows.Select(row => Markdown.Row(row.Name, s_percentiles.Select(p => $"{At(row.Histogram, p):f0}"))));

    /// <summary>Somebody else's memory, allocated, freed, and given back to the system.</summary>
    private static void Burst<TAllocator>()
        where TAllocator : struct, IAllocator<NativeObject>
    {
        var objects = new NativeObject[BurstBytes / TAllocator.Size];
        for (int i = 0; i < objects.Length; i++)
        {
            objects[i] = TAllocator.Alloc();
            objects[i].Word = i;
        }

        Array.ForEach(objects, TAllocator.Free);
        TAllocator.GiveBack();
        Thread.Sleep(s_rest);
    }

    private static double At(LongHistogram histogram, double percentile) => Nanoseconds(percentile == 100 ? histogram.GetMaxValue() : histogram.GetValueAtPercentile(percentile));

    private static double Nanoseconds(long ticks) => ticks * 1e9 / Stopwatch.Frequency;
}
