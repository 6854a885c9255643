using FreedTwice = SlabGen.Generators.Tests.AnalyzerTest<SlabGen.Generators.FreedTwiceAnalyzer>;
using FreedToAnotherCache = SlabGen.Generators.Tests.AnalyzerTest<SlabGen.Generators.FreedToAnotherCacheAnalyzer>;
using NotFreed = SlabGen.Generators.Tests.AnalyzerTest<SlabGen.Generators.NotFreedAnalyzer>;
using ResultDropped = SlabGen.Generators.Tests.AnalyzerTest<SlabGen.Generators.ResultDroppedAnalyzer>;

namespace SlabGen.Generators.Tests;

/// <summary>The rules of use, for handles that a generated class allocates. The test's class is a stub: analyzers recognize a generated class by its members and attribute.</summary>
public sealed class GeneratedHandlesTests
{
    [Fact]
    public Task Freed_twice() => FreedTwice.Reports(
        Method("var h = LineCache.AllocHandle(); LineCache.Free(h); {|#0:LineCache.Free(h)|};"),
        "'h' is already free on every path that leads here");

    [Fact]
    public Task Freed_to_another_cache() => FreedToAnotherCache.Reports(
        Method("var h = LineCache.AllocHandle(); {|#0:OtherCache.Free(h)|};"),
        "'h' is an object of 'LineCache' but is freed to 'OtherCache'");

    [Theory]
    [InlineData("var h = {|#0:LineCache.AllocHandle()|}; h.Value.Id = 1;")]
    [InlineData("var h = {|#0:LineCache.AllocHandle()|}; if (flag) return; LineCache.Free(h);")]
    public Task Not_freed(string body) => NotFreed.Reports(
        Method(body), "The object from 'LineCache' is not freed on some path out of its scope, and nothing else holds it");

    [Fact]
    public Task Dropped() => ResultDropped.Reports(
        Method("{|#0:LineCache.AllocHandle()|};"), "The result of 'LineCache.AllocHandle' is dropped: the object can never be freed");

    [Theory]
    [InlineData("var h = LineCache.AllocHandle(); LineCache.Free(h);")]
    [InlineData("var h = LineCache.AllocHandle(); s_handle = h;")]
    [InlineData("var h = LineCache.AllocHandle(); if (h.TryGet(out var p)) s_line = p;")]
    [InlineData("var h = LineCache.AllocHandle(); LineCache.TryFree(h); LineCache.TryFree(h);")]
    public async Task Near_misses(string body)
    {
        await FreedTwice.IsSilent(Method(body));
        await FreedToAnotherCache.IsSilent(Method(body));
        await NotFreed.IsSilent(Method(body));
        await ResultDropped.IsSilent(Method(body));
    }

    private static string Method(string body) =>
        $$"""
        using SlabGen;

        public struct Line { public long Id; }

        public class User
        {
            static SlabHandle<Line> s_handle;
            static SlabPtr<Line> s_line;
            static void Run(bool flag) { {{body}} }
        }

        {{Cache("LineCache")}}
        {{Cache("OtherCache")}}
        """;

    private static string Cache(string name) =>
        $$"""
        [System.CodeDom.Compiler.GeneratedCode("SlabGen.Generators", "1.0")]
        public static class {{name}}
        {
            public static KmemCache Cache => null!;
            public static SlabHandle<Line> AllocHandle() => default;
            public static void Free(SlabHandle<Line> handle) { }
            public static bool TryFree(SlabHandle<Line> handle) => false;
        }
        """;
}
