using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace SlabGen.Generators;

/// <summary>
/// SLAB0110: a handle is compared to null. It compiles, by a lifted operator or as objects, and gives the same result
/// for every handle.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class NeverNullAnalyzer()
    : OperationAnalyzer(UseDescriptors.NeverNull, OperationKind.Binary, OperationKind.Invocation)
{
    private protected override void Analyze(OperationAnalysisContext context, SlabSymbols symbols)
    {
        if (NullComparison.OperandOf(context.Operation) is { } pointer
            && (symbols.IsHandle(pointer.Type) || symbols.IsSmallPointer(pointer.Type)))
        {
            context.ReportDiagnostic(Diagnostic.Create(Rule, context.Operation.Syntax.GetLocation(),
                pointer.Syntax.ToString()));
        }
    }
}
