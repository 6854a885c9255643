using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace SlabGen.Generators;

/// <summary>SLAB0011: an object is constructed once, so clearing it would leave it unconstructed for good.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ConstructorWithZeroingAnalyzer() : SlabCacheAnalyzer(Descriptors.ConstructorWithZeroing)
{
    private protected override void Analyze(SymbolAnalysisContext context, INamedTypeSymbol type,
        AttributeData attribute)
    {
        SlabCacheArguments arguments = SlabCacheArguments.Of(type, attribute);
        if (arguments.Zeroing != Zeroing.None && SlabHook.Find(type, HookKind.Constructor) is { } constructor)
        {
            Location location = LocationOf(CacheOptions.Zeroing, type, attribute, context.CancellationToken);
            context.ReportDiagnostic(Diagnostic.Create(Descriptor, location, type.ToDisplayString(),
                constructor.Method.Name));
        }
    }
}
