using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace SlabGen.Generators;

/// <summary>SLAB0014: the project's C# has no extension members.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ExtensionsNeedCSharp14Analyzer() : SlabCacheAnalyzer(Descriptors.ExtensionsNeedCSharp14)
{
    private protected override void Analyze(SymbolAnalysisContext context, INamedTypeSymbol type,
        AttributeData attribute)
    {
        if (SlabCacheArguments.Of(type, attribute).Extensions && !ExtensionClass.IsSupported(type))
        {
            Location location = LocationOf(CacheOptions.Extensions, type, attribute, context.CancellationToken);
            context.ReportDiagnostic(Diagnostic.Create(
                Descriptor, location, type.ToDisplayString(),
                ExtensionClass.LanguageVersionOf(type).ToDisplayString()));
        }
    }
}
