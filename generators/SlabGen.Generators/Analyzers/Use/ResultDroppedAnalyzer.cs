using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace SlabGen.Generators;

/// <summary>
/// SLAB0100: no variable keeps the address of a new object. Assigning it to a discard says that this is intended.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ResultDroppedAnalyzer()
    : OperationAnalyzer(UseDescriptors.ResultDropped, OperationKind.ExpressionStatement)
{
    private protected override void Analyze(OperationAnalysisContext context, SlabSymbols symbols)
    {
        IOperation done = ((IExpressionStatementOperation)context.Operation).Operation;
        string? name = done switch
        {
            IInvocationOperation call when symbols.IsAlloc(call.TargetMethod) || SlabSymbols.IsRent(call) =>
                $"{call.TargetMethod.ContainingType.Name}.{call.TargetMethod.Name}",
            IObjectCreationOperation creation when SlabSymbols.IsRent(creation) => $"new {creation.Type!.Name}",
            _ => null,
        };

        if (name is not null)
        {
            context.ReportDiagnostic(Diagnostic.Create(Rule, done.Syntax.GetLocation(), name));
        }
    }
}
