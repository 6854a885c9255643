using Test = SlabGen.Generators.Tests.AnalyzerTest<SlabGen.Generators.ConstructorWithZeroingAnalyzer>;

namespace SlabGen.Generators.Tests;

/// <summary>SLAB0011.</summary>
public sealed class ConstructorWithZeroingTests
{
    private const string Message =
        "The slab cache of 'Order' cannot clear its objects because that would undo 'Start', which runs only once for each object: remove Zeroing, or make 'Start' a [SlabInit]";

    [Theory]
    [InlineData("OnAlloc")]
    [InlineData("OnFree")]
    public Task Both(string zeroing) => Test.Reports(
        $"[SlabGen.SlabCache({{|#0:Zeroing = SlabGen.SlabZeroing.{zeroing}|}})] public struct Order {{ [SlabGen.SlabConstructor] internal void Start() {{ }} }}",
        Message);

    [Fact]
    public Task The_assembly_s_zeroing() => Test.Reports(
        """
        [assembly: SlabGen.SlabCacheDefaults(Zeroing = SlabGen.SlabZeroing.OnFree)]
        [SlabGen.SlabCache] public struct {|#0:Order|} { [SlabGen.SlabConstructor] internal void Start() { } }
        """,
        Message);

    [Theory]
    [InlineData("Zeroing = SlabGen.SlabZeroing.OnAlloc", "SlabInit")]
    [InlineData("Zeroing = SlabGen.SlabZeroing.OnFree", "SlabDestructor")]
    [InlineData("Zeroing = SlabGen.SlabZeroing.None", "SlabConstructor")]
    [InlineData("HwCacheAlign = true", "SlabConstructor")]
    public Task Near_misses(string argument, string hook) => Test.IsSilent(
        $"[SlabGen.SlabCache({argument})] public struct Order {{ [SlabGen.{hook}] internal void Start() {{ }} }}");
}
