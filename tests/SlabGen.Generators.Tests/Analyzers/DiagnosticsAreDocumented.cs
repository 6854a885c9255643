using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;

namespace SlabGen.Generators.Tests;

/// <summary>The link in an error message leads somewhere.</summary>
public sealed class DiagnosticsAreDocumented
{
    private static readonly string s_generators = Path.Combine(FolderOfThisFile(), "..", "..", "..", "generators");

    private static readonly DiagnosticDescriptor[] s_descriptors =
        [.. GeneratorTest.Analyzers.SelectMany(static analyzer => analyzer.SupportedDiagnostics).OrderBy(static descriptor => descriptor.Id, StringComparer.Ordinal)];

    [Fact]
    public void Every_analyzer_has_one_rule_and_the_ids_have_no_gap() =>
        Assert.Equal(
            Enumerable.Range(1, GeneratorTest.Analyzers.Length).Select(static i => $"SLAB{i:0000}"),
            s_descriptors.Select(static descriptor => descriptor.Id));

    [Fact]
    public void Every_rule_is_an_error_of_the_category_SlabGen() =>
        Assert.All(s_descriptors, static descriptor =>
            Assert.Equal(("SlabGen", DiagnosticSeverity.Error, true), (descriptor.Category, descriptor.DefaultSeverity, descriptor.IsEnabledByDefault)));

    [Fact]
    public void Every_rule_has_a_section_that_its_link_leads_to()
    {
        string[] lines = File.ReadAllLines(Path.Combine(s_generators, "README.md"));

        Assert.Equal(
            s_descriptors.Select(static descriptor => "## " + descriptor.Id),
            lines.Where(static line => line.StartsWith("## SLAB", StringComparison.Ordinal)));
        Assert.All(s_descriptors, descriptor =>
        {
            Assert.Equal($"https://github.com/slabgen/slabgen/blob/main/generators/README.md#{descriptor.Id.ToLowerInvariant()}", descriptor.HelpLinkUri);

            string section = string.Join('\n', lines.SkipWhile(line => line != "## " + descriptor.Id).Skip(1).TakeWhile(static line => !line.StartsWith("## ", StringComparison.Ordinal)));
            Assert.Contains($"**{descriptor.Title}.** Error.", section, StringComparison.Ordinal);
            Assert.Contains("Cause: ", section, StringComparison.Ordinal);
            Assert.Contains("```csharp", section, StringComparison.Ordinal);
            Assert.Contains("Fix: ", section, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Every_rule_has_one_row_in_the_release_notes()
    {
        string[] rows =
        [
            .. File.ReadAllLines(Path.Combine(s_generators, "SlabGen.Generators", "AnalyzerReleases.Shipped.md")),
            .. File.ReadAllLines(Path.Combine(s_generators, "SlabGen.Generators", "AnalyzerReleases.Unshipped.md")),
        ];

        Assert.All(GeneratorTest.Analyzers, analyzer =>
        {
            DiagnosticDescriptor descriptor = analyzer.SupportedDiagnostics[0];
            Assert.Single(rows, $"{descriptor.Id} | {descriptor.Category} | {descriptor.DefaultSeverity} | [{analyzer.GetType().Name}]({descriptor.HelpLinkUri})");
        });
        Assert.Equal(s_descriptors.Length, rows.Count(static row => row.StartsWith("SLAB", StringComparison.Ordinal)));
    }

    private static string FolderOfThisFile([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
