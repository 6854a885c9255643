using System.Runtime.CompilerServices;
using Basic.Reference.Assemblies;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace SlabGen.Generators.Tests;

/// <summary>A user's project: C# 14, nullable, every warning there is, and no AllowUnsafeBlocks.</summary>
internal static class TestCompilation
{
    /// <summary>What the project refers to: the framework's reference assemblies and the runtime.</summary>
    public static readonly IReadOnlyList<MetadataReference> References =
    [
        .. Net100.References.All,
        MetadataReference.CreateFromFile(typeof(SlabCacheAttribute).Assembly.Location),
    ];

    /// <summary>The options of the user's own files: their doc comments are not the subject.</summary>
    public static readonly CSharpParseOptions ParseOptions = new(LanguageVersion.CSharp14);

    /// <summary>The options of the generated files: with GenerateDocumentationFile the compiler reads and criticises their doc comments.</summary>
    public static readonly CSharpParseOptions GeneratedParseOptions = ParseOptions.WithDocumentationMode(DocumentationMode.Diagnose);

    private static readonly CSharpCompilationOptions s_options = new(
        OutputKind.DynamicallyLinkedLibrary,
        nullableContextOptions: NullableContextOptions.Enable,
        warningLevel: 9999,
        generalDiagnosticOption: ReportDiagnostic.Error,
        allowUnsafe: false);

    /// <summary>The folder that holds the solution.</summary>
    public static readonly string RepositoryRoot = Path.GetFullPath(Path.Combine(FolderOfThisFile(), "..", "..", ".."));

    /// <summary>A project of these files, which are named 0.cs, 1.cs and so on.</summary>
    public static CSharpCompilation Create(params IEnumerable<string> sources) => CSharpCompilation.Create(
        "User",
        sources.Select(static (source, i) => CSharpSyntaxTree.ParseText(source, ParseOptions, $"{i}.cs")),
        References,
        s_options);

    /// <summary>The same project with another text in one file.</summary>
    public static CSharpCompilation Edit(this CSharpCompilation compilation, int file, string source)
    {
        SyntaxTree tree = compilation.SyntaxTrees[file];
        return compilation.ReplaceSyntaxTree(tree, CSharpSyntaxTree.ParseText(source, ParseOptions, tree.FilePath));
    }

    /// <summary>A driver that records its steps, or one that does not, like the compiler's.</summary>
    public static GeneratorDriver CreateDriver(bool trackSteps = true) => CSharpGeneratorDriver.Create(
        [new SlabCacheGenerator().AsSourceGenerator()],
        parseOptions: GeneratedParseOptions,
        driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackSteps));

    private static string FolderOfThisFile([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
