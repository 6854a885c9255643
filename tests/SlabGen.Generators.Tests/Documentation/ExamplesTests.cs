using System.Xml.Linq;

namespace SlabGen.Generators.Tests;

/// <summary>Proves that the examples in the XML documentation, which an editor shows, compile without a warning and run. Catches one that the code has left behind.</summary>
public sealed class ExamplesTests
{
    private const string Usings = """
        global using System;
        global using System.IO;
        global using System.Threading;
        global using System.Threading.Tasks;
        global using SlabGen;
        """;

    private const string Order = "[SlabCache(Handles = true)] public struct Order { public long Id; public int Quantity; }";

    private static readonly string s_file = Path.ChangeExtension(typeof(SlabRuntime).Assembly.Location, ".xml");

    /// <summary>The members that a user meets first.</summary>
    private static readonly string[] s_first =
    [
        "T:SlabGen.SlabCacheAttribute", "T:SlabGen.SlabPtr`1", "T:SlabGen.SlabHandle`1", "T:SlabGen.SlabOwner`1", "T:SlabGen.KmallocBlock", "T:SlabGen.Mempool",
        "T:SlabGen.KmemCache`1", "T:SlabGen.SlabRuntime", "M:SlabGen.SlabRuntime.CreateCache(System.String,System.Int32,SlabGen.SlabCacheOptions)",
        "M:SlabGen.KmemCache.Alloc", "M:SlabGen.Kmalloc.Alloc(System.UIntPtr)", "M:SlabGen.Rcu.Read",
    ];

    public static TheoryData<string> Members => [.. Examples().Keys];

    [Fact]
    public void The_members_that_a_user_meets_first_have_one() => Assert.Superset(s_first.ToHashSet(), Examples().Keys.ToHashSet());

    [Theory]
    [MemberData(nameof(Members))]
    public async Task An_example_compiles_and_runs(string member)
    {
        string code = Examples()[member];
        string types = code.Contains("[SlabCache", StringComparison.Ordinal) && code.Contains("public struct", StringComparison.Ordinal) ? "" : Order;
        await SampleProgram.Run($"{code}\n{types}\n", "Example.cs", Usings);
    }

    private static Dictionary<string, string> Examples() => XDocument.Load(s_file).Descendants("member")
        .Where(static member => member.Element("example") is not null)
        .ToDictionary(static member => (string)member.Attribute("name")!, static member => Assert.Single(member.Element("example")!.Elements("code")).Value);
}
