using System.Globalization;

namespace SlabGen.Benchmarks.Results;

/// <summary>Cells and rows of tables.</summary>
internal static class Markdown
{
    /// <summary>Three digits or more; nothing for null.</summary>
    public static string Number(double? value) => value?.ToString(value < 10 ? "f2" : value < 100 ? "f1" : "f0", CultureInfo.InvariantCulture) ?? "";

    public static string Ratio(double? value) => value is null ? "" : Number(value) + "x";

    public static string Row(string first, IEnumerable<string> cells) => $"| {first} | {string.Join(" | ", cells)} |";

    public static string Header(string first, IReadOnlyList<string> columns) => Row(first, columns) + "\n" + Row(":--", columns.Select(_ => "--:"));
}
