using System.Text.RegularExpressions;

namespace SlabGen.Tests.Architecture;

/// <summary>Proves that the lists of CONTRIBUTING.md name files that are there. Catches a file that was renamed or moved without them.</summary>
public sealed partial class ContributingTests
{
    private static readonly string s_page = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "CONTRIBUTING.md"));

    [Fact]
    public void Every_file_that_it_names_is_there()
    {
        HashSet<string> files = [.. new[] { "src", "generators", "tests" }
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(RepositoryRoot.Path, folder), "*", SearchOption.AllDirectories))
            .Select(file => Path.GetFileName(file))];
        string[] names = [.. Quoted().Matches(s_page).Select(match => match.Groups[1].Value).Where(name => FileOrFolder().IsMatch(name))];
        Assert.True(names.Length > 30, $"only {names.Length} names were found");
        string[] missing = [.. names.Where(name => !name.Contains("NAME", StringComparison.Ordinal)
            && !(name.Contains('/', StringComparison.Ordinal) ? Path.Exists(Path.Combine(RepositoryRoot.Path, name)) : files.Contains(name) || Path.Exists(Path.Combine(RepositoryRoot.Path, name))))];
        Assert.Empty(missing);
    }

    /// <summary>It has a list for each thing that is added more than once.</summary>
    [Theory]
    [InlineData("A flag of an allocation")]
    [InlineData("A metric")]
    [InlineData("A zone")]
    [InlineData("A workload of the benchmarks")]
    [InlineData("A diagnostic")]
    [InlineData("A code fix")]
    [InlineData("An option of a cache")]
    public void Its_lists_are_numbered(string heading)
    {
        string section = s_page.ReplaceLineEndings("\n").Split($"\n## {heading}\n")[1].Split("\n## ")[0];
        string[] numbers = [.. Numbered().Matches(section).Select(match => match.Groups[1].Value)];
        Assert.True(numbers.Length >= 3, $"the list has {numbers.Length} steps");
        Assert.Equal(Enumerable.Range(1, numbers.Length).Select(number => $"{number}"), numbers);
    }

    [GeneratedRegex("`([^`\n]+)`")]
    private static partial Regex Quoted();

    // A path from the root, or a file's name.
    [GeneratedRegex(@"^(\.?[A-Za-z][\w./]*/[\w./]*|[\w.]+\.(cs|md|sh|txt|props|targets))$")]
    private static partial Regex FileOrFolder();

    [GeneratedRegex(@"^(\d+)\. ", RegexOptions.Multiline)]
    private static partial Regex Numbered();
}
