using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace SlabGen.Generators;

/// <summary>
/// SLAB0004: <c>Name</c> or <c>PointerName</c> is no identifier, or is one that the generated type needs for a member.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class InvalidNameAnalyzer() : SlabCacheAnalyzer(Descriptors.InvalidName)
{
    private protected override void Analyze(SymbolAnalysisContext context, INamedTypeSymbol type,
        AttributeData attribute)
    {
        string name = CacheClassName.Of(type, SlabCacheArguments.Of(type, attribute));
        if (CacheClassName.WhyInvalid(name) is { } reason)
        {
            Location location = LocationOf("Name", type, attribute, context.CancellationToken);
            context.ReportDiagnostic(Diagnostic.Create(Descriptor, location, type.ToDisplayString(), "class", name,
                reason));
        }
        else if (LinkNames.FindInvalid(type, SlabCacheArguments.Of(type, attribute)) is { } link)
        {
            Location location = LocationOf("PointerName", type, attribute, context.CancellationToken);
            context.ReportDiagnostic(Diagnostic.Create(Descriptor, location, type.ToDisplayString(), "pointer",
                link.Name, link.Why));
        }
    }
}
