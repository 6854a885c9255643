using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace SlabGen.Benchmarks.Consolidation;

/// <summary><c>consolidate</c>: what stays resident of 3,000,000 objects when 63 of every 64 are freed at random, in a process for each allocator.</summary>
internal static class ConsolidateCommand
{
    public const string ChildCommand = "consolidate-child";

    public static void Run(Options options)
    {
        if (!options.Json)
        {
            Console.WriteLine(Machine.Summary);
            Console.WriteLine($"{Survivors.Count} objects of {Survivors.Size} bytes, of which one in {Survivors.OneIn} survives, at random; resident anonymous memory over the survivors' bytes.");
            Console.WriteLine();
            Console.WriteLine("| allocator |  peak | 63/64 freed | free memory given back | consolidated | its slabs | slabs, descriptors, frames |     ms |   moved |");
            Console.WriteLine("|:----------|------:|------------:|-----------------------:|-------------:|----------:|---------------------------:|-------:|--------:|");
        }

        var all = new JsonObject();
        foreach (string allocator in (string[])["slabgen", "native"])
        {
            Survivors result = JsonSerializer.Deserialize<Survivors>(SelfProcess.Run([ChildCommand, allocator]))!;
            all.Add(allocator, JsonSerializer.SerializeToNode(result));
            if (!options.Json)
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"| {allocator,-9} | {Over(result.Peak),5} | {Over(result.Freed),11} | {Over(result.GivenBack),22} | {Over(result.Consolidated),12} | {Over(result.CacheBytes),9} | {Over(result.Committed),26} | {result.Milliseconds,6:f0} | {result.Moved,7} |"));
            }
        }

        if (options.Json)
        {
            Console.WriteLine(new JsonObject { ["consolidate"] = all, ["machine"] = Machine.ToJson() });
        }
    }

    /// <summary>One measurement, in the process that was started for it.</summary>
    public static void RunChild(Options options) =>
        Console.WriteLine(JsonSerializer.Serialize(options.Values[0] == "slabgen" ? Survivors.OfSlabGen() : Survivors.OfMalloc()));

    private static string Over(long bytes) => bytes == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{(double)bytes / Survivors.LiveBytes:f2}x");
}
