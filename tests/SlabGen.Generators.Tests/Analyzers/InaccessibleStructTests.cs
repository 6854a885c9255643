using Test = SlabGen.Generators.Tests.AnalyzerTest<SlabGen.Generators.InaccessibleStructAnalyzer>;

namespace SlabGen.Generators.Tests;

/// <summary>SLAB0003.</summary>
public sealed class InaccessibleStructTests
{
    [Theory]
    [InlineData("private", "private")]
    [InlineData("", "private")]
    [InlineData("protected", "protected")]
    [InlineData("private protected", "private protected")]
    public Task A_nested_struct(string modifiers, string accessibility) => Test.Reports(
        $"namespace Shop; public class Outer {{ [SlabGen.SlabCache] {modifiers} struct {{|#0:Node|}} {{ }} }}",
        $"'Shop.Outer.Node' cannot have a slab cache because 'Shop.Outer.Node' is {accessibility}, and the generated class, which is in the namespace, cannot access it: make it internal or public");

    [Fact]
    public Task A_containing_type_at_any_level() => Test.Reports(
        "public class A { private class B<T> { public class C { [SlabGen.SlabCache] public struct {|#0:Node|} { } } } }",
        "'A.B<T>.C.Node' cannot have a slab cache because 'A.B<T>' is private, and the generated class, which is in the namespace, cannot access it: make it internal or public");

    [Fact]
    public Task A_file_local_struct() => Test.Reports(
        "[SlabGen.SlabCache] file struct {|#0:Node|} { }",
        "'Node' cannot have a slab cache because 'Node' is file-local, and the generated class, which is in the namespace, cannot access it: make it internal or public");

    [Fact]
    public Task A_struct_in_a_file_local_class() => Test.Reports(
        "file class Outer { [SlabGen.SlabCache] public struct {|#0:Node|} { } }",
        "'Outer.Node' cannot have a slab cache because 'Outer' is file-local, and the generated class, which is in the namespace, cannot access it: make it internal or public");

    [Theory]
    [InlineData("[SlabGen.SlabCache] struct Node { }")]
    [InlineData("public class Outer { [SlabGen.SlabCache] internal struct Node { } }")]
    [InlineData("public class Outer { [SlabGen.SlabCache] protected internal struct Node { } }")]
    [InlineData("public interface Outer { [SlabGen.SlabCache] struct Node { } }")]
    [InlineData("public class Outer { private struct Node { } }")]
    public Task Near_misses(string source) => Test.IsSilent(source);
}
