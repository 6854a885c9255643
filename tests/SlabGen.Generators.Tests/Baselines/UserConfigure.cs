namespace SlabGen.Generators.Tests;

/// <summary>The user's part of a generated class may implement its Configure; without one there is no call.</summary>
public sealed class UserConfigure
{
    [Theory]
    [InlineData("static partial class OrderCache", "public struct Order")]
    [InlineData("public static partial class OrderCache", "public struct Order")]
    [InlineData("static partial class BoxCache<T>", "public struct Box<T> where T : unmanaged")]
    public async Task A_part_may_implement_it(string part, string declaration) => await GeneratorTest.Run(
        $$"""
        using SlabGen;

        [SlabCache] {{declaration}} { public long Id; }

        {{part}}
        {
            static partial void Configure(ref SlabRuntime runtime, ref SlabCacheOptions options)
            {
                runtime = s_own;
                options = options with { MaxObjects = 10 };
            }

            private static readonly SlabRuntime s_own = new(new SlabRuntimeOptions { MemoryLimit = 1 << 24 });
        }
        """);

    [Fact]
    public async Task A_struct_s_type_parameter_may_have_its_name() => await GeneratorTest.Run(
        "#pragma warning disable CS8981\n[SlabGen.SlabCache] public struct Box<Configure, Create, options, runtime> where Configure : unmanaged { public Configure Content; }");
}
