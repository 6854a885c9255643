using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace SlabGen.Generators;

/// <summary>
/// The variables of a method that can be followed: locals and parameters that can hold an address, and that only
/// assignments write. A variable may change at any time if there is a reference to it, or if a nested function writes
/// it. Fields of <c>this</c> and static fields are followed until other code runs. A reference to an object, <c>ref
/// Order order = ref pointer.Value</c>, is followed as if it held the address.
/// </summary>
internal sealed class PointerVariables
{
    private readonly SlabSymbols _symbols;
    private readonly HashSet<ISymbol> _unknown = new(SymbolEqualityComparer.Default);
    private readonly List<(IMethodSymbol Lambda, ISymbol Variable)> _captured = [];
    private readonly Dictionary<ISymbol, int> _numbers = new(SymbolEqualityComparer.Default);
    private readonly Dictionary<CaptureId, int> _captures = [];
    private readonly Dictionary<CaptureId, int> _targets = [];
    private int _count;

    /// <summary>Looks through a whole method, including its nested functions.</summary>
    public PointerVariables(SlabSymbols symbols, IOperation block)
    {
        _symbols = symbols;

        foreach (IOperation operation in block.DescendantsAndSelf())
        {
            if (SymbolOf(operation) is not { } symbol)
            {
                continue;
            }

            bool isChangedByNested = AddCaptures(operation, symbol);
            if (IsReferredTo(operation) || IsWrittenInPart(operation) || isChangedByNested)
            {
                _unknown.Add(symbol);
            }
        }
    }

    /// <summary>
    /// The number of the local or parameter behind the operation; -1 for anything else, and for a variable that cannot
    /// be followed.
    /// </summary>
    public int Find(IOperation? operation) => operation switch
    {
        IFlowCaptureReferenceOperation capture => Number(_captures, capture.Id),
        { } when SymbolOf(operation) is { } symbol => Find(symbol),
        _ => -1,
    };

    public int Find(ISymbol symbol)
    {
        bool followed = symbol switch
        {
            ILocalSymbol local => local.RefKind == RefKind.None && _symbols.IsFollowed(local.Type),
            IParameterSymbol parameter => parameter.RefKind == RefKind.None && _symbols.IsFollowed(parameter.Type),
            IFieldSymbol field =>
                field is { IsConst: false, IsVolatile: false, RefKind: RefKind.None }
                    && _symbols.CanHoldAddress(field.Type),
            _ => false,
        };

        return followed && !_unknown.Contains(symbol)
            ? Number(_numbers, symbol)
                + (symbol is IFieldSymbol
                    ? FlowState.FirstField : symbol is IParameterSymbol ? FlowState.FirstGiven : 0)
            : -1;
    }

    /// <summary>The number of a local that is a reference; -1 for anything else.</summary>
    public int FindReference(IOperation? operation) =>
        operation is ILocalReferenceOperation { Local: { RefKind: not RefKind.None } local }
            ? Number(_numbers, local) : -1;

    public int Find(CaptureId capture) => Number(_captures, capture);

    /// <summary>
    /// Whether a lambda uses the variable. It may then free what the variable holds, whenever it runs.
    /// </summary>
    public bool IsCaptured(ISymbol? symbol) =>
        symbol is not null && _captured.Any(pair => SymbolEqualityComparer.Default.Equals(pair.Variable, symbol));

    /// <summary>The variables of outer functions that a lambda uses.</summary>
    public IEnumerable<ISymbol> CapturedBy(IMethodSymbol lambda) => _captured
        .Where(pair => SymbolEqualityComparer.Default.Equals(pair.Lambda, lambda) && pair.Variable is not IFieldSymbol)
        .Select(static pair => pair.Variable);

    /// <summary>Called when a nested function begins, where the numbers of captures have another meaning.</summary>
    public void ForgetCaptures()
    {
        _captures.Clear();
        _targets.Clear();
    }

    /// <summary>Remembers that a capture stands for a variable that is about to be assigned.</summary>
    public void SetTarget(CaptureId capture, int variable) => _targets[capture] = variable;

    /// <summary>The variable that an assignment writes, through a capture or not; -1 when it is no variable.</summary>
    public int FindTarget(IOperation target) => target is IFlowCaptureReferenceOperation capture
        ? _targets.TryGetValue(capture.Id, out int variable) ? variable : -1
        : Find(target);

    private int Number<TKey>(Dictionary<TKey, int> numbers, TKey key)
        where TKey : notnull
    {
        if (!numbers.TryGetValue(key, out int number))
        {
            numbers[key] = number = _count++;
        }

        return number;
    }

    /// <summary>
    /// The local, parameter or field of <c>this</c> that the operation is; null when it is none of these.
    /// </summary>
    public static ISymbol? SymbolOf(IOperation? operation) => operation switch
    {
        ILocalReferenceOperation local => local.Local,
        IParameterReferenceOperation parameter => parameter.Parameter,
        IFieldReferenceOperation { Instance: null
            or IInstanceReferenceOperation { ReferenceKind: InstanceReferenceKind.ContainingTypeInstance } } field =>
                field.Field,
        _ => null,
    };

    /// <summary>
    /// Whether a reference to the variable itself is made, so that later code may write it. An <c>out</c> argument
    /// counts as an assignment.
    /// </summary>
    private static bool IsReferredTo(IOperation operation) =>
        operation.Parent is IAddressOfOperation
        || operation.Parent is IArgumentOperation { Parameter.RefKind: not (RefKind.None or RefKind.Out) }
        || operation.Syntax.Parent is RefExpressionSyntax
        || operation.Syntax.Parent is ArgumentSyntax argument
        && argument.RefKindKeyword.Kind() is SyntaxKind.RefKeyword or SyntaxKind.InKeyword;

    private static bool IsWrittenInPart(IOperation operation)
    {
        switch (operation.Parent)
        {
            case ICompoundAssignmentOperation compound:
                return compound.Target == operation;
            case IIncrementOrDecrementOperation:
                return true;
        }

        // The operation may be a part of (a, b) = ….
        for (IOperation child = operation; child.Parent is { } parent; child = parent)
        {
            if (parent is IDeconstructionAssignmentOperation deconstruction)
            {
                return deconstruction.Target == child;
            }

            if (parent is not (ITupleOperation or IDeclarationExpressionOperation))
            {
                return false;
            }
        }

        return false;
    }

    private static bool IsAssigned(IOperation operation) =>
        operation.Parent is ISimpleAssignmentOperation assignment && assignment.Target == operation
        || operation.Parent is IArgumentOperation { Parameter.RefKind: RefKind.Out };

    /// <summary>Notes every lambda that uses the variable without declaring it.</summary>
    /// <returns>
    /// Whether a nested function may change the variable, or is called by name and may free what it holds.
    /// </returns>
    private bool AddCaptures(IOperation operation, ISymbol symbol)
    {
        bool isChanged = false;
        for (IOperation? parent = operation.Parent; parent is not null; parent = parent.Parent)
        {
            IMethodSymbol? function = parent switch
            {
                IAnonymousFunctionOperation lambda => lambda.Symbol,
                ILocalFunctionOperation local => local.Symbol,
                _ => null,
            };

            if (function is null)
            {
                continue;
            }

            if (SymbolEqualityComparer.Default.Equals(function, symbol.ContainingSymbol))
            {
                break;
            }

            _captured.Add((function, symbol));
            isChanged |= parent is ILocalFunctionOperation || IsAssigned(operation);
        }

        return isChanged;
    }
}
