using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Test = SlabGen.Generators.Tests.AnalyzerTest<SlabGen.Generators.GenericRingAnalyzer>;

namespace SlabGen.Generators.Tests;

/// <summary>SLAB0015: the rule says of a program what the runtime says when it loads the program's structs.</summary>
public sealed class GenericRingTests
{
    [Fact]
    public Task Two_structs_that_refer_to_each_other() => Test.Reports(
        """
        using SlabGen;
        namespace Shop;
        [SlabCache] public struct Order { public long Id; public SlabPtr<Level> {|#0:Level|}; }
        [SlabCache] public struct Level { public SlabPtr<Order> {|#1:First|}; }
        """,
        "The runtime cannot load the struct of 'Order.Level': Order.Level → Level.First → Order is a ring of generic structs, which throws a TypeLoadException; "
        + "the generated 'LevelPtr', which is not generic, can be loaded",
        "The runtime cannot load the struct of 'Level.First': Level.First → Order.Level → Level is a ring of generic structs, which throws a TypeLoadException; "
        + "the generated 'OrderPtr', which is not generic, can be loaded");

    [Fact]
    public Task A_small_struct_that_holds_one_that_refers_to_itself() => Test.Reports(
        """
        using SlabGen;
        [SlabCache] public struct Node { public SlabPtr<Node> Next, Previous; }
        public struct Anchor { public Node {|#0:Head|}; }
        """,
        "The runtime cannot load the struct of 'Anchor.Head': 'Anchor' is small enough for registers and holds 'Node' with Node.Next → Node, which ends the process; "
        + "the generated 'NodePtr', which is not generic, can be loaded");

    [Theory]
    [InlineData("public struct Node { public SlabPtr<Node> Next, Previous; public long Key; } public struct Anchor { public Node Head; }")] // in memory
    [InlineData("public struct Node { public SlabPtr<Node> Next; } public struct Anchor { public SlabPtr<Node> First; public Node Head; }")] // loaded before
    [InlineData("public struct Node { public NodePtr Next; } public struct Anchor { public Node Head; }")]
    [InlineData("public struct Node { public SlabPtr<Node> Next; } public class Anchor { public Node Head; }")]
    public Task Near_misses_of_what_ends_the_process(string source) => Test.IsSilent("using SlabGen; [SlabCache] " + source);

    [Fact]
    public Task A_ring_that_is_not_SlabGen_s() => Test.IsSilent(
        "public struct Box<T> { public int I; } public struct A { public Box<B> X; } public struct B { public Box<A> X; }");

    /// <summary>What a program declares, the metadata names of the types to load, and whether they cannot be.</summary>
    public static TheoryData<string, bool> Shapes { get; } = new()
    {
        // Rings.
        { "[SlabCache] public struct A { public SlabPtr<B> X; } [SlabCache] public struct B { public SlabPtr<A> X; }", true },
        { "[SlabCache(Handles = true)] public struct A { public SlabHandle<B> X; } [SlabCache(Handles = true)] public struct B { public SlabHandle<A> X; }", true },
        { "[SlabCache] public struct A { public SlabPtr32<B> X; } [SlabCache] public struct B { public SlabPtr<A> X; }", true },
        { "[SlabCache] public struct A { public SlabPtr<B> X; } public struct B { public SlabPtr<C> X; } public struct C { public SlabPtr<A> X; }", true },
        { "[SlabCache] public struct A { public long K; public L X; } public struct L { public SlabPtr<A> Next, Previous; }", true },
        { "[SlabCache] public struct A { public R X; } [System.Runtime.CompilerServices.InlineArray(4)] public struct R { public SlabPtr<A> E; }", true },
        { "[SlabCache] public struct A { public SlabPtr<SlabPtr<B>> X; } public struct B { public SlabPtr<A> X; }", true },
        { "[SlabCache] public struct A { public SlabPtr<B>? X; } public struct B { public SlabPtr<A>? X; }", true },
        { "[SlabCache] public struct A { public (SlabPtr<B> P, int I) X; } public struct B { public SlabPtr<A> X; }", true },
        { "[SlabCache] public struct A { public SlabPtr<B> X; } public struct B { public C X; } public struct C { public SlabPtr<A> X; }", true },
        { "[SlabCache] public struct A { public SlabPtr<In> X; public struct In { public int I; public SlabPtr<A> Y; } }", true },
        { "[SlabCache] public struct A { public L X; } public struct L { public Own<A> X; } public struct Own<T> where T : unmanaged { public SlabPtr<T> P, Q; }", true },
        { "[SlabCache] public struct A { public Own<B> X; } public struct B { public Own<A> X; } public struct Own<T> where T : unmanaged { public SlabPtr<T> P; }", true },
        { "[SlabCache] public struct A { public Own<B> X; } [SlabCache] public struct B { public Own<A> X; } public struct Own<T> where T : unmanaged { public nint P; }", true },
        { "[SlabCache] public struct A { public L<int> X; } public struct L<T> { public SlabPtr<A> E; }", true },
        { "[SlabCache] public struct A { public Own<A> X; } public struct Own<T> { public SlabPtr<B> E; } public struct B { public SlabPtr<A> E; }", true },
        { "[SlabCache] public struct A { public SlabPtr<Own<A>> X; } public struct Own<T> where T : unmanaged { public T E; }", true },
        { "[SlabCache] public struct A { public SlabPtr<G<A>> X; } public struct G<T> where T : unmanaged { public SlabPtr<G<T>> N; public T E; }", true },
        { "[SlabCache] public struct G<T> where T : unmanaged { public SlabPtr<H<T>> X; } public struct H<T> where T : unmanaged { public SlabPtr<G<T>> X; }", true },
        { "[SlabCache] public struct G<T> where T : unmanaged { public SlabPtr<G<long>> X; public T V; }", true },
        { "public class O<T> where T : unmanaged { [SlabCache] public struct G { public SlabPtr<O<long>.G> X; } }", true },

        // None.
        { "[SlabCache] public struct A { public SlabPtr<A> Next, Previous; public long K; }", false },
        { "[SlabCache] public struct A { public Own<A> X; } public struct Own<T> where T : unmanaged { public SlabPtr<T> P, Q; }", false },
        { "[SlabCache] public struct A { public Own<A> X; } public struct Own<T> where T : unmanaged { public Two<T> P; } public struct Two<T> where T : unmanaged { public SlabPtr<T> P; }", false },
        { "[SlabCache] public struct A { public (SlabPtr<A> P, int I) X; public SlabPtr<A>? Y; public SlabPtr<SlabPtr<A>> Z; }", false },
        { "[SlabCache] public struct A { public System.Collections.Generic.KeyValuePair<SlabPtr<A>, int> X; }", false },
        { "[SlabCache, System.Runtime.CompilerServices.InlineArray(4)] public struct A { public SlabPtr<A> X; }", false },
        { "[SlabCache] public struct A { public SlabPtr<B> X; } public struct B { public SlabPtr<C> X; } public struct C { public int I; }", false },
        { "[SlabCache] public struct A { public SlabPtr<B> X; } public struct B { public SlabPtr<B> X; public int I; }", false },
        { "[SlabCache] public struct A { public static SlabPtr<B> S; public SlabPtr<B> P => default; public int I; } public struct B { public SlabPtr<A> X; }", false },
        { "[SlabCache] public struct A { public unsafe B* X; } public struct B { public unsafe SlabPtr<A>* X; }", false },
        { "[SlabCache] public struct A { public unsafe delegate*<SlabPtr<B>, void> X; } public struct B { public SlabPtr<A> X; }", false },
        { "[SlabCache] public struct A { public SlabPtr<G<A>> X; } public struct G<T> where T : unmanaged { public SlabPtr<G<T>> N; }", false },
        { "[SlabCache] public struct G<T> where T : unmanaged { public SlabPtr<G<T>> X; public T V; }", false },
        { "[SlabCache] public struct G<T> where T : unmanaged { public SlabPtr<G<T>> X; public SlabPtr<H<T>> Y; } public struct H<T> where T : unmanaged { public T V; public SlabPtr<H<T>> X; }", false },
        { "public class O<T> where T : unmanaged { [SlabCache] public struct G { public SlabPtr<G> X; public T V; } }", false },
        { "[SlabCache] public struct A { public SlabPtr<K> X; public K Y; } public enum K : byte { One }", false },

        // The generated pointers.
        { "[SlabCache] public struct A { public BPtr X; } [SlabCache] public struct B { public APtr X; }", false },
        { "[SlabCache] public struct A { public BPtr X; } [SlabCache] public struct B { public CPtr X; } [SlabCache] public struct C { public APtr X; }", false },
        { "[SlabCache] public struct A { public SlabPtr<B> X; } [SlabCache] public struct B { public APtr X; }", false },
        { "[SlabCache] public struct A { public long K; public L X; } public struct L { public APtr Next, Previous; }", false },
        { "[SlabCache] public struct A { public R X; } [System.Runtime.CompilerServices.InlineArray(4)] public struct R { public APtr E; }", false },
        { "public class O { [SlabCache] public struct A { public BPtr X; } [SlabCache] public struct B { public APtr X; } }", false },
        { "[SlabCache] public struct G<T> where T : unmanaged { public HPtr<T> X; public T V; } [SlabCache] public struct H<T> where T : unmanaged { public GPtr<T> X; }", false },
        { "[SlabCache] public struct G<T> where T : unmanaged { public GPtr<long> X; public R<T> Y; } [System.Runtime.CompilerServices.InlineArray(4)] public struct R<T> where T : unmanaged { public GPtr<T> E; }", false },
        { "[SlabCache] public struct A { public GPtr<A> X; } [SlabCache] public struct G<T> where T : unmanaged { public T V; public APtr Y; }", false },
        { "public class O<T> where T : unmanaged { [SlabCache] public struct A { public BPtr<T> X; } [SlabCache] public struct B { public APtr<T> X; public T V; } }", false },
        { "[SlabCache(Handles = true)] public struct A { public BHandle X; } [SlabCache(Handles = true)] public struct B { public AHandle X; }", false },
        { "[SlabCache(Zone = ZoneKind.Dma32, Fallback = ZoneFallback.Strict)] public struct A { public BPtr32 X; } [SlabCache(Zone = ZoneKind.Dma32, Fallback = ZoneFallback.Strict)] public struct B { public APtr32 X; }", false },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task What_is_reported_is_what_the_runtime_cannot_load(string source, bool isRing)
    {
        Compilation compilation = TestCompilation.Create("using SlabGen; " + source)
            .WithOptions(new Microsoft.CodeAnalysis.CSharp.CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true));
        TestCompilation.CreateDriver().RunGeneratorsAndUpdateCompilation(compilation, out compilation, out _, TestContext.Current.CancellationToken);
        using MemoryStream assembly = new();
        Assert.Empty(compilation.Emit(assembly, cancellationToken: TestContext.Current.CancellationToken).Diagnostics.Where(static d => d.Severity == DiagnosticSeverity.Error));

        Assert.Equal(isRing, Loads(assembly) is not null);
        Assert.Equal(
            isRing,
            (await compilation.WithAnalyzers([new GenericRingAnalyzer()]).GetAnalyzerDiagnosticsAsync(TestContext.Current.CancellationToken)).Any());
    }

    /// <summary>Loads each struct of an assembly, generic ones over <c>int</c>.</summary>
    /// <returns>What the runtime throws, or null.</returns>
    private static TypeLoadException? Loads(MemoryStream assembly)
    {
        assembly.Position = 0;
        AssemblyLoadContext context = new("ring", isCollectible: true);
        try
        {
            foreach (Type type in context.LoadFromStream(assembly).GetTypes().Where(static type => type is { IsValueType: true, IsEnum: false }))
            {
                Type closed = type.IsGenericTypeDefinition ? type.MakeGenericType([.. type.GetGenericArguments().Select(static _ => typeof(int))]) : type;
                typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!.MakeGenericMethod(closed).Invoke(null, null);
            }

            return null;
        }
        catch (TypeLoadException e)
        {
            return e;
        }
        catch (ReflectionTypeLoadException e)
        {
            return e.LoaderExceptions.OfType<TypeLoadException>().First();
        }
        catch (TargetInvocationException e) when (e.InnerException is TypeLoadException inner)
        {
            return inner;
        }
        finally
        {
            context.Unload();
        }
    }
}
