using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace SlabGen.Generators.Tests;

/// <summary>Code is broken most of the time that somebody writes it: no analyzer may fail on it.</summary>
public sealed class AnalyzersDoNotThrow
{
    private static readonly string s_source = UserCode.Class(
        """
        delegate SlabPtr<Order> Maker(ref SlabPtr<Order> r, out SlabPtr<Order> o, in SlabPtr<Order> i);
        SlabPtr<Order> _field = OrderCache.Alloc();
        volatile int _state;
        static async Task<int> Async(SlabPtr<Order> p) { using (OrderCache.Lease l = OrderCache.Rent()) { l.Value.Id = 1; } await Task.Yield(); OrderCache.Free(p); return 1; }
        static IEnumerable<SlabPtr<Order>> Iterator() { try { yield return OrderCache.Alloc(); } finally { Check(); } }
        static SlabPtr<Order> Run(bool flag, SlabPtr<Order>[] array, ref SlabPtr<Order> r)
        {
            var p = OrderCache.Alloc(); Order* q = p; q->Id = 1; q[0] = *q;
            try { if (flag) return p; OrderCache.Free(p); }
            catch (Exception e) when (e is not null && p.IsNull) { throw; }
            finally { try { p = default; } finally { (p, r) = (r, p); } }
            foreach (var (a, b) in new[] { (p, p) }) { OrderCache.Free(a); b.Value.Id++; }
            for (int i = 0; i < array.Length; i++) { array[i] = OrderCache.Alloc(); }
            Func<SlabPtr<Order>> f = () => { OrderCache.Free(p); return Local(p); };
            SlabPtr<Order> Local(SlabPtr<Order> x) { s_action = delegate { x.Value.Price = 2; }; return x == null ? f() : x; }
            p = flag switch { true when p is { IsNull: false } => OrderCache.Alloc(), _ => array?[0] ?? default };
            fixed (Order* z = &p.Value) { lock (array) { q = z; goto end; } }
            end: int* n = stackalloc int[1]; System.Threading.Interlocked.Increment(ref p.Value.Id);
            SlabHandle<Order> h = default; if (h == null || h.TryGet(out p)) { h = s_orders.Alloc(); h.Value.Id = 1; s_orders.Free(h); }
            var local = OrderCache.OpenLocal(); var small = (SlabPtr32<Order>)local.Alloc(); small.Value.Id = 2; local.Free(small); p.AsBytes().Clear();
            return p with { };
        }
        """);

    [Fact]
    public async Task On_a_file_that_ends_anywhere()
    {
        // Every seventh token: each construct is cut through somewhere.
        foreach (SyntaxToken token in Tokens())
        {
            await AssertNoneThrows(s_source[..token.Span.End]);
        }
    }

    [Fact]
    public async Task On_a_file_that_lacks_a_piece()
    {
        foreach (SyntaxToken token in Tokens())
        {
            await AssertNoneThrows(s_source.Remove(token.SpanStart, token.Span.Length));
        }
    }

    private static IEnumerable<SyntaxToken> Tokens() => CSharpSyntaxTree
        .ParseText(s_source, TestCompilation.ParseOptions, cancellationToken: TestContext.Current.CancellationToken)
        .GetRoot(TestContext.Current.CancellationToken)
        .DescendantTokens()
        .Where(static (_, i) => i % 7 == 3);

    private static async Task AssertNoneThrows(string source)
    {
        List<Exception> thrown = [];
        CSharpCompilation compilation = TestCompilation.Create(source);
        TestCompilation.CreateDriver(trackSteps: false).RunGeneratorsAndUpdateCompilation(
            compilation.WithOptions(compilation.Options.WithAllowUnsafe(true)), out Compilation output, out _, TestContext.Current.CancellationToken);

        CompilationWithAnalyzersOptions options = new(
            new AnalyzerOptions(ImmutableArray<AdditionalText>.Empty),
            (exception, _, _) =>
            {
                lock (thrown)
                {
                    thrown.Add(exception);
                }
            },
            concurrentAnalysis: true,
            logAnalyzerExecutionTime: false);
        await output.WithAnalyzers(GeneratorTest.Analyzers, options).GetAnalyzerDiagnosticsAsync(TestContext.Current.CancellationToken);

        Assert.True(thrown.Count == 0, $"{source}\n{thrown.FirstOrDefault()}");
    }
}
