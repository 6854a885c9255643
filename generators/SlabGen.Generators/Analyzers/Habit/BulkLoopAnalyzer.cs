using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace SlabGen.Generators;

/// <summary>SLAB0201: a loop over a whole array or span that does nothing but allocate or free each element.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class BulkLoopAnalyzer() : OperationAnalyzer(HabitDescriptors.BulkLoop, OperationKind.Loop)
{
    private protected override void Analyze(OperationAnalysisContext context, SlabSymbols symbols)
    {
        IInvocationOperation? call = (ILoopOperation)context.Operation switch
        {
            IForEachLoopOperation loop => FreeOfEach(loop, symbols),
            IForLoopOperation loop when IndexOf(loop) is { } index => OfEach(loop, index, symbols),
            _ => null,
        };

        if (call is not null)
        {
            context.ReportDiagnostic(Diagnostic.Create(Rule, call.Syntax.GetLocation(),
                GeneratedCacheClass.NameOf(call.TargetMethod.ContainingType), call.TargetMethod.Name));
        }
    }

    /// <summary><c>foreach (var p in pointers) OrderCache.Free(p);</c></summary>
    private static IInvocationOperation? FreeOfEach(IForEachLoopOperation loop, SlabSymbols symbols) =>
        loop is { IsAsynchronous: false, Collection: { } collection, Locals: [{ RefKind: RefKind.None } element] }
        && HoldsPointers(WithoutConversion(collection).Type, symbols)
        && OnlyStatement(loop.Body)
            is IInvocationOperation { Arguments: [{ Value: ILocalReferenceOperation freed }] } call
        && SymbolEqualityComparer.Default.Equals(freed.Local, element)
        && IsBulkable(call, "Free", symbols)
            ? call
            : null;

    /// <summary><c>pointers[i] = OrderCache.Alloc();</c> or <c>OrderCache.Free(pointers[i]);</c></summary>
    private static IInvocationOperation? OfEach(IForLoopOperation loop, ILocalSymbol index, SlabSymbols symbols)
    {
        (IInvocationOperation? call, IOperation? element, string name) = OnlyStatement(loop.Body) switch
        {
            ISimpleAssignmentOperation { Value: IInvocationOperation alloc } assignment =>
                (alloc, assignment.Target, "Alloc"),
            IInvocationOperation { Arguments: [{ Value: { } freed }] } free => (free, freed, "Free"),
            _ => (null, null, ""),
        };

        return call is not null && IsBulkable(call, name, symbols) && CollectionOf(element, index) is { } collection
            && HoldsPointers(collection.Type, symbols) && IsLengthOf(loop.Condition, collection)
                ? call
                : null;
    }

    /// <summary>The variable of <c>for (int i = 0; i &lt; …; i++)</c>.</summary>
    private static ILocalSymbol? IndexOf(IForLoopOperation loop) =>
        loop is { Before: [IVariableDeclarationGroupOperation { Declarations: [{ Declarators: [{ } declarator] }] }] }
        && declarator.Symbol is { } index
        && loop.AtLoopBottom is [IExpressionStatementOperation { Operation: IIncrementOrDecrementOperation advance }]
        && advance is { Kind: OperationKind.Increment, Target: ILocalReferenceOperation step }
        && declarator.GetVariableInitializer()?.Value.ConstantValue is { HasValue: true, Value: 0 }
        && SymbolEqualityComparer.Default.Equals(step.Local, index)
        && loop.Condition
            is IBinaryOperation { OperatorKind: BinaryOperatorKind.LessThan,
                LeftOperand: ILocalReferenceOperation compared }
        && SymbolEqualityComparer.Default.Equals(compared.Local, index)
            ? index
            : null;

    private static IOperation? CollectionOf(IOperation? element, ILocalSymbol index) => element switch
    {
        IArrayElementReferenceOperation { Indices: [ILocalReferenceOperation i] } array
            when SymbolEqualityComparer.Default.Equals(i.Local, index) => array.ArrayReference,
        IPropertyReferenceOperation { Property.IsIndexer: true,
            Arguments: [{ Value: ILocalReferenceOperation i }] } span
                when SymbolEqualityComparer.Default.Equals(i.Local, index) => span.Instance,
        _ => null,
    };

    /// <summary>
    /// Whether the bound is the collection's own length. The collection must be a plain variable, the same in both
    /// places.
    /// </summary>
    private static bool IsLengthOf(IOperation? condition, IOperation collection) =>
        condition
            is IBinaryOperation { RightOperand: IPropertyReferenceOperation { Property.Name: "Length",
                Instance: { } counted } }
        && collection is ILocalReferenceOperation or IParameterReferenceOperation
            or IFieldReferenceOperation { Instance: null or IInstanceReferenceOperation }
        && SyntaxFactory.AreEquivalent(counted.Syntax, collection.Syntax);

    private static bool IsBulkable(IInvocationOperation call, string name, SlabSymbols symbols) =>
        // Ignore calls with flags: the AllocBulk that is suggested takes none.
        call.TargetMethod.Name == name && call.Arguments.Length == (name == "Alloc" ? 0 : 1)
        && (call.TargetMethod.IsStatic ? SlabSymbols.IsGeneratedMember(call.TargetMethod) : IsOfOneInstance(call))
        && (name == "Alloc" ? symbols.IsAlloc(call.TargetMethod) : symbols.IsFree(call.TargetMethod));

    /// <summary>
    /// Whether the call is on a <c>KmemCache&lt;T&gt;</c> in a plain variable, the same for each element.
    /// </summary>
    private static bool IsOfOneInstance(IInvocationOperation call) =>
        SymbolEqualityComparer.Default.Equals(GeneratedCacheClass.ContainingInstance(call.TargetMethod.ContainingType),
            call.TargetMethod.ContainingType)
        && PointerVariables.SymbolOf(call.Instance) is not null and not IFieldSymbol { IsVolatile: true };

    private static bool HoldsPointers(ITypeSymbol? type, SlabSymbols symbols) => type switch
    {
        IArrayTypeSymbol { IsSZArray: true } array => symbols.IsSlabPtr(array.ElementType),
        INamedTypeSymbol { Name: "Span" or "ReadOnlySpan", TypeArguments: [{ } element],
            ContainingNamespace: { Name: "System", ContainingNamespace.IsGlobalNamespace: true } } =>
            symbols.IsSlabPtr(element),
        _ => false,
    };

    private static IOperation? OnlyStatement(IOperation body) => body switch
    {
        IBlockOperation { Operations: [IExpressionStatementOperation statement] }
            when body.Syntax is BlockSyntax { Statements.Count: 1 } => statement.Operation,
        IExpressionStatementOperation statement => statement.Operation,
        _ => null,
    };

    private static IOperation WithoutConversion(IOperation operation) =>
        operation is IConversionOperation { IsImplicit: true } conversion ? conversion.Operand : operation;
}
