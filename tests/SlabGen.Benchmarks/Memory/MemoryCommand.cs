using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using SlabGen.Benchmarks.Allocators;

namespace SlabGen.Benchmarks.Memory;

/// <summary><c>memory</c>: what objects cost in resident memory, each measurement in a process of its own.</summary>
internal static class MemoryCommand
{
    public const string ChildCommand = "memory-child";

    private const int Bytes = 200_000_000;
    private const int FewSizesCount = 3_125_000; // 200 MB of 64-byte objects; of 24-byte ones as many

    private static readonly (int Size, int Count)[] s_sets =
        [(64, FewSizesCount), (24, FewSizesCount), (96, Bytes / 96), (200, Bytes / 200), (1000, Bytes / 1000)];

    public static void Run(Options options)
    {
        if (!options.Json)
        {
            Console.WriteLine(Machine.Summary);
            Console.WriteLine("Growth of resident anonymous memory, in percent of the objects' bytes; each line a process of its own.");
            Console.WriteLine();
            Console.WriteLine("| allocator | size |   objects | peak, over the objects | all freed | given back | end RSS / start |");
            Console.WriteLine("|:----------|-----:|----------:|-----------------------:|----------:|-----------:|----------------:|");
        }

        var uses = new List<MemoryUse>();
        foreach ((int size, int count) in s_sets)
        {
            foreach (string allocator in (string[])[SlabGen64.Name, NativeAllocator<Object64>.Name])
            {
                string child = SelfProcess.Run([ChildCommand, allocator, size.ToString(CultureInfo.InvariantCulture), count.ToString(CultureInfo.InvariantCulture)]);
                MemoryUse use = JsonSerializer.Deserialize<MemoryUse>(child)!;
                uses.Add(use);
                if (!options.Json)
                {
                    Console.WriteLine(
                        $"| {use.Allocator,-9} | {use.Size,4} | {count,9} | {use.OverheadPercent,21:f2}% | {use.FreedPercent,8:f2}% | {use.GivenBackPercent,9:f2}% | {use.EndOverStart,15:f3} |");
                }
            }
        }

        if (options.Json)
        {
            Console.WriteLine(new JsonObject
            {
                ["memory"] = new JsonObject(uses.GroupBy(use => use.Size).Select(group => KeyValuePair.Create(
                    group.Key.ToString(CultureInfo.InvariantCulture),
                    (JsonNode?)new JsonObject(group.Select(use => KeyValuePair.Create(use.Allocator, JsonSerializer.SerializeToNode(use))))))),
                ["machine"] = Machine.ToJson(),
            });
        }
    }

    /// <summary>One measurement, in the process that was started for it.</summary>
    public static void RunChild(Options options)
    {
        int count = int.Parse(options.Values[2], CultureInfo.InvariantCulture);
        MemoryUse use = (options.Values[0], options.Values[1]) switch
        {
            ("slabgen", "24") => MemoryUse.Measure<SlabGen24>(count),
            ("slabgen", "64") => MemoryUse.Measure<SlabGen64>(count),
            ("slabgen", "96") => MemoryUse.Measure<SlabGen96>(count),
            ("slabgen", "200") => MemoryUse.Measure<SlabGen200>(count),
            ("slabgen", "1000") => MemoryUse.Measure<SlabGen1000>(count),
            ("native", "24") => MemoryUse.Measure<NativeAllocator<Object24>>(count),
            ("native", "64") => MemoryUse.Measure<NativeAllocator<Object64>>(count),
            ("native", "96") => MemoryUse.Measure<NativeAllocator<Object96>>(count),
            ("native", "200") => MemoryUse.Measure<NativeAllocator<Object200>>(count),
            ("native", "1000") => MemoryUse.Measure<NativeAllocator<Object1000>>(count),
            (var allocator, var size) => throw new ArgumentException($"There is no allocator '{allocator}' for {size} bytes."),
        };
        Console.WriteLine(JsonSerializer.Serialize(use));
    }
}
