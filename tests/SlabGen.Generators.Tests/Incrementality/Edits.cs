using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace SlabGen.Generators.Tests;

/// <summary>What an edit makes the generator do again: only what the edit changes in its output.</summary>
public sealed class Edits
{
    private const string Order = "namespace Shop; [SlabGen.SlabCache] public struct Order { public long Id; public long Next() => Id + 1; }";
    private const string Line = "namespace Shop; [SlabGen.SlabCache] public struct Line { public int Number; }";
    private const string Other = "namespace Shop; public static class Program { public static int Run() => 1; }";

    private static readonly CSharpCompilation s_compilation = TestCompilation.Create(Order, Line, Other);

    [Fact]
    public void Adding_an_unrelated_type_writes_nothing() =>
        Steps.AssertAllCached(RunAfter(s_compilation.AddSyntaxTrees(TestCompilation.Create("namespace Shop; public struct Third;").SyntaxTrees)));

    [Fact]
    public void Adding_an_unrelated_type_to_the_struct_s_file_writes_nothing() =>
        Steps.AssertAllCached(RunAfter(s_compilation.Edit(0, Order + " public struct Third;")));

    [Fact]
    public void Editing_an_unrelated_file_writes_nothing() =>
        Steps.AssertAllCached(RunAfter(s_compilation.Edit(2, Other.Replace("=> 1", "=> 2", StringComparison.Ordinal))));

    [Fact]
    public void Editing_a_method_of_the_struct_writes_nothing() =>
        Steps.AssertAllCached(RunAfter(s_compilation.Edit(0, Order.Replace("Id + 1", "Id + 2", StringComparison.Ordinal))));

    [Fact]
    public void Renaming_a_field_of_the_struct_writes_nothing() =>
        Steps.AssertAllCached(RunAfter(s_compilation.Edit(0, Order.Replace("long Id;", "long Key;", StringComparison.Ordinal).Replace("Id + 1", "Key + 1", StringComparison.Ordinal))));

    [Fact]
    public void Adding_a_field_to_a_struct_writes_that_one_only() // its doc comment says how large an object is
    {
        GeneratorDriver driver = RunAfter(s_compilation.Edit(0, Order.Replace("public long Id;", "public long Id, Price;", StringComparison.Ordinal)));

        Assert.Equal([IncrementalStepRunReason.Modified, IncrementalStepRunReason.Cached], driver.ReasonsOfOutputs());
    }

    [Fact]
    public void Adding_a_field_to_a_struct_of_unknown_size_writes_nothing()
    {
        string order = Order.Replace("public long Id;", "public long Id; public System.Guid Key;", StringComparison.Ordinal);
        CSharpCompilation compilation = s_compilation.Edit(0, order);
        Steps.AssertAllCached(TestCompilation.CreateDriver()
            .RunGenerators(compilation, TestContext.Current.CancellationToken)
            .RunGenerators(compilation.Edit(0, order.Replace("Key;", "Key, Other;", StringComparison.Ordinal)), TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Renaming_a_struct_writes_that_one_only()
    {
        GeneratorDriver driver = RunAfter(s_compilation.Edit(0, Order.Replace("struct Order", "struct Purchase", StringComparison.Ordinal)));

        Assert.Equal([IncrementalStepRunReason.Modified, IncrementalStepRunReason.Cached], driver.ReasonsOfOutputs());
        Assert.Equal(["Shop.PurchaseCache.g.cs", "Shop.LineCache.g.cs"], HintNames(driver));
    }

    [Fact]
    public void Setting_an_option_writes_that_one_only()
    {
        GeneratorDriver driver = RunAfter(s_compilation.Edit(1, Line.Replace("SlabCache]", "SlabCache(Alignment = 64)]", StringComparison.Ordinal)));

        Assert.Equal([IncrementalStepRunReason.Cached, IncrementalStepRunReason.Modified], driver.ReasonsOfOutputs());
    }

    [Fact]
    public void Setting_a_default_of_the_assembly_writes_those_that_do_not_set_it()
    {
        CSharpCompilation own = s_compilation.Edit(1, Line.Replace("SlabCache]", "SlabCache(Order = 1)]", StringComparison.Ordinal));
        GeneratorDriver driver = TestCompilation.CreateDriver()
            .RunGenerators(own, TestContext.Current.CancellationToken)
            .RunGenerators(own.Edit(2, "[assembly: SlabGen.SlabCacheDefaults(Order = 2)] public static class Program;"), TestContext.Current.CancellationToken);

        Assert.Equal([IncrementalStepRunReason.Modified, IncrementalStepRunReason.Cached], driver.ReasonsOfOutputs());
    }

    [Fact]
    public void A_build_property_writes_those_that_do_not_set_its_option_and_any_other_writes_nothing()
    {
        CSharpCompilation own = s_compilation.Edit(1, Line.Replace("SlabCache]", "SlabCache(Mode = SlabGen.SlabMode.Fast)]", StringComparison.Ordinal));
        GeneratorDriver driver = TestCompilation.CreateDriver()
            .RunGenerators(own, TestContext.Current.CancellationToken)
            .WithUpdatedAnalyzerConfigOptions(new BuildProperties(("RootNamespace", "Shop")))
            .RunGenerators(own, TestContext.Current.CancellationToken);
        Steps.AssertAllCached(driver);

        driver = driver
            .WithUpdatedAnalyzerConfigOptions(new BuildProperties(("RootNamespace", "Shop"), ("SlabGenMode", "Checked")))
            .RunGenerators(own, TestContext.Current.CancellationToken);
        Assert.Equal([IncrementalStepRunReason.Modified, IncrementalStepRunReason.Cached], driver.ReasonsOfOutputs());
        Assert.All(driver.ReasonsOf(TrackingNames.Models), static reason => Assert.Equal(IncrementalStepRunReason.Cached, reason));
    }

    [Fact]
    public void Adding_a_struct_writes_that_one_only()
    {
        GeneratorDriver driver = RunAfter(s_compilation.Edit(2, Other + " [SlabGen.SlabCache] public struct Third;"));

        Assert.Equal(
            [IncrementalStepRunReason.Cached, IncrementalStepRunReason.Cached, IncrementalStepRunReason.New],
            driver.ReasonsOfOutputs());
        Assert.Equal([IncrementalStepRunReason.Unchanged], driver.ReasonsOf(TrackingNames.Clashes));
    }

    [Fact]
    public void Breaking_a_struct_writes_its_class_alone_again_as_a_placeholder()
    {
        GeneratorDriver driver = RunAfter(s_compilation.Edit(0, Order.Replace("long Id", "string Id", StringComparison.Ordinal)));

        Assert.Equal(["Shop.OrderCache.g.cs", "Shop.LineCache.g.cs"], HintNames(driver));
        Assert.Single(driver.ReasonsOfOutputs(), IncrementalStepRunReason.Cached);
        Assert.Single(driver.ReasonsOfOutputs(), IncrementalStepRunReason.Modified);
    }

    private static GeneratorDriver RunAfter(Compilation edited) => TestCompilation.CreateDriver()
        .RunGenerators(s_compilation, TestContext.Current.CancellationToken)
        .RunGenerators(edited, TestContext.Current.CancellationToken);

    private static IEnumerable<string> HintNames(GeneratorDriver driver) =>
        driver.GetRunResult().Results.Single().GeneratedSources.Select(static source => source.HintName);
}
