namespace SlabGen.Generators.Tests;

/// <summary>Extension members of structs of every shape compile without a warning, and so does code that calls them.</summary>
public sealed class ExtensionMembers
{
    [Theory]
    [InlineData("public struct Order { public int Id; }", "Shop.Order")]
    [InlineData("internal record struct Order(int Id);", "Shop.Order")]
    [InlineData("public struct Box<T> where T : unmanaged { public T Content; }", "Shop.Box<int>")]
    [InlineData("public struct Box<@value> where @value : struct, System.Enum { public int Content; }", "Shop.Box<System.DayOfWeek>")]
    [InlineData("public struct Box<Alloc, TSpan> where TSpan : allows ref struct { public int Content; }", "Shop.Box<string, System.Span<int>>")]
    [InlineData("[System.Obsolete] public struct Order { public int Id; }", null)]
    public async Task Of_a_struct(string declaration, string? type)
    {
        int start = Math.Max(0, declaration.IndexOf("] ", StringComparison.Ordinal) + 1);
        Assert.Single(await GeneratorTest.Run($"namespace Shop {{ {declaration.Insert(start, "[SlabGen.SlabCache(Extensions = true)] ")} }}", type is null ? "" : Calls(type)));
    }

    [Theory]
    [InlineData("public class Outer", "Outer.Node")]
    [InlineData("public interface Outer<T>", "Outer<string>.Node")]
    [InlineData("public abstract class Outer<T> where T : System.IComparable<T>", "Outer<int>.Node")]
    public async Task Of_a_nested_struct(string outer, string type) => Assert.Single(await GeneratorTest.Run(
        $"{outer} {{ [SlabGen.SlabCache(Extensions = true)] public struct Node {{ public int Id; }} }}", Calls(type)));

    [Fact]
    public async Task The_struct_s_own_members_come_first() => Assert.Single(await GeneratorTest.Run(
        """
        [SlabGen.SlabCache(Extensions = true)]
        public struct Order
        {
            public int Id;
            public static string Alloc() => "own";
            public static void Free(int id) { }
        }

        public static class User
        {
            public static string Run()
            {
                using OrderCache.Lease lease = Order.Rent();
                Order.Free(lease.Value.Id);
                return Order.Alloc();
            }
        }
        """));

    [Fact]
    public async Task Of_structs_of_one_name_and_several_arities() => Assert.Equal(2, (await GeneratorTest.Run(
        """
        [assembly: SlabGen.SlabCacheDefaults(Extensions = true)]
        [SlabGen.SlabCache] public struct Node { public int Id; }
        [SlabGen.SlabCache] public struct Node<T> { public int Id; }
        """)).Length);

    [Fact]
    public async Task Nobody_asked_for() => Assert.DoesNotContain(
        "xtension", Assert.Single(await GeneratorTest.Run("[SlabGen.SlabCache] public struct Order { public int Id; }")).SourceText.ToString(), StringComparison.Ordinal);

    private static string Calls(string type) =>
        $$"""
        namespace Shop; // as for every extension: from elsewhere it needs a using
        internal static class User
        {
            public static void Run()
            {
                {{type}}.Free({{type}}.Alloc());
                {{type}}.Free({{type}}.AllocZeroed());
                if ({{type}}.TryAlloc(out SlabGen.SlabPtr<{{type}}> obj))
                {
                    {{type}}.Free(obj);
                }

                using var lease = {{type}}.Rent();
            }
        }
        """;
}
