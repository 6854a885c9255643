using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace SlabGen.Generators;

/// <summary>
/// SLAB0054: a class asks for HighMem, but its runtime has none. Generated classes live in the runtime of the process,
/// which has no pages in HighMem unless the build or the class's own part says otherwise.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class HighMemAnalyzer() : SlabCacheAnalyzer(ShapeDescriptors.HighMem)
{
    private protected override void Analyze(SymbolAnalysisContext context, INamedTypeSymbol type,
        AttributeData attribute)
    {
        SlabCacheArguments arguments = SlabCacheArguments.Of(type, attribute);
        if (arguments.IsInHighMem && !HasHighMem(context.Options) && !IsConfigured(type, arguments))
        {
            Location location = LocationOf(CacheOptions.Zone, type, attribute, context.CancellationToken);
            context.ReportDiagnostic(Diagnostic.Create(Descriptor, location, type.ToDisplayString()));
        }
    }

    private static bool HasHighMem(AnalyzerOptions options) =>
        options.AnalyzerConfigOptionsProvider.GlobalOptions.TryGetValue("build_property.SlabGenHighMemBytes",
            out string? bytes) && bytes.Trim().Length > 0;

    /// <summary>Whether a part of the generated class implements Configure, and so may name another runtime.</summary>
    private static bool IsConfigured(INamedTypeSymbol type, SlabCacheArguments arguments) =>
        type.ContainingNamespace.GetTypeMembers(CacheClassName.Of(type, arguments), CacheClassName.ArityOf(type))
            .SelectMany(static generated => generated.GetMembers("Configure"))
            .Any(static member => member is IMethodSymbol { PartialImplementationPart: not null });
}
