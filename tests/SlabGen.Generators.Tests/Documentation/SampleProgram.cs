using System.Collections.Immutable;
using System.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using SlabGen.Collections;

namespace SlabGen.Generators.Tests;

/// <summary>A program of the documentation: compiled as a user compiles it, with the generator and every analyzer, and run as a process.</summary>
internal static class SampleProgram
{
    private const string RuntimeConfig = """{ "runtimeOptions": { "tfm": "net10.0", "framework": { "name": "Microsoft.NETCore.App", "version": "10.0.0" } } }""";

    // What a program may use beside the framework.
    private static readonly string[] s_libraries = [typeof(SlabRuntime).Assembly.Location, typeof(SlabCollection).Assembly.Location];

    /// <summary>Compiles a program: the compiler warns of nothing, and no analyzer does.</summary>
    /// <param name="source">The program.</param>
    /// <param name="path">Its name, for messages.</param>
    /// <param name="globalUsings">A file beside it, as the SDK writes one for ImplicitUsings: what it does not need is no matter.</param>
    public static async Task<Compilation> Compile(string source, string path, string globalUsings = "")
    {
        CSharpCompilation compilation = TestCompilation.Create().AddSyntaxTrees(Parse(source, path), Parse(globalUsings, "GlobalUsings.cs"))
            .AddReferences(MetadataReference.CreateFromFile(typeof(SlabCollection).Assembly.Location));
        compilation = compilation.WithOptions(compilation.Options.WithOutputKind(OutputKind.ConsoleApplication));
        TestCompilation.CreateDriver(trackSteps: false).RunGeneratorsAndUpdateCompilation(
            compilation, out Compilation output, out ImmutableArray<Diagnostic> diagnostics, TestContext.Current.CancellationToken);
        Assert.Empty(diagnostics);
        Diagnostic[] ofCompiler = [.. output.GetDiagnostics(TestContext.Current.CancellationToken)
            .Where(static diagnostic => diagnostic.Location.SourceTree?.FilePath != "GlobalUsings.cs")];
        Assert.Empty(ofCompiler);
        Diagnostic[] ofRules = [.. (await output.WithAnalyzers(GeneratorTest.Analyzers).GetAnalyzerDiagnosticsAsync(TestContext.Current.CancellationToken))
            .Where(static diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning)];
        Assert.Empty(ofRules);
        return output;
    }

    /// <summary>Compiles a program, runs it, and returns what it printed.</summary>
    public static async Task<string> Run(string source, string path, string globalUsings = "")
    {
        Compilation compilation = await Compile(source, path, globalUsings);
        string folder = Directory.CreateTempSubdirectory("slabgen-sample-").FullName;
        try
        {
            string program = Path.Combine(folder, "sample.dll");
            Assert.True(compilation.Emit(program, cancellationToken: TestContext.Current.CancellationToken).Success);
            Array.ForEach(s_libraries, library => File.Copy(library, Path.Combine(folder, Path.GetFileName(library))));
            await File.WriteAllTextAsync(Path.Combine(folder, "sample.runtimeconfig.json"), RuntimeConfig, TestContext.Current.CancellationToken);
            return await RunProcess(program);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static SyntaxTree Parse(string source, string path) =>
        CSharpSyntaxTree.ParseText(source, TestCompilation.ParseOptions, path, cancellationToken: TestContext.Current.CancellationToken);

    private static async Task<string> RunProcess(string program)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", program]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Remove("SLABGEN_DEBUG"); // as a release build, whatever this process has
        using Process process = Process.Start(start)!;
        using CancellationTokenSource timeout = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeout.CancelAfter(TimeSpan.FromMinutes(10));
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(timeout.Token), error = process.StandardError.ReadToEndAsync(timeout.Token);
            await process.WaitForExitAsync(timeout.Token);
            Assert.True(process.ExitCode == 0, $"exit code {process.ExitCode}\n{await output}{await error}");
            Assert.Equal("", await error);
            return (await output).ReplaceLineEndings("\n");
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}
