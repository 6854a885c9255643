using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace SlabGen.Generators.Tests;

/// <summary>What the user warns of is not reported in the generated file, and the class warns of it too.</summary>
public sealed class UserWarnings
{
    private const string Obsolete = "[System.Obsolete]", Error = "[System.Obsolete(\"Use \\\"Line\\\".\", true)]",
        WithId = "[System.Obsolete(\"old\", DiagnosticId = \"SHOP1\", UrlFormat = \"https://shop/{0}\")]",
        ErrorWithId = "[System.Obsolete(\"old\", true, DiagnosticId = \"SHOP2\")]",
        Experimental = "[System.Diagnostics.CodeAnalysis.Experimental(\"SHOP3\")]";

    public static TheoryData<string, string> Marked
    {
        get
        {
            TheoryData<string, string> rows = [];
            foreach (string attribute in new[] { Obsolete, Error, WithId, ErrorWithId, Experimental })
            {
                rows.Add(attribute, $"{attribute} [SlabGen.SlabCache(Handles = true, Extensions = true)] public struct Order {{ public long Id; }}");
                rows.Add(attribute, $"{attribute} [SlabGen.SlabCache(Extensions = true)] public struct Order<T> where T : unmanaged {{ public T Id; }}");
                rows.Add(attribute, $"{attribute} public class Outer {{ public class Inner {{ [SlabGen.SlabCache] public struct Order {{ public long Id; }} }} }}");
                foreach (string hook in new[] { "SlabInit", "SlabFini", "SlabConstructor", "SlabDestructor" })
                {
                    rows.Add(attribute, $"[SlabGen.SlabCache(Handles = true)] public struct Order {{ public long Id; {attribute} [SlabGen.{hook}] internal void Run() {{ }} }}");
                }
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Marked))]
    public async Task The_class_has_the_attribute_and_the_file_no_report(string attribute, string declaration)
    {
        string text = Assert.Single(await GeneratorTest.Run($"namespace Shop {{ {declaration} }}")).SourceText.ToString();
        string expected = attribute.Replace("System.", "global::System.", StringComparison.Ordinal);
        int classes = text.Split(" static partial class ").Length - 1 + text.Split(" static class OrderCache").Length - 1;
        int pointers = declaration.Contains("struct Order { public long Id; " + attribute, StringComparison.Ordinal) ? 0 : text.Split(" readonly partial struct ").Length - 1; // they call no hook
        Assert.Equal(classes + pointers, text.Split(expected).Length - 1);
    }

    [Fact]
    public async Task The_strictest_wins_and_both_kinds_are_kept()
    {
        string text = Assert.Single(await GeneratorTest.Run(
            $"{Obsolete} public class Outer {{ {WithId} [SlabGen.SlabCache] public struct Order {{ public long Id; {Error} {Experimental} [SlabGen.SlabInit] internal void Run() {{ }} }} }}"))
            .SourceText.ToString();
        Assert.Contains(Error.Replace("System.", "global::System.", StringComparison.Ordinal), text, StringComparison.Ordinal);
        Assert.Contains(Experimental.Replace("System.", "global::System.", StringComparison.Ordinal), text, StringComparison.Ordinal);
        Assert.Equal(2, text.Split("System.Obsolete").Length - 1); // the class's, and its pointer's
    }

    [Fact]
    public async Task A_part_of_the_user_s_may_have_it_already() => Assert.DoesNotContain(
        "System.Obsolete",
        Assert.Single(await GeneratorTest.Run(
            $"{WithId} [SlabGen.SlabCache] public struct Order {{ public long Id; }} {ErrorWithId} public static partial class OrderCache; {ErrorWithId} public readonly partial struct OrderPtr;")).SourceText.ToString(),
        StringComparison.Ordinal);

    [Theory]
    [InlineData(ErrorWithId, "SHOP2")]
    [InlineData(Experimental, "SHOP3")]
    public void Who_uses_the_class_is_told(string attribute, string id)
    {
        CSharpCompilation compilation = TestCompilation.Create(
            $"{attribute} [SlabGen.SlabCache] public struct Order {{ public long Id; }}", "public static class User { public static void Run() => OrderCache.AllocBulk([]); }");
        TestCompilation.CreateDriver().RunGeneratorsAndUpdateCompilation(compilation, out Compilation output, out _, TestContext.Current.CancellationToken);
        ImmutableArray<Diagnostic> diagnostics = output.GetDiagnostics(TestContext.Current.CancellationToken);
        Assert.NotEmpty(diagnostics);
        Assert.All(diagnostics, diagnostic => Assert.Equal((id, "1.cs"), (diagnostic.Id, diagnostic.Location.SourceTree!.FilePath)));
    }
}
