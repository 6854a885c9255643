using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace SlabGen.Generators.Tests;

/// <summary>
/// Proves that whatever is annotated with whatever arguments, neither the generator nor a rule throws; and that what the generator writes for code that
/// compiles does compile without a warning, or a rule said as an error why not. Catches a name, a kind, a field or an argument that nobody thought of.
/// <c>SLABGEN_FUZZ_SECONDS</c> makes it longer, and <c>SLABGEN_FUZZ_SEED</c> repeats one.
/// </summary>
public sealed class RandomStructsTests
{
    private static readonly ImmutableArray<DiagnosticAnalyzer> s_rules =
    [
        .. typeof(SlabCacheGenerator).Assembly.GetTypes().Where(type => !type.IsAbstract && typeof(DiagnosticAnalyzer).IsAssignableFrom(type))
            .Select(type => (DiagnosticAnalyzer)Activator.CreateInstance(type)!),
    ];

    [Fact]
    public async Task Whatever_is_annotated_nothing_throws_and_what_is_written_compiles()
    {
        Assert.NotEmpty(s_rules);
        string? wanted = Environment.GetEnvironmentVariable("SLABGEN_FUZZ_SECONDS");
        double seconds = double.Parse(wanted ?? "4", CultureInfo.InvariantCulture);
        string? only = Environment.GetEnvironmentVariable("SLABGEN_FUZZ_SEED");
        // New ones when it is asked for: a build is not to fail by chance.
        int seed = only is not null ? int.Parse(only, CultureInfo.InvariantCulture) : wanted is null ? 1 : (int)(DateTime.UtcNow.Ticks & 0x3fffffff);
        var failures = new Dictionary<string, string>(StringComparer.Ordinal);
        (int files, int compiled, int written) = (0, 0, 0);
        for (var time = Stopwatch.StartNew(); files == 0 || (only is null && time.Elapsed.TotalSeconds < seconds); files++, seed++)
        {
            string source = new RandomSource(seed).Write();
            (bool isCompiled, int trees, string? failure) = await Check(source);
            compiled += isCompiled ? 1 : 0;
            written += isCompiled ? trees : 0;
            if (failure is not null)
            {
                failures.TryAdd(Kind(failure), $"SLABGEN_FUZZ_SEED={seed}: {failure}{Environment.NewLine}{source}");
            }
        }

        Assert.True(failures.Count == 0, $"{failures.Count} kinds in {files} files:{Environment.NewLine}{string.Join(Environment.NewLine + Environment.NewLine, failures.Values)}");
        Assert.True(files < 50 || (compiled * 20 > files && written > 0), $"Of {files} files {compiled} compiled, and {written} were written for them: that proves little.");
        TestContext.Current.TestOutputHelper?.WriteLine($"{files} files, {compiled} compiled, {written} written for them.");
    }

    private static string Kind(string failure) => string.Concat(failure.Split('\n')[0].Where(c => !char.IsDigit(c)).Take(60));

    private static async Task<(bool IsCompiled, int Trees, string? Failure)> Check(string source)
    {
        CSharpCompilation user = TestCompilation.Create(source);
        GeneratorDriver driver = TestCompilation.CreateDriver(trackSteps: false).RunGeneratorsAndUpdateCompilation(
            user, out Compilation all, out ImmutableArray<Diagnostic> said, TestContext.Current.CancellationToken);
        foreach (GeneratorRunResult result in driver.GetRunResult().Results)
        {
            if (result.Exception is { } thrown)
            {
                return (false, 0, $"The generator threw {thrown}");
            }
        }

        // The options of the project turn every warning into an error.
        ImmutableArray<Diagnostic> found = await all.WithAnalyzers(s_rules, (AnalyzerOptions?)null).GetAllDiagnosticsAsync(TestContext.Current.CancellationToken);
        if (found.FirstOrDefault(diagnostic => diagnostic.Id is "AD0001" or "CS8785") is { } crash)
        {
            return (false, 0, $"A rule threw: {crash}");
        }

        // Of code that is wrong anyway nothing is promised but that. Its own errors are those in its own file.
        bool isRefused = said.Concat(found).Any(diagnostic => diagnostic.Id.StartsWith("SLAB", StringComparison.Ordinal) && diagnostic.DefaultSeverity == DiagnosticSeverity.Error);
        bool isWrong = found.Any(diagnostic => diagnostic.Id.StartsWith("CS", StringComparison.Ordinal) && diagnostic.Severity == DiagnosticSeverity.Error && IsUsers(user, diagnostic));
        int trees = driver.GetRunResult().GeneratedTrees.Length;
        if (isRefused || isWrong)
        {
            return (false, trees, null);
        }

        // CS0436: a struct with the name of one of the framework's, as System.Int32, is told of wherever anybody names it.
        Diagnostic[] errors = [.. found.Where(diagnostic => diagnostic.Id.StartsWith("CS", StringComparison.Ordinal) && diagnostic.Id != "CS0436" && diagnostic.Severity >= DiagnosticSeverity.Warning)];
        if (errors.Length == 0)
        {
            return (true, trees, null);
        }

        var text = new StringBuilder($"What was written does not compile: {errors[0]}{Environment.NewLine}");
        text.AppendLine(errors[0].Location.SourceTree?.GetText(TestContext.Current.CancellationToken).Lines[errors[0].Location.GetLineSpan().StartLinePosition.Line].ToString());
        return (true, trees, text.ToString());
    }

    private static bool IsUsers(CSharpCompilation user, Diagnostic diagnostic) =>
        diagnostic.Location.SourceTree is { } tree && user.SyntaxTrees.Contains(tree);
}
