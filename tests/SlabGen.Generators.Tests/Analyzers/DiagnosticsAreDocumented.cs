using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;

namespace SlabGen.Generators.Tests;

/// <summary>The link in an error message leads somewhere.</summary>
public sealed class DiagnosticsAreDocumented
{
    private static readonly string s_generators = Path.Combine(TestCompilation.RepositoryRoot, "generators");

    private static readonly DiagnosticDescriptor[] s_descriptors =
        [.. GeneratorTest.Analyzers.SelectMany(static analyzer => analyzer.SupportedDiagnostics).OrderBy(static descriptor => descriptor.Id, StringComparer.Ordinal)];

    // What the package's own files say: the property that all links are made of.
    private static readonly string s_pages = Links("SlabGenPagesUrl").Replace("$(SlabGenRepositoryUrl)", Links("SlabGenRepositoryUrl"), StringComparison.Ordinal);

    // Where the ids of a group start.
    private static readonly int[] s_groups = [1, 50, 100, 200, 300];

    // Reported by the package's targets, where no analyzer can be loaded.
    private static readonly string[] s_idsOfTargets =
        [.. Regex.Matches(File.ReadAllText(Path.Combine(s_generators, "..", "src", "SlabGen", "buildTransitive", "SlabGen.targets")), "Code=\"(SLAB[0-9]+)\"").Select(static match => match.Groups[1].Value)];

    private static string Links(string property) => System.Xml.Linq.XDocument
        .Load(Path.Combine(TestCompilation.RepositoryRoot, "src", "SlabGen", "buildTransitive", "SlabGen.Links.props"))
        .Descendants(property).Single().Value;

    [Fact]
    public void Every_analyzer_has_one_rule_and_the_ids_of_a_group_have_no_gap()
    {
        int[] ids = [.. s_descriptors.Select(static descriptor => int.Parse(descriptor.Id.AsSpan("SLAB".Length), CultureInfo.InvariantCulture))];

        Assert.Equal(GeneratorTest.Analyzers.Length, ids.Length);
        Assert.Equal(1, ids[0]);
        Assert.All(ids.Zip(ids.Skip(1)), static pair => Assert.True(pair.Second == pair.First + 1 || s_groups.Contains(pair.Second), $"{pair}"));
    }

    [Fact]
    public void Every_rule_is_of_its_group_s_category_and_severity() =>
        Assert.All(s_descriptors, static descriptor =>
        {
            (string category, DiagnosticSeverity[] severities) = descriptor.Id[4..6] switch
            {
                "00" when string.CompareOrdinal(descriptor.Id, "SLAB0050") < 0 => ("SlabGen", [DiagnosticSeverity.Error, DiagnosticSeverity.Warning]),
                "00" => ("SlabGen", [DiagnosticSeverity.Warning, DiagnosticSeverity.Info]),
                "01" => ("SlabGen.Use", [DiagnosticSeverity.Warning]),
                "02" => ("SlabGen.Habit", [DiagnosticSeverity.Info]),
                _ => ("SlabGen.Build", new[] { DiagnosticSeverity.Error }),
            };

            Assert.Equal(category, descriptor.Category);
            Assert.Contains(descriptor.DefaultSeverity, severities);
            Assert.True(descriptor.IsEnabledByDefault);
        });

    [Fact]
    public void Every_rule_has_a_section_that_its_link_leads_to()
    {
        string[] lines = File.ReadAllLines(Path.Combine(s_generators, "README.md"));

        Assert.Equal(
            s_descriptors.Select(static descriptor => descriptor.Id).Concat(s_idsOfTargets).Select(static id => "## " + id),
            lines.Where(static line => line.StartsWith("## SLAB", StringComparison.Ordinal)));
        Assert.All(s_descriptors, descriptor =>
        {
            Assert.Equal($"{s_pages}generators/README.md#{descriptor.Id.ToLowerInvariant()}", descriptor.HelpLinkUri);

            string section = string.Join('\n', lines.SkipWhile(line => line != "## " + descriptor.Id).Skip(1).TakeWhile(static line => !line.StartsWith("## ", StringComparison.Ordinal)));
            Assert.Contains($"**{descriptor.Title}.** {descriptor.DefaultSeverity}.", section, StringComparison.Ordinal);
            Assert.Contains("Cause: ", section, StringComparison.Ordinal);
            Assert.Contains(descriptor.Category == "SlabGen.Build" ? "```xml" : "```csharp", section, StringComparison.Ordinal);
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
            Assert.Single(rows, $"{descriptor.Id} | {descriptor.Category} | {descriptor.DefaultSeverity} | [{analyzer.GetType().Name}](../README.md#{descriptor.Id.ToLowerInvariant()})");
        });
        Assert.Equal(s_descriptors.Length, rows.Count(static row => row.StartsWith("SLAB", StringComparison.Ordinal)));
    }
}
