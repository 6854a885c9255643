using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace SlabGen.Generators;

/// <summary>
/// SLAB0200: one object, or an array of one, from the C allocator. Several objects are an array, which no slab holds. A
/// value is not allocated at all, and the stack is cheaper than any cache.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class OtherAllocationAnalyzer()
    : OperationAnalyzer(HabitDescriptors.OtherAllocation, OperationKind.Invocation, OperationKind.ArrayCreation)
{
    private protected override void Analyze(OperationAnalysisContext context, SlabSymbols symbols)
    {
        ITypeSymbol? type = context.Operation switch
        {
            IInvocationOperation call when IsNativeAllocation(call.TargetMethod) => SizedType(call),
            IArrayCreationOperation { Initializer: null,
                DimensionSizes: [{ ConstantValue: { HasValue: true, Value: 1 } }],
                Type: IArrayTypeSymbol array } => array.ElementType,
            _ => null,
        };

        if (type is INamedTypeSymbol named && SlabCacheAttributeName.FindOn(named.OriginalDefinition) is { } attribute)
        {
            string cache = CacheClassName.Of(named, SlabCacheArguments.Of(named.OriginalDefinition, attribute));
            context.ReportDiagnostic(Diagnostic.Create(Rule, context.Operation.Syntax.GetLocation(), named.Name,
                cache));
        }
    }

    private static bool IsNativeAllocation(IMethodSymbol method) => method is
    {
        Name: "Alloc" or "AllocZeroed" or "AlignedAlloc" or "AllocHGlobal" or "AllocCoTaskMem",
        ContainingType: { Name: "NativeMemory" or "Marshal",
            ContainingNamespace: { Name: "InteropServices", ContainingNamespace.Name: "Runtime" } }
    };

    /// <summary>The type whose size is requested once; null for any other size.</summary>
    private static ITypeSymbol? SizedType(IInvocationOperation call)
    {
        ITypeSymbol? type = null;
        foreach (IArgumentOperation argument in call.Arguments)
        {
            switch (argument.Parameter?.Name)
            {
                case "elementCount"
                    when argument.Value.ConstantValue is not { HasValue: true, Value: 1ul or 1u or 1 }
                        && !IsOne(argument.Value):
                    return null;
                case "byteCount" or "elementSize" or "cb":
                    type = SizedType(argument.Value);
                    break;
            }
        }

        return type;
    }

    private static bool IsOne(IOperation value) => Unwrap(value).ConstantValue is { HasValue: true, Value: 1 };

    private static ITypeSymbol? SizedType(IOperation size) => Unwrap(size) switch
    {
        ISizeOfOperation sizeOf => sizeOf.TypeOperand,
        IInvocationOperation { TargetMethod: { Name: "SizeOf", ContainingType.Name: "Unsafe" or "Marshal",
            TypeArguments: [{ } type] } } => type,
        _ => null,
    };

    private static IOperation Unwrap(IOperation operation)
    {
        while (operation is IConversionOperation conversion)
        {
            operation = conversion.Operand;
        }

        return operation;
    }
}
