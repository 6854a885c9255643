using Microsoft.CodeAnalysis;

namespace SlabGen.Generators.Tests;

/// <summary>Hooks of every valid shape, alone and together: the generated code compiles without a warning and calls them and nothing else.</summary>
public sealed class UserHooks
{
    [Theory]
    [InlineData("[SlabGen.SlabConstructor] internal void Hook() { }")]
    [InlineData("[SlabGen.SlabConstructor] public bool Hook() => true;")]
    [InlineData("[SlabGen.SlabDestructor] internal void Hook() { }")]
    [InlineData("[SlabGen.SlabInit] internal void Hook() { }")]
    [InlineData("[SlabGen.SlabInit] internal bool Hook() => true;")]
    [InlineData("[SlabGen.SlabInit] internal readonly bool Hook() => true;")]
    [InlineData("[SlabGen.SlabFini] internal void Hook() { }")]
    [InlineData("[SlabGen.SlabInit] internal void Hook() { } [SlabGen.SlabFini] internal void Other() { }")]
    [InlineData("[SlabGen.SlabInit, SlabGen.SlabConstructor] internal bool Hook() => true;")]
    [InlineData("[SlabGen.SlabFini, System.Diagnostics.Conditional(\"AUDIT\")] internal void Hook() { }")]
    [InlineData("[SlabGen.SlabFini, System.Obsolete] internal void Hook() { }")]
    [InlineData("[SlabGen.SlabInit] internal partial bool Hook(); internal partial bool Hook() => true;")]
    [InlineData("[SlabGen.SlabFini] public override string ToString() => \"\";", "SLAB0007")]
    [InlineData("[SlabGen.SlabInit] internal void Hook() { } [SlabGen.SlabFini] internal void Hook(int other) { }", "SLAB0007")]
    public async Task A_method(string method, string? rule = null)
    {
        string source = $"namespace Shop; [SlabGen.SlabCache] public partial struct Order {{ public int Id; {method} }}";
        if (rule is null)
        {
            Assert.Single(await GeneratorTest.Run(source));
        }
        else
        {
            await GeneratorTest.VerifySilent(rule, source);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("[SlabGen.SlabInit] internal void A() { }")]
    [InlineData("[SlabGen.SlabInit] internal bool A() => true;")]
    [InlineData("[SlabGen.SlabFini] internal void B() { }")]
    [InlineData("[SlabGen.SlabInit] internal bool A() => true; [SlabGen.SlabFini] internal void B() { } [SlabGen.SlabDestructor] internal void C() { }")]
    public async Task With_zeroing_and_handles_and_on_one_thread(string methods)
    {
        foreach (SlabZeroing zeroing in Enum.GetValues<SlabZeroing>())
        {
            Assert.Single(await GeneratorTest.Run(
                $$"""
                [SlabGen.SlabCache(Zeroing = SlabGen.SlabZeroing.{{zeroing}}, SingleThreaded = true, Handles = true)]
                public struct Order { public int Id; {{methods}} }
                """));
        }
    }

    [Theory]
    [InlineData("@event")]
    [InlineData("Alloc")]
    [InlineData("Prepare")]
    [InlineData("Value")]
    [InlineData("Équipe")]
    public async Task A_name(string name) => Assert.Single(await GeneratorTest.Run(
        $$"""
        namespace Shop;
        [SlabGen.SlabCache] public struct Order
        {
            public int Id;
            [SlabGen.SlabConstructor, SlabGen.SlabInit] internal bool {{name}}() => ++Id > 0;
            [SlabGen.SlabDestructor, SlabGen.SlabFini] internal void {{name}}2() { }
        }
        """));

    [Theory]
    [InlineData("value")]
    [InlineData("ready")]
    [InlineData("Life")]
    [InlineData("Reservation")]
    [InlineData("Construct")]
    [InlineData("handle")]
    [InlineData("Handles")]
    [InlineData("AllocHandle")]
    public async Task In_a_generic_struct(string parameter) => Assert.Single(await GeneratorTest.Run(
        $$"""
        namespace Shop;
        [SlabGen.SlabCache(Handles = true)] public struct Box<@{{parameter}}> where @{{parameter}} : unmanaged
        {
            public @{{parameter}} Content;
            [SlabGen.SlabConstructor] internal void A() { }
            [SlabGen.SlabDestructor] internal void B() { }
            [SlabGen.SlabInit] internal bool C() => true;
            [SlabGen.SlabFini] internal void D() { }
        }
        """));

    [Fact]
    public async Task In_another_part_of_the_struct()
    {
        GeneratedSourceResult file = Assert.Single(await GeneratorTest.Run(
            "namespace Shop; [SlabGen.SlabCache] public partial struct Order { public int Id; }",
            "namespace Shop; public partial struct Order { [SlabGen.SlabFini] internal void End() => Id = 0; }"));

        Assert.Contains(".Value.End();", file.SourceText.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "[SlabGen.SlabFini] internal void End() { }", false)]
    [InlineData("(Zeroing = SlabGen.SlabZeroing.OnFree)", "", false)]
    [InlineData("(Zeroing = SlabGen.SlabZeroing.OnAlloc)", "[SlabGen.SlabInit] internal void Start() { }", true)]
    public async Task What_is_done_on_a_free_is_not_to_be_deferred(string arguments, string method, bool canBeDeferred)
    {
        GeneratedSourceResult file = Assert.Single(await GeneratorTest.Run(
            $"[SlabGen.SlabCache{arguments}] public struct Order {{ public int Id; {method} }}"));

        Assert.Equal(canBeDeferred, file.SourceText.ToString().Contains("void FreeDeferred(", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Cleared_objects_are_not_to_be_had_of_a_cache_with_a_constructor()
    {
        GeneratedSourceResult file = Assert.Single(await GeneratorTest.Run(
            "[SlabGen.SlabCache] public struct Order { [SlabGen.SlabConstructor] internal void Start() { } }"));

        Assert.DoesNotContain("AllocZeroed", file.SourceText.ToString(), StringComparison.Ordinal);
    }
}
