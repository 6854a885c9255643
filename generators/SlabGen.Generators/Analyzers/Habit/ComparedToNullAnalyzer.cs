using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace SlabGen.Generators;

/// <summary>SLAB0202: <c>pointer == null</c> converts null to a plain pointer and that to one of the runtime's, and reads as if it were a reference.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ComparedToNullAnalyzer() : OperationAnalyzer(HabitDescriptors.ComparedToNull, OperationKind.Binary, OperationKind.Invocation)
{
    private protected override void Analyze(OperationAnalysisContext context, SlabSymbols symbols)
    {
        IOperation? pointer = context.Operation switch
        {
            IBinaryOperation { OperatorKind: BinaryOperatorKind.Equals or BinaryOperatorKind.NotEquals } binary =>
                IsNull(binary.RightOperand) ? binary.LeftOperand : IsNull(binary.LeftOperand) ? binary.RightOperand : null,
            IInvocationOperation { TargetMethod.Name: "Equals", Instance: { } instance, Arguments: [{ Value: { } value }] } when IsNull(value) => instance,
            _ => null,
        };

        // A lifted operator would convert the pointer to a nullable one.
        while (pointer is IConversionOperation { IsImplicit: true } conversion)
        {
            pointer = conversion.Operand;
        }

        if (pointer is not null && symbols.IsSlabPointer(pointer.Type))
        {
            context.ReportDiagnostic(Diagnostic.Create(Rule, context.Operation.Syntax.GetLocation(), pointer.Syntax.ToString()));
        }
    }

    private static bool IsNull(IOperation operation)
    {
        while (operation is IConversionOperation { IsImplicit: true } conversion)
        {
            operation = conversion.Operand;
        }

        return operation is ILiteralOperation { ConstantValue: { HasValue: true, Value: null } };
    }
}
