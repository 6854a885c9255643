using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace SlabGen.Generators;

/// <summary>SLAB0013: options that no cache can have together.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class OptionConflictAnalyzer() : SlabCacheAnalyzer(Descriptors.OptionConflict)
{
    private protected override void Analyze(SymbolAnalysisContext context, INamedTypeSymbol type,
        AttributeData attribute)
    {
        SlabCacheArguments arguments = SlabCacheArguments.Of(type, attribute);
        if (arguments.FindOutOfRange() is null && OptionConflict.Find(type, arguments) is { } conflict)
        {
            Location location = LocationOf(conflict.Option, type, attribute, context.CancellationToken);
            context.ReportDiagnostic(Diagnostic.Create(Descriptor, location, conflict.Option, type.ToDisplayString(),
                conflict.Why));
        }
    }
}
