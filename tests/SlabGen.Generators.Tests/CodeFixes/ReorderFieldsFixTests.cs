using Test = SlabGen.Generators.Tests.CodeFixTest<SlabGen.Generators.PaddingAnalyzer, SlabGen.CodeFixes.ReorderFieldsFix>;

namespace SlabGen.Generators.Tests;

/// <summary>The fix of SLAB0052.</summary>
public sealed class ReorderFieldsFixTests
{
    [Theory]
    [InlineData(
        "[SlabGen.SlabCache]\npublic struct {|SLAB0052:Order|}\n{\n    public bool A;\n\n    /// <summary>Its number.</summary>\n    public long Id;\n    public bool B; // the second\n\n    public long Sum() => Id;\n    public static int Count;\n    public int C;\n}\n",
        "[SlabGen.SlabCache]\npublic struct Order\n{\n\n    /// <summary>Its number.</summary>\n    public long Id;\n    public int C;\n    public bool A;\n\n    public long Sum() => Id;\n    public static int Count;\n    public bool B; // the second\n}\n")]
    public Task Fixes(string body, string expected) => Test.Fixes(body, expected);

    [Theory]
    [InlineData("[SlabGen.SlabCache] public struct {|SLAB0052:Order|} { public bool A { get; set; } public long Id; public bool B; }")]
    [InlineData("[SlabGen.SlabCache] public record struct {|SLAB0052:Order|}(bool A, long Id, bool B);")]
    [InlineData("[SlabGen.SlabCache] public struct {|SLAB0052:Order|}\n{\n    public bool A;\n#region x\n    public long Id;\n#endregion\n    public bool B;\n}")]
    public Task Offers_none(string body) => Test.OffersNone(body);
}
