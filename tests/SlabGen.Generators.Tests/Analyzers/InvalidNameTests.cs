using Test = SlabGen.Generators.Tests.AnalyzerTest<SlabGen.Generators.InvalidNameAnalyzer>;

namespace SlabGen.Generators.Tests;

/// <summary>SLAB0004.</summary>
public sealed class InvalidNameTests
{
    [Theory]
    [InlineData("")]
    [InlineData("Order Cache")]
    [InlineData("1Order")]
    [InlineData("Order.Cache")]
    [InlineData("Cache<T>")]
    [InlineData("@Orders")]
    [InlineData("class")]
    public Task No_identifier(string name) => Test.Reports(
        $"[SlabGen.SlabCache(Alignment = 8, {{|#0:Name = \"{name}\"|}})] public struct Order {{ }}",
        $"The class of the slab cache of 'Order' cannot be named '{name}' because it is not a C# identifier");

    [Theory]
    [InlineData("Cache")]
    [InlineData("Alloc")]
    [InlineData("Lease")]
    [InlineData("MakeOnce")]
    public Task A_member_of_the_class(string name) => Test.Reports(
        $"[SlabGen.SlabCache({{|#0:Name = \"{name}\"|}})] public struct Order {{ }}",
        $"The class of the slab cache of 'Order' cannot be named '{name}' because the generated class has a member of that name");

    [Theory]
    [InlineData("Order Ptr", "it is not a C# identifier")]
    [InlineData("IsNull", "the generated pointer has a member of that name")]
    [InlineData("OrderCache", "the generated class has that name")]
    public Task The_name_of_the_pointer(string name, string why) => Test.Reports(
        $"[SlabGen.SlabCache({{|#0:PointerName = \"{name}\"|}})] public struct Order {{ }}",
        $"The pointer of the slab cache of 'Order' cannot be named '{name}' because {why}");

    [Theory]
    [InlineData("Name = \"Orders\"")]
    [InlineData("Name = \"orders\"")]
    [InlineData("Name = \"record\"")]
    [InlineData("Name = \"Größe_1\"")]
    [InlineData("Name = \"cache\"")]
    [InlineData("Name = null")]
    [InlineData("Alignment = 8")]
    [InlineData("Name = {|CS0029:1|}")]
    public Task Near_misses(string arguments) => Test.IsSilent($"[SlabGen.SlabCache({arguments})] public struct Order {{ }}");
}
