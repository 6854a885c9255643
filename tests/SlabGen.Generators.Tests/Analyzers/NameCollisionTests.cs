using Test = SlabGen.Generators.Tests.AnalyzerTest<SlabGen.Generators.NameCollisionAnalyzer>;

namespace SlabGen.Generators.Tests;

/// <summary>SLAB0005.</summary>
public sealed class NameCollisionTests
{
    [Fact]
    public Task Two_nested_structs_of_one_name() => Test.Reports(
        """
        namespace Shop;
        public class Tree { [SlabGen.SlabCache] public struct {|#0:Node|} { } }
        public class Graph { public class Part { [SlabGen.SlabCache] public struct {|#1:Node|} { } } }
        """,
        "The class 'NodeCache' of the slab cache of 'Shop.Tree.Node' collides with that of 'Shop.Graph.Part.Node': choose another name, for example [SlabCache(Name = \"TreeNodeCache\")]",
        "The class 'NodeCache' of the slab cache of 'Shop.Graph.Part.Node' collides with that of 'Shop.Tree.Node': choose another name, for example [SlabCache(Name = \"GraphPartNodeCache\")]");

    [Fact]
    public Task Two_names_of_one_name() => Test.Reports(
        """
        [SlabGen.SlabCache] public struct {|#0:Order|} { }
        [SlabGen.SlabCache(Name = "OrderCache")] public struct {|#1:Purchase|} { }
        """,
        "The class 'OrderCache' of the slab cache of 'Order' collides with that of 'Purchase': choose another name, for example [SlabCache(Name = \"OrderSlabCache\")]",
        "The class 'OrderCache' of the slab cache of 'Purchase' collides with that of 'Order': choose another name, for example [SlabCache(Name = \"PurchaseSlabCache\")]");

    [Fact]
    public Task Arities_that_come_from_different_levels() => Test.Reports(
        """
        [SlabGen.SlabCache] public struct {|#0:Node|}<T> { }
        public class Tree<T> { [SlabGen.SlabCache] public struct {|#1:Node|} { } }
        """,
        "The class 'NodeCache' of the slab cache of 'Node<T>' collides with that of 'Tree<T>.Node': choose another name, for example [SlabCache(Name = \"NodeSlabCache\")]",
        "The class 'NodeCache' of the slab cache of 'Tree<T>.Node' collides with that of 'Node<T>': choose another name, for example [SlabCache(Name = \"TreeNodeCache\")]");

    [Theory]
    [InlineData("public class OrderCache { }")]
    [InlineData("public static class OrderCache { }")]
    [InlineData("public partial class OrderCache { }")]
    [InlineData("internal static partial class OrderCache { }")]
    [InlineData("public partial struct OrderCache { }")]
    [InlineData("public enum OrderCache { }")]
    [InlineData("public delegate void OrderCache();")]
    [InlineData("namespace OrderCache { public class Other { } }")]
    public Task A_type_or_namespace_of_the_user(string existing) => Test.Reports(
        $"namespace Shop {{ [SlabGen.SlabCache] public struct {{|#0:Order|}} {{ }} {existing} }}",
        "The class 'OrderCache' of the slab cache of 'Shop.Order' collides with 'Shop.OrderCache': choose another name, for example [SlabCache(Name = \"OrderSlabCache\")]");

    [Fact]
    public Task The_struct_s_own_name() => Test.Reports(
        "[SlabGen.SlabCache(Name = \"Order\")] public struct {|#0:Order|} { }",
        "The class 'Order' of the slab cache of 'Order' collides with 'Order': choose another name, for example [SlabCache(Name = \"OrderSlabCache\")]");

    [Theory]
    [InlineData("OrderPtr", "", "pointer", "PointerName = \"OrderSlabPtr\"")]
    [InlineData("OrderPtr32", "(Zone = SlabGen.ZoneKind.Dma32, Fallback = SlabGen.ZoneFallback.Strict)", "pointer", "PointerName = \"OrderSlabPtr\"")]
    [InlineData("OrderHandle", "(Handles = true)", "handle", "Name = \"OrderSlabCache\"")]
    public Task A_type_with_the_name_of_a_pointer(string name, string arguments, string what, string proposal) => Test.Reports(
        $"[SlabGen.SlabCache{arguments}] public struct {{|#0:Order|}} {{ }} public class {name} {{ }}",
        $"The {what} '{name}' of the slab cache of 'Order' collides with '{name}': choose another name, for example [SlabCache({proposal})]");

    [Fact]
    public Task Another_name_of_the_class_is_one_of_the_pointer() => Test.IsSilent(
        "public class A { [SlabGen.SlabCache] public struct Node { } } public class B { [SlabGen.SlabCache(Name = \"BNodeCache\", Handles = true)] public struct Node { } }");

    [Fact]
    public Task A_generic_part_with_other_type_parameters() => Test.Reports(
        "[SlabGen.SlabCache] public struct {|#0:Box|}<T> { } public static partial class BoxCache<U> { }",
        "The class 'BoxCache' of the slab cache of 'Box<T>' collides with 'BoxCache<U>': choose another name, for example [SlabCache(Name = \"BoxSlabCache\")]");

    [Theory]
    [InlineData("[SlabGen.SlabCache] public struct Order { } public class OrderCache<T> { }")]
    [InlineData("[SlabGen.SlabCache] public struct Order { } namespace Other { public class OrderCache { } }")]
    [InlineData("[SlabGen.SlabCache] public struct Order { } public class Other { public class OrderCache { } }")]
    [InlineData("[SlabGen.SlabCache] public struct Order { } file class OrderCache { }")]
    [InlineData("[SlabGen.SlabCache] public struct Order { } public static partial class OrderCache { }")]
    [InlineData("[SlabGen.SlabCache] public struct Order { } static partial class OrderCache { }")]
    [InlineData("[SlabGen.SlabCache] public struct Box<T> { } public static partial class BoxCache<T> { }")]
    [InlineData("public class A { [SlabGen.SlabCache] public struct Node { } } public class B { public struct Node { } }")]
    [InlineData("public class A { [SlabGen.SlabCache] public struct Node { } } public class B { [SlabGen.SlabCache(Name = \"BNodeCache\")] public struct Node { } }")]
    [InlineData("public class A { [SlabGen.SlabCache] public struct Node { } } public class B { [SlabGen.SlabCache] public struct Node { string s; } }")]
    [InlineData("public class A { [SlabGen.SlabCache] public struct Node { } } public class B { [SlabGen.SlabCache] public struct Node<T> { } }")]
    [InlineData("[SlabGen.SlabCache] public struct Order { } [SlabGen.SlabCache] public struct oRder { }")]
    public Task Near_misses(string source) => Test.IsSilent(source);
}
