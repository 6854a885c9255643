using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace SlabGen.Generators;

/// <summary>SLAB0106: a lease knows whether it was disposed of; its copy does not.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class LeaseCopiedAnalyzer()
    : OperationAnalyzer(UseDescriptors.LeaseCopied, OperationKind.LocalReference, OperationKind.ParameterReference,
        OperationKind.FieldReference)
{
    private protected override void Analyze(OperationAnalysisContext context, SlabSymbols symbols)
    {
        IOperation lease = context.Operation;
        if (SlabSymbols.IsLease(lease.Type) && IsCopied(lease))
        {
            context.ReportDiagnostic(Diagnostic.Create(Rule, lease.Syntax.GetLocation(), lease.Syntax.ToString()));
        }
    }

    /// <summary>
    /// Whether the lease is copied into another variable or a parameter by value. Returning a lease hands it on, and a
    /// reference is no copy.
    /// </summary>
    private static bool IsCopied(IOperation lease) => lease.Parent switch
    {
        IVariableInitializerOperation { Parent: IVariableDeclaratorOperation { Symbol.RefKind: RefKind.None } } => true,
        ISimpleAssignmentOperation { IsRef: false, Target: not IDiscardOperation } assignment =>
            assignment.Value == lease,
        IArgumentOperation { Parameter.RefKind: RefKind.None } => true,
        IFieldInitializerOperation => true,
        _ => false,
    };
}
