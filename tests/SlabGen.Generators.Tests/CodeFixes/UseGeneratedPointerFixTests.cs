using Test = SlabGen.Generators.Tests.CodeFixTest<SlabGen.Generators.GenericRingAnalyzer, SlabGen.CodeFixes.UseGeneratedPointerFix>;

namespace SlabGen.Generators.Tests;

/// <summary>The fix of SLAB0015.</summary>
public sealed class UseGeneratedPointerFixTests
{
    [Theory]
    [InlineData(
        "[SlabCache] public struct Order { public SlabPtr<Level> {|SLAB0015:Level|}; } [SlabCache] public struct Level { public LevelPtr Self; public OrderPtr First; public SlabGen.SlabPtr<Order> {|SLAB0015:Last|}; }",
        "[SlabCache] public struct Order { public LevelPtr Level; } [SlabCache] public struct Level { public LevelPtr Self; public OrderPtr First; public SlabGen.SlabPtr<Order> Last; }",
        "[SlabCache] public struct Order { public LevelPtr Level; } [SlabCache] public struct Level { public LevelPtr Self; public OrderPtr First; public OrderPtr Last; }")]
    [InlineData(
        "[SlabCache] public struct Node { public Kids Kids; } [System.Runtime.CompilerServices.InlineArray(4)] public struct Kids { public SlabPtr<Node> {|SLAB0015:_first|}; }",
        "[SlabCache] public struct Node { public Kids Kids; } [System.Runtime.CompilerServices.InlineArray(4)] public struct Kids { public NodePtr _first; }")]
    [InlineData(
        "[SlabCache] public struct Item { public int Key; public Link Link; } public struct Link { public (SlabPtr<Item> Next, SlabPtr<Item> Previous) {|SLAB0015:Ends|}; }",
        "[SlabCache] public struct Item { public int Key; public Link Link; } public struct Link { public (ItemPtr Next, ItemPtr Previous) Ends; }")]
    [InlineData(
        "public class Tree<T> where T : unmanaged { [SlabCache] public struct Node { public T Key; public SlabPtr<Leaf<int>> {|SLAB0015:Leaf|} { get; set; } } [SlabCache] public struct Leaf<U> where U : unmanaged { public U Key; public SlabPtr<Node> {|SLAB0015:Parent|}; } }",
        "public class Tree<T> where T : unmanaged { [SlabCache] public struct Node { public T Key; public LeafPtr<T, int> Leaf { get; set; } } [SlabCache] public struct Leaf<U> where U : unmanaged { public U Key; public SlabPtr<Node> Parent; } }",
        "public class Tree<T> where T : unmanaged { [SlabCache] public struct Node { public T Key; public LeafPtr<T, int> Leaf { get; set; } } [SlabCache] public struct Leaf<U> where U : unmanaged { public U Key; public NodePtr<T> Parent; } }")]
    public Task Replaces_the_type(string source, string expected, string? expectedOfAll = null) =>
        Test.Fixes("using SlabGen; " + source, "using SlabGen; " + expected, expectedOfAll is null ? null : "using SlabGen; " + expectedOfAll);

    [Fact]
    public Task In_another_namespace() => Test.Fixes(
        """
        using SlabGen;
        namespace Orders { [SlabCache] public struct Order { public SlabPtr<Levels.Level> {|SLAB0015:Level|}; } }
        namespace Levels { [SlabCache] public struct Level { public Orders.OrderPtr Last; public Link Link; } public struct Link { public int Count; public SlabPtr<Orders.Order> {|SLAB0015:First|}; } }
        """,
        """
        using SlabGen;
        namespace Orders { [SlabCache] public struct Order { public Levels.LevelPtr Level; } }
        namespace Levels { [SlabCache] public struct Level { public Orders.OrderPtr Last; public Link Link; } public struct Link { public int Count; public SlabPtr<Orders.Order> First; } }
        """,
        """
        using SlabGen;
        namespace Orders { [SlabCache] public struct Order { public Levels.LevelPtr Level; } }
        namespace Levels { [SlabCache] public struct Level { public Orders.OrderPtr Last; public Link Link; } public struct Link { public int Count; public Orders.OrderPtr First; } }
        """);

    [Fact]
    public Task Not_a_wrapper_of_the_user_s() => Test.OffersNone(
        """
        using SlabGen;
        [SlabCache] public struct Order { public Own<Level> {|SLAB0015:Level|}; }
        [SlabCache] public struct Level { public Own<Order> {|SLAB0015:First|}; }
        public struct Own<T> where T : unmanaged { public SlabPtr<T> Pointer; }
        """);
}
