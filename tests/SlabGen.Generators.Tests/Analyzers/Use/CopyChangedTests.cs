using Test = SlabGen.Generators.Tests.AnalyzerTest<SlabGen.Generators.CopyChangedAnalyzer>;

namespace SlabGen.Generators.Tests;

/// <summary>SLAB0115.</summary>
public sealed class CopyChangedTests
{
    [Theory]
    [InlineData("p.Value", "var p = array[0]; var o = p.Value; {|#0:o.Id|}--;")]
    [InlineData("p.Value", "var p = array[0]; Order o = p.Value; {|#0:o.Id|} = 2;")]
    [InlineData("p.Value", "var p = array[0]; var o = p.Value; if (o.Id > 0) {|#0:o.Id|} -= 1;")]
    [InlineData("p.Value", "var p = array[0]; var o = p.Value; {|#0:o.Id|} = 2; Console.WriteLine(o.Price);")]
    [InlineData("array[0].Value", "foreach (int i in new[] { 1 }) { var o = array[0].Value; if (o.Id > i) {|#0:o.Id|} = i; }")]
    [InlineData("lease.Value", "using var lease = OrderCache.Rent(); lease.Value.Id = 1; var o = lease.Value; {|#0:o.Id|}++;")]
    public Task Of_an_object(string of, string body) => Test.Reports(
        UserCode.Method(body), $"'o' is a copy of the object, and this change to it is lost: declare it as 'ref Order o = ref {of}'");

    [Theory]
    [InlineData("var o = array[0].Value; o.Id--; array[0].Value = o;")]
    [InlineData("var o = array[0].Value; o.Id--; Console.WriteLine(o.Id);")]
    [InlineData("var o = array[0].Value; o.Id--; Console.WriteLine(o);")]
    [InlineData("var o = array[0].Value; o.Id--; Init(ref o);")]
    [InlineData("ref var o = ref array[0].Value; o.Id--;")]
    [InlineData("var o = array[0].Value; Console.WriteLine(o.Id);")]
    [InlineData("var o = array[0].Value; while (o.Id > 0) { o.Id--; }")]
    [InlineData("var o = array[0].Value; for (int i = 0; i < 3; i++) { Console.WriteLine(o.Id); o.Id = i; }")]
    [InlineData("var o = array[0].Value; long next = o.Id++; Console.WriteLine(next);")]
    [InlineData("var o = array[0].Value; Action a = () => { Console.WriteLine(o.Id); o.Id--; }; a(); a();")]
    [InlineData("Order o = new(); o.Id = 1;")]
    [InlineData("var o = array[0].Value.Next; o.Value.Id = 1;")]
    public Task Near_misses(string body) => Test.IsSilent(UserCode.Method(body));
}
