using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace SlabGen.Generators;

/// <summary>SLAB0100: an object whose address nobody keeps. An assignment to a discard says that this is meant.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ResultDroppedAnalyzer() : OperationAnalyzer(UseDescriptors.ResultDropped, OperationKind.ExpressionStatement)
{
    private protected override void Analyze(OperationAnalysisContext context, SlabSymbols symbols)
    {
        if (((IExpressionStatementOperation)context.Operation).Operation is IInvocationOperation call
            && (symbols.IsAlloc(call.TargetMethod) || SlabSymbols.IsRent(call.TargetMethod)))
        {
            context.ReportDiagnostic(Diagnostic.Create(Rule, call.Syntax.GetLocation(), $"{call.TargetMethod.ContainingType.Name}.{call.TargetMethod.Name}"));
        }
    }
}
