using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace SlabGen.Generators.Tests;

/// <summary>The pointers beside the class: structs that hold those of one another get theirs, though none of them is there yet.</summary>
public sealed class Links
{
    [Fact]
    public Task Pointer_handle_and_small_pointer() => GeneratorTest.Verify(
        """
        using SlabGen;

        namespace Shop;

        [SlabCache(Handles = true, Zone = ZoneKind.Dma32, Fallback = ZoneFallback.Strict)]
        public struct Order
        {
            public long Id;
            public OrderPtr Next;
            public OrderPtr32 Previous;
            public OrderHandle Parent;
        }
        """);

    // Each has two classes or more, which GeneratorTest compiles with all warnings and documentation.
    [Theory]
    [InlineData("[SlabCache] public struct A { public BPtr X; public byte Y; } [SlabCache] public struct B { public APtr X; }", 16, 8)]
    [InlineData("[SlabCache] public struct A { public BPtr X; } [SlabCache] public struct B { public CPtr X; } [SlabCache] public struct C { public APtr X; public Shop.BPtr Y; }", 8, 8, 16)]
    [InlineData("[SlabCache] public struct A { public long K; public L X; } public struct L { public APtr Next; public global::Shop.APtr Previous; }", 24)]
    [InlineData("[SlabCache] public struct A { public R X; } [System.Runtime.CompilerServices.InlineArray(4)] public struct R { public APtr E; }", 32)]
    [InlineData("public class O { [SlabCache] public struct A { public BPtr X; } public class I { [SlabCache] public struct B { public APtr X; } } }", 8, 8)]
    [InlineData("[SlabCache(Name = \"Orders\")] public struct A { public LevelPtr X; } [SlabCache(PointerName = \"LevelPtr\")] public struct B { public APtr X; }", 8, 8)]
    [InlineData("[SlabCache(Name = \"FirstCache\")] public struct A { public BPtr X; } [SlabCache] public struct B { public FirstPtr X; }", 8, 8)]
    [InlineData("[SlabCache] public struct G<T> where T : unmanaged { public HPtr<T> X; } [SlabCache] public struct H<T> where T : unmanaged { public GPtr<T> X; public HPtr<long> Y; }", 8, 16)]
    [InlineData("public class O<T> where T : unmanaged { [SlabCache] public struct A { public BPtr<T> X; } [SlabCache] public struct B { public APtr<T> X; public APtr<int> Y; } }", 8, 16)]
    [InlineData("[SlabCache(Handles = true)] public struct A { public BHandle X; } [SlabCache(Handles = true)] public struct B { public AHandle X; public byte Y; }", 16, 24)]
    [InlineData("[SlabCache(Zone = ZoneKind.Dma32, Fallback = ZoneFallback.Strict)] public struct A { public APtr32 X, Y; }", 8)]
    [InlineData("[SlabCache] public struct A { public SlabPtr<B> X; } [SlabCache] public struct B { public APtr X; }", 8, 8)]
    [InlineData("[SlabCache] public struct A { public APtr X; } public readonly partial struct APtr { public bool IsSome => !IsNull; }", 8)]
    [InlineData("[SlabCache] internal struct A { public APtr X; public APtr Y { get; set; } } partial struct APtr;", 16)]
    public async Task The_size_of_a_struct_with_pointers_is_known(string source, params int[] sizes)
    {
        var files = await GeneratorTest.Run("using SlabGen; namespace Shop; " + source);
        Assert.Equal(sizes, files.Select(static file => int.Parse(Regex.Match(file.SourceText.ToString(), "an object has ([0-9]+) byte").Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task A_pair_of_pointers_in_a_generic_struct() => Assert.Single(await GeneratorTest.Run(
        "[SlabGen.SlabCache] public struct A { public (APtr First, int Second) X; public APtr? Y; public System.Collections.Generic.KeyValuePair<int, APtr> Z; }"));

    [Fact]
    public async Task A_using_and_an_alias_lead_to_them() => Assert.Equal(2, (await GeneratorTest.Run(
        "global using Exchange.Levels;",
        "using Up = Exchange.Levels.LevelPtr; namespace Exchange.Orders { [SlabGen.SlabCache] public struct Order { public LevelPtr Level; public Up Other; } }",
        "using Exchange.Orders; namespace Exchange.Levels { [SlabGen.SlabCache] public struct Level { public OrderPtr First; } }")).Length);

    [Fact]
    public void Plain_pointers_convert_where_unsafe_code_is_allowed()
    {
        const string source = "[SlabGen.SlabCache] public struct Order { public OrderPtr Next; }";
        const string use = "public static class User { public static unsafe Order* Next(OrderPtr order) { Order* plain = order; OrderPtr next = plain->Next; return next; } }";

        string Generate(bool allowed, string sources, out Compilation output)
        {
            Compilation compilation = TestCompilation.Create(sources);
            compilation = compilation.WithOptions(((CSharpCompilationOptions)compilation.Options).WithAllowUnsafe(allowed));
            TestCompilation.CreateDriver().RunGeneratorsAndUpdateCompilation(compilation, out output, out _, TestContext.Current.CancellationToken);
            return output.SyntaxTrees.Last().ToString();
        }

        Assert.DoesNotContain("unsafe", Generate(false, source, out Compilation safe), StringComparison.Ordinal);
        Assert.Empty(safe.GetDiagnostics(TestContext.Current.CancellationToken));
        Assert.Contains("unsafe", Generate(true, source + use, out Compilation @unsafe), StringComparison.Ordinal);
        Assert.Empty(@unsafe.GetDiagnostics(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("SLAB0005", "[SlabGen.SlabCache] public struct Order; public struct OrderPtr;")]
    [InlineData("SLAB0005", "[SlabGen.SlabCache] public struct Order; public readonly partial record struct OrderPtr;")]
    [InlineData("SLAB0005", "[SlabGen.SlabCache] public struct Order; internal readonly partial struct OrderPtr;")]
    [InlineData("SLAB0005", "[SlabGen.SlabCache(Handles = true)] public struct Order; public class OrderHandle;")]
    [InlineData("SLAB0005", "[SlabGen.SlabCache] public struct Order; [SlabGen.SlabCache(PointerName = \"OrderPtr\")] public struct Line;")]
    [InlineData("SLAB0005", "[SlabGen.SlabCache] public struct Order; [SlabGen.SlabCache(Name = \"OrderPtr\")] public struct Line;")]
    [InlineData("SLAB0005", "[SlabGen.SlabCache(PointerName = \"Order\")] public struct Order;")]
    [InlineData("SLAB0004", "[SlabGen.SlabCache(PointerName = \"2nd\")] public struct Order;")]
    [InlineData("SLAB0004", "[SlabGen.SlabCache(PointerName = \"Value\")] public struct Order;")]
    [InlineData("SLAB0004", "[SlabGen.SlabCache(PointerName = \"OrderCache\")] public struct Order;")]
    public Task A_name_that_a_pointer_cannot_have(string rule, string source) => GeneratorTest.VerifySilent(rule, source);

    [Theory]
    [InlineData("Address")]
    [InlineData("Pointer")]
    [InlineData("left")]
    public async Task A_type_parameter_named_like_something_in_the_pointer(string name) => Assert.Single(await GeneratorTest.Run(
        $"#pragma warning disable CS8981\n[SlabGen.SlabCache] public struct Box<{name}> where {name} : unmanaged {{ public {name} Content; public BoxPtr<{name}> Next; }}"));

    [Fact]
    public async Task A_type_parameter_named_like_the_pointer() => Assert.Single(await GeneratorTest.Run(
        "[SlabGen.SlabCache] public struct Box<BoxPtr> where BoxPtr : unmanaged { public BoxPtr Content; }"));

    [Fact]
    public void Pointers_of_another_assembly_are_known()
    {
        Compilation library = TestCompilation.Create(
            "[SlabGen.SlabCache] public struct Order { public OrderPtr Next; } [SlabGen.SlabCache(Handles = true)] public struct Line { public LineHandle Next; }");
        TestCompilation.CreateDriver().RunGeneratorsAndUpdateCompilation(library, out library, out _, TestContext.Current.CancellationToken);
        using MemoryStream image = new();
        Assert.True(library.Emit(image, cancellationToken: TestContext.Current.CancellationToken).Success);

        Compilation user = TestCompilation.Create("[SlabGen.SlabCache] public struct Desk { public OrderPtr First; public LineHandle Line; public DeskPtr Next; }")
            .AddReferences(MetadataReference.CreateFromImage(image.ToArray())).WithAssemblyName("Desks");
        TestCompilation.CreateDriver().RunGeneratorsAndUpdateCompilation(user, out user, out _, TestContext.Current.CancellationToken);
        Assert.Empty(user.GetDiagnostics(TestContext.Current.CancellationToken));
        Assert.Contains("an object has 32 bytes", user.SyntaxTrees.Last().ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_sample_of_the_readme_compiles_without_a_warning()
    {
        string section = File.ReadAllText(Path.Combine(TestCompilation.RepositoryRoot, "generators", "README.md")).ReplaceLineEndings("\n").Split("\n## Links between objects\n")[1];
        string sample = section.Split("```csharp\n")[1].Split("```")[0];
        Assert.Equal(2, (await GeneratorTest.Run(sample)).Length);
        Compilation compilation = TestCompilation.Create(sample);
        TestCompilation.CreateDriver().RunGeneratorsAndUpdateCompilation(compilation, out compilation, out _, TestContext.Current.CancellationToken);
        Assert.Empty(await compilation.WithAnalyzers(GeneratorTest.Analyzers).GetAnalyzerDiagnosticsAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public void An_edit_elsewhere_writes_nothing_and_a_pointer_that_is_gone_leaves_a_placeholder_of_the_class()
    {
        CSharpCompilation compilation = TestCompilation.Create(
            "[SlabGen.SlabCache] public struct Order { public LevelPtr Level; }",
            "[SlabGen.SlabCache] public struct Level { public OrderPtr First; }",
            "public static class Program { public static int Run() => 1; }");
        GeneratorDriver driver = TestCompilation.CreateDriver().RunGenerators(compilation, TestContext.Current.CancellationToken);
        driver = driver.RunGenerators(compilation.Edit(2, "public static class Program { public static int Run() => 2; }"), TestContext.Current.CancellationToken);
        Steps.AssertAllCached(driver);

        driver = driver.RunGenerators(compilation.Edit(1, "public struct Level;"), TestContext.Current.CancellationToken);
        Assert.Contains("// Placeholder", Assert.Single(driver.GetRunResult().GeneratedTrees).ToString(), StringComparison.Ordinal);
    }
}
