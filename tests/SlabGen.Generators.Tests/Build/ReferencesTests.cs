using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace SlabGen.Generators.Tests;

/// <summary>What a project refers to changes what its names mean: other assemblies with such classes, and references that have an alias.</summary>
public sealed class ReferencesTests
{
    private const string Friend = "[assembly: System.Runtime.CompilerServices.InternalsVisibleTo(\"User\")]";

    [Theory]
    [InlineData("namespace Shop { public class OrderCache; }", "'Shop.OrderCache'")]
    [InlineData("namespace Shop { public class Tree { [SlabGen.SlabCache] public struct Order { public long Id; } } }", "'Shop.OrderCache'")]
    [InlineData(Friend + " namespace Shop { public class Tree { [SlabGen.SlabCache] internal struct Order { public long Id; } } }", "'Shop.OrderCache'")]
    public async Task A_class_of_another_assembly_for_something_else_is_a_collision(string library, string other)
    {
        const string Source = "namespace Shop { [SlabGen.SlabCache] public struct Order { public long Id; } }";
        (Compilation output, ImmutableArray<Diagnostic> reported) = await Build(Source, Reference("Library", library));
        Diagnostic collision = Assert.Single(reported, static diagnostic => diagnostic.Id == "SLAB0005");
        Assert.Contains($"collides with {other} of the assembly 'Library'", collision.GetMessage(null), StringComparison.Ordinal);
        Assert.Contains("[SlabCache(Name = \"OrderSlabCache\")]", collision.GetMessage(null), StringComparison.Ordinal);
        Assert.Empty(InGeneratedFiles(output));

        // Its fix.
        (output, reported) = await Build(Source.Replace("[SlabGen.SlabCache]", "[SlabGen.SlabCache(Name = \"OrderSlabCache\")]", StringComparison.Ordinal), Reference("Library", library));
        Assert.Empty(reported);
        Assert.Empty(output.GetDiagnostics(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("namespace Shop { [SlabGen.SlabCache] internal struct Order { public long Id; } }")] // nobody sees it
    [InlineData("namespace Shop { internal class OrderCache; }")]
    [InlineData("namespace Shop { public class OrderCache<T>; }")]
    [InlineData("namespace Other { public class OrderCache; }")]
    public async Task What_cannot_be_seen_or_has_another_name_is_none(string library)
    {
        (Compilation output, ImmutableArray<Diagnostic> reported) = await Build("namespace Shop { [SlabGen.SlabCache] public struct Order { public long Id; } }", Reference("Library", library));
        Assert.Empty(reported);
        Assert.Empty(output.GetDiagnostics(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("namespace Shop { [SlabGen.SlabCache(Handles = true)] public struct Order { public long Id; } }")]
    [InlineData(Friend + " namespace Shop { [SlabGen.SlabCache] internal struct Order { public long Id; } }")]
    public async Task One_struct_in_two_assemblies_is_reported_by_the_compiler_where_it_is_used_and_not_in_the_file(string library)
    {
        (Compilation output, ImmutableArray<Diagnostic> reported) = await Build(
            "namespace Shop { [SlabGen.SlabCache(Handles = true, Extensions = true)] public struct Order { public long Id; } }", Reference("Library", library));
        Assert.Empty(reported);
        Assert.Empty(output.GetDiagnostics(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("[SlabGen.SlabCache] public struct Order<T> where T : unmanaged, Old::Shop.IThing { public T Id; }")]
    [InlineData("[SlabGen.SlabCache(Extensions = true)] public struct Order<T> where T : unmanaged, System.IEquatable<Old::Shop.Tree.Leaf> { public T Id; }")]
    [InlineData("[SlabGen.SlabCache] public struct Order<T> where T : unmanaged, Old::Shop.IThing, Shop.IThing { public T Id; }")]
    public async Task A_constraint_may_name_a_type_behind_an_alias(string declaration)
    {
        const string Library = "namespace Shop { public interface IThing; public class Tree { public struct Leaf; } }";
        (Compilation output, ImmutableArray<Diagnostic> reported) = await Build(
            $"extern alias Old; {declaration}", Reference("Library", Library).WithAliases(["Old"]), Reference("New", Library));
        Assert.Empty(reported);
        Assert.Empty(output.GetDiagnostics(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("[S::SlabGen.SlabCache(Handles = true, Extensions = true, MaxObjects = 7)] public struct Order { public long Id; [S::SlabGen.SlabInit] internal void Start() { } }")]
    [InlineData("[S::SlabGen.SlabCache] public ref struct Order { public long Id; }")]
    public async Task The_runtime_itself_may_be_behind_an_alias(string declaration)
    {
        CSharpCompilation compilation = TestCompilation.Create($"extern alias S; {declaration} public class User {{ public static void Run() => OrderCache.Free(OrderCache.Alloc()); }}");
        compilation = compilation.ReplaceReference(TestCompilation.References[^1], ((PortableExecutableReference)TestCompilation.References[^1]).WithAliases(["S"]));
        Assert.Empty((await Run(compilation)).Output.GetDiagnostics(TestContext.Current.CancellationToken));
    }

    private static IEnumerable<Diagnostic> InGeneratedFiles(Compilation output) =>
        output.GetDiagnostics(TestContext.Current.CancellationToken).Where(static diagnostic => diagnostic.Location.SourceTree!.FilePath.EndsWith(".g.cs", StringComparison.Ordinal));

    private static Task<(Compilation Output, ImmutableArray<Diagnostic> Reported)> Build(string source, params MetadataReference[] references) =>
        Run(TestCompilation.Create(source).AddReferences(references));

    private static async Task<(Compilation Output, ImmutableArray<Diagnostic> Reported)> Run(CSharpCompilation compilation)
    {
        TestCompilation.CreateDriver().RunGeneratorsAndUpdateCompilation(compilation, out Compilation output, out _, TestContext.Current.CancellationToken);
        ImmutableArray<DiagnosticAnalyzer> analyzers = [.. GeneratorTest.Analyzers.Where(static analyzer => analyzer.SupportedDiagnostics[0].DefaultSeverity == DiagnosticSeverity.Error)];
        return (output, await output.WithAnalyzers(analyzers).GetAnalyzerDiagnosticsAsync(TestContext.Current.CancellationToken));
    }

    private static PortableExecutableReference Reference(string name, string source)
    {
        TestCompilation.CreateDriver().RunGeneratorsAndUpdateCompilation(
            TestCompilation.Create(source).WithAssemblyName(name), out Compilation output, out _, TestContext.Current.CancellationToken);
        using MemoryStream stream = new();
        Assert.Empty(output.Emit(stream, cancellationToken: TestContext.Current.CancellationToken).Diagnostics);
        return MetadataReference.CreateFromImage(stream.ToArray());
    }
}
