using Test = SlabGen.Generators.Tests.AnalyzerTest<SlabGen.Generators.PaddingAnalyzer>;

namespace SlabGen.Generators.Tests;

/// <summary>SLAB0052.</summary>
public sealed class PaddingTests
{
    [Theory]
    [InlineData("public struct {|#0:Order|} { public bool A; public long Id; public bool B; }", 24, 14, "Id, A, B", 16)]
    [InlineData("public struct {|#0:Order|} { public byte A; public decimal Id; public byte B; public long C; public short D; }", 48, 20, "Id, C, D, A, B", 32)]
    [InlineData("public struct {|#0:Order|} { public Flag A { get; set; } public long Id; public Flag B { get; set; } } public enum Flag : byte { }", 24, 14, "Id, A, B", 16)]
    [InlineData("public unsafe struct {|#0:Order|} { public byte A; public int* Id; public byte B; public Part C; } public struct Part { public byte First; }", 24, 13, "Id, A, B, C", 16)]
    [InlineData("public struct {|#0:Order|} { public bool A; public OrderPtr Id; public bool B; }", 24, 14, "Id, A, B", 16)]
    [InlineData("public struct {|#0:Order|} { public bool A; public OrderPtr Id; public bool B; } public partial struct OrderPtr { public bool IsSome => !IsNull; }", 24, 14, "Id, A, B", 16)]
    public Task Over_a_quarter(string body, int size, int padding, string order, int best) => Test.Reports(
        "[SlabGen.SlabCache] " + body, $"'Order' has {size} bytes, {padding} of them padding; with its fields in the order {order} it has {best}");

    [Theory]
    [InlineData("public struct Order { public long Id; public bool A; }")]
    [InlineData("public struct Order { public bool A; public long Id; }")]
    [InlineData("public struct Order { public bool A; public int Id; }")]
    [InlineData("public struct Order { public bool A; public short Id; public bool B; }")]
    [InlineData("[System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Sequential)] public struct Order { public bool A; public long Id; public bool B; }")]
    [InlineData("public partial struct Order { public bool A; public long Id; } public partial struct Order { public bool B; }")]
    [InlineData("public struct Order { public bool A; public System.DateTime Id; public bool B; }")]
    [InlineData("public struct Order { public bool A; public (bool, long, bool) Id; public bool B; }")] // a tuple has the layout Auto
    [InlineData("public struct Order { public bool A; public SlabPtr<byte> Id; public bool B; } public struct SlabPtr<T> where T : unmanaged { public T First; }")] // not SlabGen's
    [InlineData("public struct Order { public bool A; public SlabGen.SlabPtr Id; public bool B; } namespace SlabGen { public struct SlabPtr { public byte First; } }")]
    [InlineData("public struct Order<T> where T : unmanaged { public bool A; public T Id; public bool B; }")]
    [InlineData("public struct Order { public bool A; public {|CS0246:Unknown|} Id; public bool B; }")]
    public Task Near_misses(string body) => Test.IsSilent("[SlabGen.SlabCache] " + body);
}
