using Microsoft.CodeAnalysis;
using Xunit.Sdk;

namespace SlabGen.Generators.Tests;

/// <summary>The helpers themselves: a helper that cannot fail proves nothing.</summary>
public sealed class HelperTests
{
    [Fact]
    public void The_walk_finds_a_symbol_however_deep()
    {
        ISymbol symbol = TestCompilation.Create("public struct Order;").GetTypeByMetadataName("Order")!;
        object graph = new { Text = "", Items = new object[] { 1, new List<object> { "", symbol } } };

        Assert.ThrowsAny<XunitException>(() => ModelGraph.Walk(graph, "graph", new(ReferenceEqualityComparer.Instance)));
    }

    [Fact]
    public void The_walk_passes_text_and_numbers() =>
        ModelGraph.Walk(new { Text = "", Items = new object[] { 1, 2.5, DayOfWeek.Friday } }, "graph", new(ReferenceEqualityComparer.Instance));

    [Fact]
    public void The_steps_of_an_edit_that_matters_are_not_all_cached()
    {
        GeneratorDriver driver = TestCompilation.CreateDriver()
            .RunGenerators(TestCompilation.Create("[SlabGen.SlabCache] public struct Order;"), TestContext.Current.CancellationToken)
            .RunGenerators(TestCompilation.Create("[SlabGen.SlabCache] public struct Line;"), TestContext.Current.CancellationToken);

        Assert.ThrowsAny<XunitException>(() => Steps.AssertAllCached(driver));
    }
}
