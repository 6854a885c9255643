using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace SlabGen.Generators;

/// <summary>Pointers to objects: their members, their conversions, and reads and writes through them.</summary>
internal sealed partial class PointerFlow
{
    private int VisitPointerProperty(IPropertyReferenceOperation property)
    {
        int value = Visit(property.Instance);
        switch (property.Property.Name)
        {
            case "Value":
                CheckUse(property, property.Instance, value);
                CheckWritten(property, property.Instance, value);
                if (MayKeepReference(property))
                {
                    Escape(value);
                }

                return FlowState.Unknown;

            case "Address":
            case "Pointer":
                return value;

            case "Memory" when !IsForIo(property):
                Escape(value); // it keeps the buffer
                return FlowState.Unknown;

            case "IsLive":
                Doubt(value); // the program asks whether it was freed
                return FlowState.Unknown;

            default:
                return FlowState.Unknown;
        }
    }

    /// <summary>
    /// Whether a buffer's memory goes into a read or a write of a stream or a socket, which keeps it no longer than
    /// that lasts; or only its span is taken.
    /// </summary>
    private static bool IsForIo(IPropertyReferenceOperation memory) =>
        memory.Parent is IPropertyReferenceOperation
        || memory.Parent
            is IConversionOperation { Parent: IArgumentOperation { Parent: IInvocationOperation ofConverted } }
                && IsOfIo(ofConverted)
        || memory.Parent is IArgumentOperation { Parent: IInvocationOperation call } && IsOfIo(call);

    private static bool IsOfIo(IInvocationOperation call) =>
        call.TargetMethod.ContainingType.ContainingNamespace?.ToDisplayString() is { } space
            && (space.StartsWith("System.IO", StringComparison.Ordinal)
                || space.StartsWith("System.Net", StringComparison.Ordinal));

    private int VisitPointerCreation(IObjectCreationOperation creation)
    {
        switch (creation.Arguments)
        {
            case []:
            case [{ Value.ConstantValue: { HasValue: true, Value: 0 } }]:
                return FlowState.Null;
            case [{ Value: { } address }] when creation.Initializer is null:
                return Visit(Unwrap(address));
            default:
                return FlowState.Unknown;
        }
    }

    /// <summary>
    /// The address stays the same in another pointer type. A number or an object that it becomes is not followed.
    /// </summary>
    private int VisitConversion(IConversionOperation conversion)
    {
        int value = Visit(conversion.Operand);
        if (_symbols.CanHoldAddress(conversion.Operand.Type) || value == FlowState.Null)
        {
            return value;
        }

        Escape(value);
        return FlowState.Unknown;
    }

    private void VisitDereference(IOperation operation, IOperation pointer)
    {
        int value = Visit(pointer);
        CheckUse(operation, pointer, value);
        CheckWritten(operation, pointer, value);
        foreach (IOperation child in operation.ChildOperations)
        {
            if (child != pointer)
            {
                Escape(Visit(child));
            }
        }
    }

    /// <summary>Whether a reference to the object is made that may be turned into its address again.</summary>
    private static bool MayKeepReference(IOperation value)
    {
        // &order.Value.Id is the object's address as well.
        while (value.Parent is IFieldReferenceOperation { Instance: { } owner } field && owner == value)
        {
            value = field;
        }

        return value.Syntax.Parent is RefExpressionSyntax
            or PrefixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.AddressOfExpression }
        || value.Parent is IAddressOfOperation or ISimpleAssignmentOperation { IsRef: true }
        || value.Parent is IArgumentOperation
        {
            Parameter.RefKind: not RefKind.None,
            Parent: IInvocationOperation { TargetMethod: { ContainingType.Name: "Unsafe" or "MemoryMarshal" }
                or { ReturnsByRef: true } or { ReturnType.IsRefLikeType: true } }
        };
    }

    /// <summary>
    /// The pointer in <c>*pointer</c>, <c>pointer->Field</c> or <c>pointer[i]</c>, for which Roslyn has no public
    /// operation; null for anything else.
    /// </summary>
    private static IOperation? DereferencedBy(IOperation operation) =>
        operation.ChildOperations.FirstOrDefault() is { Type: IPointerTypeSymbol pointer } child
        && operation.Type is { } type && SymbolEqualityComparer.Default.Equals(pointer.PointedAtType, type)
            ? child
            : null;

    private bool IsPointer(ITypeSymbol? type) => type is IPointerTypeSymbol || _symbols.IsSlabPointer(type);

    private IOperation Unwrap(IOperation operation)
    {
        while (true)
        {
            switch (operation)
            {
                case IConversionOperation conversion
                    when _symbols.CanHoldAddress(conversion.Type) && _symbols.CanHoldAddress(conversion.Operand.Type):
                    operation = conversion.Operand;
                    break;
                case IPropertyReferenceOperation { Property.Name: "Address", Instance: { } instance } property
                    when _symbols.IsPointerMember(property.Property):
                    operation = instance;
                    break;
                case IPropertyReferenceOperation { Property.Name: "Pointer", Instance: { } lease }
                    when SlabSymbols.IsHolder(lease.Type):
                    operation = lease;
                    break;
                case IObjectCreationOperation { Arguments: [{ Value: { } address }] } creation
                    when _symbols.IsSlabPointer(creation.Type):
                    operation = address;
                    break;
                default:
                    return operation;
            }
        }
    }
}
