using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace SlabGen.Generators.Tests;

/// <summary>
/// An editor with a project of a thousand caches: what a keystroke costs. The steps and their counts are asserted; of the times only that they are
/// of the right magnitude, and their values are in the test's output. They are this process's time on processors, which other programs do not
/// change much; no other test runs meanwhile.
/// </summary>
[Collection(nameof(Alone))]
public sealed class Thousand
{
    private const int Structs = 1000;

    // Some times what is measured on two processors with nothing else to do: 0.2 s for a keystroke, 0.2 s for an edit, 0.6 s for all of them; 1.5 s on a busy day.
    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(30);

    private const string Other = "namespace Shop; public static class Program { public static int Run() => 1; }";

    private static readonly CSharpCompilation s_compilation = TestCompilation.Create([.. Enumerable.Range(0, Structs).Select(Source), Other]);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void All_of_them_are_generated_at_once()
    {
        GeneratorDriver driver = Measure(
            "generating a thousand", static _ => s_compilation.Clone(), static compilation => TestCompilation.CreateDriver(trackSteps: false).RunGenerators(compilation, Token));

        Assert.Equal(Structs, driver.GetRunResult().GeneratedTrees.Length);
    }

    [Fact]
    public void A_keystroke_in_a_file_without_an_attribute_writes_nothing()
    {
        GeneratorDriver driver = TestCompilation.CreateDriver().RunGenerators(s_compilation, Token).RunGenerators(Edited(1), Token);
        Steps.AssertAllCached(driver);
        Assert.Equal(Structs, driver.ReasonsOf(TrackingNames.Files).Length);

        GeneratorDriver first = TestCompilation.CreateDriver(trackSteps: false).RunGenerators(s_compilation, Token);
        Measure("a keystroke elsewhere", static i => Edited(i), compilation => first.RunGenerators(compilation, Token));

        static CSharpCompilation Edited(int i) => s_compilation.Edit(Structs, Other.Replace("=> 1", $"=> {i + 2}", StringComparison.Ordinal));
    }

    [Fact]
    public void An_edit_of_one_writes_that_one()
    {
        GeneratorDriver driver = TestCompilation.CreateDriver().RunGenerators(s_compilation, Token).RunGenerators(Edited(6), Token);
        Assert.Equal(
            [.. Enumerable.Repeat(IncrementalStepRunReason.Cached, 500), IncrementalStepRunReason.Modified, .. Enumerable.Repeat(IncrementalStepRunReason.Cached, 499)],
            driver.ReasonsOfOutputs());
        Assert.Equal([IncrementalStepRunReason.Unchanged], driver.ReasonsOf(TrackingNames.Clashes));

        GeneratorDriver first = TestCompilation.CreateDriver(trackSteps: false).RunGenerators(s_compilation, Token);
        Measure("an edit of one", static i => Edited(i), compilation => first.RunGenerators(compilation, Token));

        static CSharpCompilation Edited(int i) =>
            s_compilation.Edit(500, Source(500).Replace("[SlabCache]", $"[SlabCache(Alignment = {1 << i})]", StringComparison.Ordinal));
    }

    private static string Source(int i) =>
        $$"""
        using SlabGen;
        namespace Shop.Part{{i % 10}};
        [SlabCache] public struct Order{{i}} { public long Id; public double Price; public int Quantity; public SlabPtr<Order{{i}}> Next; }
        """;

    private static void Report(string what, TimeSpan time) =>
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds,8:F1} ms  {what}"));

    /// <summary>The last of four runs, each on a compilation of its own whose declarations the compiler has read, as it does for itself.</summary>
    private static TResult Measure<TCompilation, TResult>(string what, Func<int, TCompilation> create, Func<TCompilation, TResult> run)
        where TCompilation : Compilation
    {
        TResult? result = default;
        TimeSpan time = TimeSpan.MaxValue;
        for (int i = 0; i < 4; i++)
        {
            TCompilation compilation = create(i);
            compilation.GetDeclarationDiagnostics(Token);
            TimeSpan start = Environment.CpuUsage.TotalTime;
            result = run(compilation);
            time = Environment.CpuUsage.TotalTime - start;
        }

        Report(what, time);
        Assert.InRange(time, TimeSpan.Zero, s_bound);
        return result!;
    }
}
