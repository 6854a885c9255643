namespace SlabGen.Generators.Tests;

/// <summary>For a struct that breaks a rule the generator writes what its uses need, so that its user reads one error and not a page of them.</summary>
public sealed class GeneratorIsSilent
{
    [Theory]
    [InlineData("SLAB0001", "public struct Order { public string Name; }")]
    [InlineData("SLAB0001", "public struct Order<T> { public T Name; }")]
    [InlineData("SLAB0002", "public ref struct Order { public int Id; }")]
    [InlineData("SLAB0002", "public ref struct Order { public System.Span<int> Id; }")]
    [InlineData("SLAB0003", "file struct Order;")]
    [InlineData("SLAB0006", "public struct Order { public int Id; }", "(Alignment = 48)")]
    [InlineData("SLAB0004", "public struct Order { public int Id; }", "(Name = \"2nd\")")]
    [InlineData("SLAB0004", "public struct Order { public int Id; }", "(Name = \"Cache\")")]
    [InlineData("SLAB0005", "public struct Order { public int Id; }", "(Name = \"Order\")")]
    [InlineData("SLAB0005", "public struct Order { public int Id; } public class OrderCache;")]
    [InlineData("SLAB0005", "public struct Order { public int Id; } [SlabGen.SlabCache(Name = \"OrderCache\")] public struct Line;")]
    [InlineData("SLAB0007", "public struct Order { [SlabGen.SlabInit] internal void Start(int id) { } }")]
    [InlineData("SLAB0008", "public struct Order { [SlabGen.SlabInit] internal void A() { } [SlabGen.SlabInit] internal void B() { } }")]
    [InlineData("SLAB0009", "public struct Order { [SlabGen.SlabFini] private void End() { } }")]
    [InlineData("SLAB0011", "public struct Order { [SlabGen.SlabConstructor] internal void Start() { } }", "(Zeroing = SlabGen.SlabZeroing.OnFree)")]
    [InlineData("SLAB0012", "public struct Order { public int Id; }", "(Order = 11)")]
    [InlineData("SLAB0005", "public struct Order { public int Id; } public class OrderCacheExtensions;", "(Extensions = true)")]
    [InlineData("SLAB0005", "public struct Order<T> { public int Id; } public class OrderCache1Extensions;", "(Extensions = true)")]
    [InlineData("SLAB0013", "public struct Order { public int Id; }", "(RandomSeed = 1)")]
    [InlineData("SLAB0013", "public struct Order { public int Id; }", "(MaxBytes = 1)")]
    public Task About_a_struct(string rule, string declaration, string arguments = "") =>
        GeneratorTest.VerifySilent(rule, $"namespace Shop {{ [SlabGen.SlabCache{arguments}] {declaration} }}");

    [Theory]
    [InlineData("private")]
    [InlineData("protected")]
    [InlineData("private protected")]
    public Task About_a_nested_struct(string accessibility) =>
        GeneratorTest.VerifySilent("SLAB0003", $"public class Outer {{ [SlabGen.SlabCache] {accessibility} struct Order; }}");

    [Fact]
    public Task About_structs_in_several_files_that_ask_for_one_class() => GeneratorTest.VerifySilent(
        "SLAB0005",
        "namespace Shop; public class Tree { [SlabGen.SlabCache] public struct Node; }",
        "namespace Shop; public class Graph { [SlabGen.SlabCache] public struct Node; }");

    [Theory]
    [InlineData("[SlabGen.SlabCache] public class Order;")]
    [InlineData("[SlabGen.SlabCache] public record Order;")]
    [InlineData("[SlabGen.SlabCache] public enum Order;")]
    [InlineData("[SlabGen.SlabCache, SlabGen.SlabCache] public struct Order;")]
    [InlineData("[SlabGen.SlabCache] public partial struct Order; [SlabGen.SlabCache] public partial struct Order;")]
    [InlineData("[SlabGen.SlabCache(Alignment = \"\")] public struct Order;")]
    [InlineData("[SlabGen.SlabCache(\"\")] public struct Order;")]
    [InlineData("[SlabGen.SlabCache] public struct Order { public Order Self; }")]
    [InlineData("[SlabGen.SlabCache] public struct Order { public Unknown Field; }")]
    [InlineData("[SlabGen.SlabCache] public struct { }")]
    [InlineData("[SlabGen.SlabCache] public struct Order")]
    [InlineData("[SlabGen.SlabCache] public struct Order<T, T>;")]
    [InlineData("[SlabGen.SlabCache(Name = )] public struct Order;")]
    public void It_does_not_throw_on_code_that_does_not_compile(string source) => GeneratorTest.VerifyNoException(source);
}
