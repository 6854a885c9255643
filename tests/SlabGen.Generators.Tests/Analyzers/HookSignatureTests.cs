using Test = SlabGen.Generators.Tests.AnalyzerTest<SlabGen.Generators.HookSignatureAnalyzer>;

namespace SlabGen.Generators.Tests;

/// <summary>SLAB0007.</summary>
public sealed class HookSignatureTests
{
    [Theory]
    [InlineData("Init", "internal static void {|#0:Hook|}() { }", "it is static", "Hook()")]
    [InlineData("Fini", "internal void {|#0:Hook|}<T>() { }", "it is generic", "Hook<T>()")]
    [InlineData("Constructor", "internal void {|#0:Hook|}(int id) { }", "it has parameters", "Hook(int)")]
    [InlineData("Constructor", "internal void {|#0:Hook|}(int id = 1) { }", "it has parameters", "Hook(int)")]
    [InlineData("Destructor", "internal void {|#0:Hook|}(params int[] ids) { }", "it has parameters", "Hook(params int[])")]
    [InlineData("Init", "internal int {|#0:Hook|}() => 0;", "it returns 'int'", "Hook()")]
    [InlineData("Init", "internal System.Threading.Tasks.Task {|#0:Hook|}() => null!;", "it returns 'System.Threading.Tasks.Task'", "Hook()")]
    [InlineData("Init", "internal ref bool {|#0:Hook|}() => throw null!;", "it returns 'bool'", "Hook()")]
    [InlineData("Init", "internal async void {|#0:Hook|}() => await System.Threading.Tasks.Task.Yield();", "it is async", "Hook()")]
    [InlineData("Fini", "internal bool {|#0:Hook|}() => true;", "it returns 'bool'", "Hook()")]
    [InlineData("Destructor", "internal bool {|#0:Hook|}() => true;", "it returns 'bool'", "Hook()")]
    public Task Methods_that_cannot_be_called(string kind, string method, string reason, string name) => Test.Reports(
        $"[SlabGen.SlabCache] public struct Order {{ [SlabGen.Slab{kind}] {method} }}",
        $"'Order.{name}' cannot be [Slab{kind}] because {reason}: a hook must be an instance method without parameters that returns "
        + (kind is "Init" or "Constructor" ? "void or bool" : "void"));

    [Fact]
    public Task A_property_s_accessor() => Test.Reports(
        "[SlabGen.SlabCache] public struct Order { public bool IsReady { [SlabGen.SlabInit] {|#0:get|} => true; } }",
        "'Order.IsReady.get' cannot be [SlabInit] because it is not an ordinary method: a hook must be an instance method without parameters that returns void or bool");

    [Theory]
    [InlineData("[SlabGen.SlabInit] internal void A() { } [SlabGen.SlabFini] internal void B() { }")]
    [InlineData("[SlabGen.SlabInit] internal bool A() => true; [SlabGen.SlabConstructor] internal readonly bool B() => true;")]
    [InlineData("[SlabGen.SlabInit] private void A() { }")]
    [InlineData("internal static void A(int id) { }")]
    [InlineData("[Other.SlabInit] internal void A(int id) { }")]
    public Task Near_misses(string members) => Test.IsSilent(
        $"[SlabGen.SlabCache] public struct Order {{ {members} }} namespace Other {{ public class SlabInitAttribute : System.Attribute; }}");

    [Fact]
    public Task A_struct_without_a_cache_is_another_rule_s() => Test.IsSilent(
        "public struct Order { [SlabGen.SlabInit] internal static void A() { } }");
}
