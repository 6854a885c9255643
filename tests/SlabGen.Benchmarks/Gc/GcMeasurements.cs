using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace SlabGen.Benchmarks.Gc;

/// <summary>The collector beside 10,000,000 live objects, each variant in a process of its own.</summary>
internal static class GcMeasurements
{
    private static readonly string[] s_liveSets = [SlabLiveSet.Name, ClassLiveSet.Name, ArrayLiveSet.Name];

    public static JsonObject Take(Options options) =>
        new(s_liveSets.Select(liveSet => KeyValuePair.Create(liveSet, (JsonNode?)GcChild.Run(liveSet, options.Quick ? 1_000_000 : 10_000_000, options.Quick ? 0.5 : 5))));

    public static string ToMarkdown(JsonObject gc)
    {
        var text = new StringBuilder()
            .AppendLine(CultureInfo.InvariantCulture, $"{gc[SlabLiveSet.Name]!["objects"]!.GetValue<int>():N0} live objects of 64 bytes, replaced at random beside 32 bytes of garbage each time, concurrent collector.")
            .AppendLine()
            .AppendLine("| live objects | ns per replacement | all pauses, ms | longest pause, ms | longest stall, ms | collections of generation 0, 1, 2 |")
            .AppendLine("| :-- | --: | --: | --: | --: | --: |");
        foreach ((string name, JsonNode? use) in gc)
        {
            text.AppendLine(CultureInfo.InvariantCulture,
                $"| {name} | {Get(use!, "nanoseconds"):f1} | {Get(use!, "totalPause"):f1} | {Get(use!, "longestPause"):f2} | {Get(use!, "longestStall"):f2} | {string.Join(", ", use!["collections"]!.AsArray())} |");
        }

        return text.ToString().TrimEnd();
    }

    private static double Get(JsonNode use, string name) => use[name]!.GetValue<double>();
}
