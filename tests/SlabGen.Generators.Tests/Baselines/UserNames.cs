namespace SlabGen.Generators.Tests;

/// <summary>Names that users may give and that must not change what the generated code means: it compiles without a warning around all of them.</summary>
public sealed class UserNames
{
    [Theory]
    [InlineData("Cache")]
    [InlineData("Alloc")]
    [InlineData("Lease")]
    [InlineData("MakeOnce")]
    [InlineData("s_made")]
    [InlineData("t_cache")]
    [InlineData("BoxCache")]
    [InlineData("@address")]
    [InlineData("@result")]
    [InlineData("System")]
    [InlineData("SlabGen")]
    [InlineData("@class")]
    [InlineData("@nint")]
    [InlineData("@t")]
    public Task A_type_parameter_named_like_something_in_the_class(string name) => Generates(
        $$"""
        namespace Shop;
        [global::SlabGen.SlabCache]
        public struct Box<{{name}}> where {{name}} : unmanaged, global::System.IEquatable<{{name}}>
        {
            public {{name}} Content;
        }
        """);

    [Fact]
    public Task Type_parameters_with_the_same_name_at_several_levels() => Generates(
        """
        #pragma warning disable CS0693
        namespace Shop;
        public class A<T> where T : notnull
        {
            public struct B<T1, T> where T : System.Collections.Generic.IEnumerable<T1>
            {
                [SlabGen.SlabCache]
                public struct C<T> where T : unmanaged, System.IComparable<T1>
                {
                    public T Value;
                }
            }
        }
        """);

    [Theory]
    [InlineData("System")]
    [InlineData("SlabGen")]
    [InlineData("SlabPtr")]
    [InlineData("KmemCache")]
    [InlineData("ThreadCache")]
    [InlineData("Lease")]
    [InlineData("Alloc")]
    [InlineData("@record")]
    [InlineData("@var")]
    [InlineData("@dynamic")]
    [InlineData("@value")]
    [InlineData("@partial")]
    [InlineData("@extension")]
    [InlineData("@await")]
    public Task A_struct_named_like_something_else(string name) => Generates(
        $$"""
        namespace Shop
        {
            [global::SlabGen.SlabCache]
            public struct {{name}}
            {
                public int Value;
            }
        }
        """);

    [Fact]
    public Task Types_and_namespaces_beside_the_struct_that_hide_the_real_ones() => Generates(
        """
        namespace Shop
        {
            public class System;
            public class Span<T>;
            public class SlabPtr<T>;
            public class KmemCache;
            public class OutOfMemoryException;
            namespace SlabGen { public class SlabRuntime; }

            [global::SlabGen.SlabCache]
            public struct Order
            {
                public int Id;
            }
        }
        """);

    [Theory]
    [InlineData("cache")]
    [InlineData("obj")]
    [InlineData("record")]
    [InlineData("var")]
    [InlineData("nint")]
    [InlineData("System")]
    [InlineData("ToString")]
    public Task A_class_name_that_is_unusual_but_allowed(string name) => Generates(
        $$"""
        namespace Shop
        {
            [global::SlabGen.SlabCache(Name = "{{name}}")]
            public struct Order
            {
                public int Id;
            }
        }
        """);

    [Fact]
    public async Task Classes_that_differ_only_in_case_get_files_that_differ_in_more()
    {
        var files = await GeneratorTest.Run(
            """
            namespace Shop;
            [SlabGen.SlabCache] public struct Order { public int Id; }
            [SlabGen.SlabCache] public struct oRder { public int Id; }
            """);

        Assert.Equal(2, files.Select(static file => file.HintName).Distinct(StringComparer.OrdinalIgnoreCase).Count());
    }

    [Fact]
    public async Task A_name_with_characters_that_a_hint_name_cannot_hold()
    {
        var files = await GeneratorTest.Run("[SlabGen.SlabCache] public struct Cafe\u0301 { public int Id; }");

        Assert.Equal("Cafe(0301)Cache.g.cs", Assert.Single(files).HintName);
    }

    [Theory]
    [InlineData('a', 400)]
    [InlineData('\u4e2d', 300)] // three bytes each in UTF-8
    [InlineData('\u0301', 200)] // written as six characters each
    public async Task A_name_too_long_for_a_file_is_cut_and_stays_its_own(char letter, int length)
    {
        string name = "N" + new string(letter, length);
        var files = await GeneratorTest.Run($"[SlabGen.SlabCache] public struct {name}A {{ public int Id; }} [SlabGen.SlabCache] public struct {name}B {{ public int Id; }}");

        Assert.Equal(2, files.Select(static file => file.HintName).Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.All(files, static file => Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(file.HintName), 1, 255));
    }

    [Theory]
    [InlineData("F\u200b")]
    [InlineData("\u200dF")]
    [InlineData("F\ufeff")]
    public async Task A_formatting_character_makes_no_other_name(string name)
    {
        var files = await GeneratorTest.Run($"[SlabGen.SlabCache(Name = \"{name}\")] public struct Order {{ public int Id; }} public class User {{ public static void Run() => F.FreeBulk([]); }}");
        Assert.Equal("F.g.cs", Assert.Single(files).HintName);
        await GeneratorTest.VerifySilent("SLAB0005", $"[SlabGen.SlabCache(Name = \"{name}\")] public struct Order {{ public int Id; }} public class F;");
    }

    [Fact]
    public async Task The_same_name_in_several_namespaces_and_with_several_arities()
    {
        var files = await GeneratorTest.Run(
            "[SlabGen.SlabCache] public struct Node { public int Id; }",
            "namespace A; [SlabGen.SlabCache] public struct Node { public int Id; }",
            "namespace A; [SlabGen.SlabCache] public struct Node<T> where T : unmanaged { public T Id; }",
            "namespace A; public class Tree<T, U> { [SlabGen.SlabCache] public struct Node { public int Id; } }",
            "namespace A.B; [SlabGen.SlabCache] public struct Node { public int Id; }");

        Assert.Equal(
            ["A.B.NodeCache.g.cs", "A.NodeCache.g.cs", "A.NodeCache`1.g.cs", "A.NodeCache`2.g.cs", "NodeCache.g.cs"],
            files.Select(static file => file.HintName).Order(StringComparer.Ordinal));
    }

    private static async Task Generates(string source) => Assert.Single(await GeneratorTest.Run(source));
}
