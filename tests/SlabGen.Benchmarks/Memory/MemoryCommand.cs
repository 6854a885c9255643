using System.Text.Json.Nodes;
using SlabGen.Benchmarks.Results;

namespace SlabGen.Benchmarks.Memory;

/// <summary><c>memory</c>: what objects cost in resident memory.</summary>
internal static class MemoryCommand
{
    public static void Run(Options options)
    {
        JsonObject memory = MemoryMeasurements.Take(options, _ => true);
        string markdown = $"{Machine.Summary}, {Machine.Date}.\n\n{MemoryReport.ToMarkdown(memory)}";
        var json = new JsonObject { ["memory"] = memory, ["machine"] = Machine.ToJson() };
        Console.WriteLine(options.Json ? json.ToString() : markdown);
        if (options.Write)
        {
            ResultFiles.Write("memory", markdown, json);
        }
    }
}
