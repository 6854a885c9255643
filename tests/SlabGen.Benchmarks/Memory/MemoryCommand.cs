using System.Text.Json.Nodes;

namespace SlabGen.Benchmarks.Memory;

/// <summary><c>memory</c>: what objects cost in resident memory.</summary>
internal static class MemoryCommand
{
    public static void Run(Options options)
    {
        JsonObject memory = MemoryMeasurements.Take(options);
        Console.WriteLine(options.Json
            ? new JsonObject { ["memory"] = memory, ["machine"] = Machine.ToJson() }.ToString()
            : $"{Machine.Summary}\n{MemoryReport.ToMarkdown(memory)}");
    }
}
