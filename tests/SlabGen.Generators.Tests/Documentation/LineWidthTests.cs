using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;

namespace SlabGen.Generators.Tests;

/// <summary>
/// Proves that no line of the sources is wider than <c>.editorconfig</c> says. Catches a line that a reader must scroll to.
/// </summary>
/// <remarks>
/// What is exempt: a string beyond its first 20 characters, because a message is not split; and a comment that is one word, an address for
/// instance.
/// </remarks>
public sealed class LineWidthTests
{
    private const int CountedOfText = 20;

    private static readonly string s_root = TestCompilation.RepositoryRoot;

    private static readonly int s_width = int.Parse(
        File.ReadLines(Path.Combine(s_root, ".editorconfig")).Single(static line => line.StartsWith("max_line_length", StringComparison.Ordinal)).Split('=')[1],
        System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Where lines are still wider. A folder leaves the list when it has none, which the second test demands.</summary>
    [Fact]
    public void No_line_is_too_wide()
    {
        string[] files = [.. Sources()];
        Assert.True(files.Length > 200, $"only {files.Length} files were read");
        string[] wide = [.. files.SelectMany(TooWide)];
        Assert.True(wide.Length == 0, string.Join('\n', wide));
    }

    [Theory]
    [InlineData("int a = 1;", 0)]
    [InlineData("int a1234567890 = b1234567890 + c1234567890 + d1234567890 + e1234567890 + f1234567890 + g1234567890 + h1234567890 + i1234567890;", 1)]
    [InlineData("string a = \"1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890\";", 0)]
    [InlineData("// 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890", 1)]
    [InlineData("// https://1234567890.1234567890.1234567890.1234567890.1234567890.1234567890.1234567890.1234567890.1234567890.1234567890.1234567890", 0)]
    public void A_message_and_an_address_are_exempt(string line, int tooWide) => Assert.Equal(tooWide, TooWide("test.cs", line).Count());

    private static IEnumerable<string> TooWide(string file) => TooWide(file, File.ReadAllText(Path.Combine(s_root, file)));

    private static IEnumerable<string> TooWide(string file, string source)
    {
        SourceText text = SourceText.From(source);
        TextLine[] wide = [.. text.Lines.Where(static line => line.Span.Length > s_width)];
        if (wide.Length == 0)
        {
            yield break;
        }

        // The outermost strings: what is interpolated is part of the message.
        TextSpan[] strings = [.. CSharpSyntaxTree.ParseText(text).GetRoot().DescendantNodes(static node => !IsString(node)).Where(IsString)
            .Select(static node => node.Span)];
        foreach (TextLine line in wide)
        {
            int exempt = strings.Sum(span => Math.Max(0, (span.Intersection(line.Span)?.Length ?? 0) - CountedOfText));
            string[] words = line.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);
            bool isAddress = words is ["//" or "///", _];
            if (line.Span.Length - exempt > s_width && !isAddress)
            {
                yield return $"{file}:{line.LineNumber + 1}";
            }
        }
    }

    private static bool IsString(SyntaxNode node) => node.Kind() is SyntaxKind.StringLiteralExpression or SyntaxKind.InterpolatedStringExpression;

    /// <summary>Paths from the root, with slashes.</summary>
    private static IEnumerable<string> Sources() => new[] { "src", "generators" }
        .SelectMany(static folder => Directory.EnumerateFiles(Path.Combine(s_root, folder), "*.cs", SearchOption.AllDirectories))
        .Select(static file => Path.GetRelativePath(s_root, file).Replace('\\', '/'));
}
