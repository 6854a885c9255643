using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace SlabGen.Benchmarks.Memory;

/// <summary>The measurements of memory as text.</summary>
internal static class MemoryReport
{
    public static string ToMarkdown(JsonObject memory)
    {
        var text = new StringBuilder("Growth of resident anonymous memory in percent of the objects' bytes, each line a process of its own.\n")
            .AppendLine()
            .AppendLine("| size | allocator | peak, over the objects | 63 of 64 freed | the same, shrunk | all freed | all freed, shrunk |")
            .AppendLine("| --: | :-- | --: | --: | --: | --: | --: |");
        foreach ((string size, string allocator, JsonNode use) in Rows(memory).Where(row => char.IsDigit(row.Kind[0])))
        {
            text.AppendLine(CultureInfo.InvariantCulture,
                $"| {size} | {allocator} | {Percent(use, "peak") - 100:f2} % | {Percent(use, "sparse"):f2} % | {Percent(use, "sparseShrunk"):f2} % | {Percent(use, "freed"):f2} % | {Percent(use, "shrunk"):f2} % |");
        }

        if (memory.ContainsKey("idle"))
        {
            Table(text, memory, "idle", "8 threads that freed all and sit idle", "| allocator | all freed | after two reap intervals, no call made | the process, against its start |", (use, allocator) => string.Create(CultureInfo.InvariantCulture,
                $"| {allocator} | {Percent(use, "freed"):f2} % | {Percent(use, "idle"):f2} % | {100.0 * (Get(use, "start") + Get(use, "idle")) / Get(use, "start"):f1} % |"));
            Table(text, memory, "mleak", "Threads that allocate one object and die", "| allocator | threads | KB after half of them | KB after all |", (use, allocator) => string.Create(CultureInfo.InvariantCulture,
                $"| {allocator} | {Get(use, "threads"):f0} | {Get(use, "half") / 1000:f0} | {Get(use, "all") / 1000:f0} |"));
            Table(text, memory, "shrink", "Giving back what 1,000,000 free objects hold", "| allocator | ms | longest, ms |", (use, allocator) => string.Create(CultureInfo.InvariantCulture,
                $"| {allocator} | {Get(use, "milliseconds"):f1} | {Get(use, "longest"):f1} |"));
        }

        return text.ToString().TrimEnd();
    }

    private static void Table(StringBuilder text, JsonObject memory, string kind, string title, string header, Func<JsonNode, string, string> row)
    {
        text.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"{title}:").AppendLine().AppendLine(header)
            .AppendLine(string.Concat("| :-- ", string.Concat(Enumerable.Repeat("| --: ", header.Count(c => c == '|') - 2)), "|"));
        foreach ((_, string allocator, JsonNode use) in Rows(memory).Where(r => r.Kind == kind))
        {
            text.AppendLine(row(use, allocator));
        }
    }

    private static IEnumerable<(string Kind, string Allocator, JsonNode Use)> Rows(JsonObject memory) =>
        memory.SelectMany(kind => kind.Value!.AsObject().Select(allocator => (kind.Key, allocator.Key, allocator.Value!)));

    private static double Percent(JsonNode use, string name) => 100 * Get(use, name) / Get(use, "objects");

    private static double Get(JsonNode use, string name) => use[name]!.GetValue<double>();
}
