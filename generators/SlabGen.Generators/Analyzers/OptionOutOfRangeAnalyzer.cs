using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace SlabGen.Generators;

/// <summary>
/// SLAB0012: an option is out of its range. Without this rule the runtime would find out when the class is first used.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class OptionOutOfRangeAnalyzer() : SlabCacheAnalyzer(Descriptors.OptionOutOfRange)
{
    private protected override void Analyze(SymbolAnalysisContext context, INamedTypeSymbol type,
        AttributeData attribute)
    {
        if (SlabCacheArguments.Of(type, attribute).FindOutOfRange() is { } found)
        {
            Location location = LocationOf(found.Option.Name, type, attribute, context.CancellationToken);
            context.ReportDiagnostic(Diagnostic.Create(
                Descriptor, location, found.Option.Name, type.ToDisplayString(), found.Value, found.Option.Least,
                found.Option.Most));
        }
    }
}
