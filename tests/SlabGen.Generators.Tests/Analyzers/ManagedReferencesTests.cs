using Test = SlabGen.Generators.Tests.AnalyzerTest<SlabGen.Generators.ManagedReferencesAnalyzer>;

namespace SlabGen.Generators.Tests;

/// <summary>SLAB0001.</summary>
public sealed class ManagedReferencesTests
{
    [Fact]
    public Task A_field_of_a_reference_type() => Test.Reports(
        "[SlabGen.SlabCache] public struct {|#0:Order|} { public long Id; public string Name; }",
        "'Order' cannot have a slab cache because its field 'Name' is of type 'string', which the garbage collector must track: "
        + "keep an index or a handle in its place");

    [Fact]
    public Task A_field_of_a_field() => Test.Reports(
        """
        namespace Shop;
        [SlabGen.SlabCache] public struct {|#0:Order|} { public int Id; public Customer Customer; }
        public struct Customer { public int Id; public (int, string[]) Names; }
        """,
        "'Shop.Order' cannot have a slab cache because its field 'Customer.Names.Item2' is of type 'string[]', which the garbage collector must track: "
        + "keep an index or a handle in its place");

    [Theory]
    [InlineData("public object Payload { get; set; }", "object")]
    [InlineData("public event System.Action Payload;", "System.Action")]
    [InlineData("public object Payload { get => field; set => field = value; }", "object")]
    public Task A_field_that_the_user_did_not_write_as_one(string member, string type) => Test.Reports(
        $"[SlabGen.SlabCache] public struct {{|#0:Order|}} {{ {member} }}",
        $"'Order' cannot have a slab cache because its field 'Payload' is of type '{type}', which the garbage collector must track: "
        + "keep an index or a handle in its place");

    [Fact]
    public Task A_captured_parameter() => Test.Reports(
        "[SlabGen.SlabCache] public struct {|#0:Order|}(string name) { public readonly int Length => name.Length; }",
        "'Order' cannot have a slab cache because its field 'name' is of type 'string', which the garbage collector must track: "
        + "keep an index or a handle in its place");

    [Theory]
    [InlineData("")]
    [InlineData("where T : struct")]
    [InlineData("where T : System.IDisposable")]
    public Task A_field_of_a_type_parameter_that_may_be_managed(string constraint) => Test.Reports(
        $"[SlabGen.SlabCache] public struct {{|#0:Box|}}<T> {constraint} {{ public T Content; }}",
        "'Box<T>' cannot have a slab cache because its field 'Content' is of type 'T', which the garbage collector must track: "
        + "add 'where T : unmanaged'");

    [Fact]
    public Task A_field_of_the_containing_type_s_parameter() => Test.Reports(
        "public class Tree<TKey> { [SlabGen.SlabCache] public struct {|#0:Node|} { public System.Collections.Generic.KeyValuePair<int, TKey> Pair; } }",
        "'Tree<TKey>.Node' cannot have a slab cache because its field 'Pair.value' is of type 'TKey', which the garbage collector must track: "
        + "add 'where TKey : unmanaged'");

    [Theory]
    [InlineData("[SlabGen.SlabCache] public struct Order { public int Id; public System.DateTime At; public static string Name; }")]
    [InlineData("[SlabGen.SlabCache] public struct Box<T> where T : unmanaged { public T Content; }")]
    [InlineData("[SlabGen.SlabCache] public struct Handle<T> where T : class { public int Index; }")]
    [InlineData("[SlabGen.SlabCache] public struct Order { public unsafe int* Next; public unsafe delegate*<int, void> Call; public unsafe fixed byte Name[8]; }")]
    [InlineData("public struct Order { public string Name; }")]
    [InlineData("[SlabGen.SlabCache] public ref struct Order { public string Name; }")]
    [InlineData("[SlabCache] public struct Order { public string Name; } public sealed class SlabCacheAttribute : System.Attribute;")]
    [InlineData("[SlabGen.SlabCache] public struct Order { public {|CS0246:Customer|} Customer; }")]
    public Task Near_misses(string source) => Test.IsSilent(source);
}
