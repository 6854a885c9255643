using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace SlabGen.Generators;

/// <summary>
/// SLAB0202: <c>pointer == null</c> converts null to a plain pointer, and that to one of the runtime's. It reads as if
/// the pointer were a reference.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ComparedToNullAnalyzer()
    : OperationAnalyzer(HabitDescriptors.ComparedToNull, OperationKind.Binary, OperationKind.Invocation)
{
    private protected override void Analyze(OperationAnalysisContext context, SlabSymbols symbols)
    {
        if (NullComparison.OperandOf(context.Operation) is { } pointer && symbols.IsPlainPointer(pointer.Type))
        {
            context.ReportDiagnostic(Diagnostic.Create(Rule, context.Operation.Syntax.GetLocation(),
                pointer.Syntax.ToString()));
        }
    }
}
