using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace SlabGen.Generators;

/// <summary>Comparisons to the literal <c>null</c>, by operator or by <c>Equals</c>.</summary>
internal static class NullComparison
{
    /// <summary>
    /// What is compared to null, before any implicit conversion; null when the operation is no such comparison.
    /// </summary>
    public static IOperation? OperandOf(IOperation operation)
    {
        IOperation? operand = operation switch
        {
            IBinaryOperation { OperatorKind: BinaryOperatorKind.Equals or BinaryOperatorKind.NotEquals } binary =>
                IsNull(binary.RightOperand)
                    ? binary.LeftOperand : IsNull(binary.LeftOperand) ? binary.RightOperand : null,
            IInvocationOperation { TargetMethod.Name: "Equals", Instance: { } instance,
                Arguments: [{ Value: { } value }] } when IsNull(value) => instance,
            _ => null,
        };

        // A lifted operator converts the operand to a nullable one.
        return operand is null ? null : Unconverted(operand);
    }

    private static bool IsNull(IOperation operation) =>
        Unconverted(operation) is ILiteralOperation { ConstantValue: { HasValue: true, Value: null } };

    private static IOperation Unconverted(IOperation operation)
    {
        while (operation is IConversionOperation { IsImplicit: true } conversion)
        {
            operation = conversion.Operand;
        }

        return operation;
    }
}
