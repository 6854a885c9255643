using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace SlabGen.Generators;

/// <summary>
/// SLAB0108: a conversion throws for nearly every object of the type's own cache. <c>SlabPtr32.TryFrom</c> does not
/// throw.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class MayLieAbove4GiBAnalyzer()
    : OperationAnalyzer(UseDescriptors.MayLieAbove4GiB, OperationKind.Conversion)
{
    private protected override void Analyze(OperationAnalysisContext context, SlabSymbols symbols)
    {
        if (context.Operation
            is IConversionOperation { OperatorMethod.ContainingType: { TypeArguments: [INamedTypeSymbol type] } pointer,
                Type: { } converted, Operand: not IDefaultValueOperation }
            && symbols.IsSmallPointer(pointer)
            && LinkType.KindOf(pointer) is null // its own cache keeps objects low
            && SymbolEqualityComparer.Default.Equals(pointer, converted)
            && SlabCacheAttributeName.FindOn(type.OriginalDefinition) is { } attribute
            && !SlabCacheArguments.Of(type.OriginalDefinition, attribute).IsBelow4GiB)
        {
            context.ReportDiagnostic(Diagnostic.Create(Rule, context.Operation.Syntax.GetLocation(), type.Name));
        }
    }
}
