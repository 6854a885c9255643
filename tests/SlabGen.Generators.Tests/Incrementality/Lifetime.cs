using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace SlabGen.Generators.Tests;

/// <summary>A driver lives as long as an editor's session; a compilation must not.</summary>
public sealed class Lifetime
{
    [Fact]
    public void GeneratorRun_WithNewCompilation_DoesNotKeepOldCompilationAlive()
    {
        // Steps that are recorded keep what they saw; no compiler asks for that.
        GeneratorDriver driver = TestCompilation.CreateDriver(trackSteps: false);
        WeakReference old = RunTwice(ref driver);

        for (int i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(old.IsAlive, "Something in the pipeline refers to the first compilation.");
        GC.KeepAlive(driver);
    }

    // A frame of its own, which leaves neither the first compilation nor the first driver on the stack.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference RunTwice(ref GeneratorDriver driver)
    {
        CSharpCompilation first = TestCompilation.Create(
            """
            namespace Shop;
            [SlabGen.SlabCache] public struct Order { public long Id; }
            public class Outer<T> where T : System.IComparable<T> { [SlabGen.SlabCache(Alignment = 8)] public struct Line; }
            """,
            "public static class Program;");
        driver = driver.RunGenerators(first, TestContext.Current.CancellationToken);
        Assert.Equal(2, driver.GetRunResult().GeneratedTrees.Length);

        driver = driver.RunGenerators(first.Edit(1, "public static class Program2;"), TestContext.Current.CancellationToken);
        return new WeakReference(first);
    }
}
