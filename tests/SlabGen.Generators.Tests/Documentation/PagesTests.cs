using System.Text.RegularExpressions;

namespace SlabGen.Generators.Tests;

/// <summary>Proves that the pages by task are short, and that each has one program, which prints what the page says. Catches a page that the code has left behind.</summary>
public sealed partial class PagesTests
{
    private const string List = "features.md"; // the list of the others

    private static readonly string s_folder = Path.Combine(TestCompilation.RepositoryRoot, "src", "SlabGen", "docs");

    public static TheoryData<string> Pages => [.. Directory.GetFiles(s_folder, "*.md").Select(file => Path.GetFileName(file)).Where(page => page != List)];

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task The_sample_of_a_page_prints_what_the_page_says(string page)
    {
        string text = Read(page);
        Assert.Single(Regex.Matches(text, "```csharp\n"));
        Match sample = Sample().Match(text);
        Assert.True(sample.Success, $"{page} has no csharp block followed by what it prints");
        Assert.Equal(sample.Groups["output"].Value, await SampleProgram.Run(sample.Groups["code"].Value, page));
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void A_page_is_short_and_the_list_names_it(string page)
    {
        Assert.InRange(Read(page).Split('\n').Length - 1, 20, 60);
        Assert.Contains($"]({page})", Read(List), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Its_links_lead_somewhere(string page) => Assert.All(
        Link().Matches(Read(page)).Select(match => match.Groups[1].Value),
        link => Assert.True(Path.Exists(Path.Combine(s_folder, link)), $"{page}: {link} leads nowhere"));

    [Fact]
    public void The_list_of_features_has_no_dead_link() => Its_links_lead_somewhere(List);

    private static string Read(string page) => File.ReadAllText(Path.Combine(s_folder, page)).ReplaceLineEndings("\n");

    [GeneratedRegex("```csharp\n(?<code>.*?)```\n\nIt prints:\n\n```\n(?<output>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Sample();

    // Of this repository, without what follows a '#'.
    [GeneratedRegex(@"\]\((?!https?:)([^)#]+)")]
    private static partial Regex Link();
}
