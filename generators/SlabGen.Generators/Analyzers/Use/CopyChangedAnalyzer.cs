using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace SlabGen.Generators;

/// <summary>
/// SLAB0115: <c>var order = pointer.Value</c> copies the object. What is written to the copy and never read again is
/// lost.
/// </summary>
/// <remarks>
/// It reports only what is certain. The copy is only used for its fields, so it goes nowhere else. The field that is
/// written is read nowhere after the write. If a loop surrounds the write, nothing counts as coming after it.
/// </remarks>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CopyChangedAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics =>
        ImmutableArray.Create(UseDescriptors.CopyChanged);

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(start =>
        {
            if (SlabSymbols.Of(start.Compilation) is { } symbols)
            {
                start.RegisterOperationBlockAction(block => Analyze(block, symbols));
            }
        });
    }

    private static void Analyze(OperationBlockAnalysisContext context, SlabSymbols symbols)
    {
        foreach (IOperation block in context.OperationBlocks)
        {
            foreach (IVariableDeclaratorOperation declarator in block.Descendants()
                .OfType<IVariableDeclaratorOperation>())
            {
                if (declarator
                    is { Symbol: { RefKind: RefKind.None,
                        Type: { IsValueType: true, SpecialType: SpecialType.None, TypeKind: TypeKind.Struct } } local }
                    && declarator.GetVariableInitializer()?.Value
                        is IPropertyReferenceOperation { Property: { Name: "Value" } property } value
                    && (symbols.IsPointerMember(property) || SlabSymbols.IsHolder(property.ContainingType)))
                {
                    Analyze(context, block, local, value);
                }
            }
        }
    }

    private static void Analyze(OperationBlockAnalysisContext context, IOperation block, ILocalSymbol local,
        IOperation value)
    {
        List<(IOperation Copy, IFieldReferenceOperation Field, bool IsWrite)> uses = [];
        foreach (ILocalReferenceOperation copy in block.Descendants().OfType<ILocalReferenceOperation>()
            .Where(copy => SymbolEqualityComparer.Default.Equals(copy.Local, local)))
        {
            if (copy.Parent is not IFieldReferenceOperation field)
            {
                return; // the copy as a whole is stored, passed on, or called
            }

            IOperation part = field;
            while (part.Parent is IFieldReferenceOperation { Instance: { } owner } inner && owner == part)
            {
                part = inner;
            }

            bool? isWrite = IsWrite(part);
            if (isWrite is null)
            {
                return;
            }

            uses.Add((copy, field, isWrite.Value));
        }

        foreach ((IOperation copy, IFieldReferenceOperation field, bool isWrite) in uses)
        {
            if (isWrite && !uses.Any(other => !other.IsWrite
                && SymbolEqualityComparer.Default.Equals(other.Field.Field, field.Field)
                && (other.Copy.Syntax.SpanStart > copy.Syntax.SpanStart || IsInLoop(copy, local))))
            {
                context.ReportDiagnostic(Diagnostic.Create(
                    UseDescriptors.CopyChanged, field.Syntax.GetLocation(), local.Name,
                    local.Type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat), value.Syntax.ToString()));
                return; // one report is enough
            }
        }
    }

    /// <summary>Whether a part of the copy is only written, or is read; null when neither is certain.</summary>
    private static bool? IsWrite(IOperation part) => part.Parent switch
    {
        ISimpleAssignmentOperation { IsRef: false } assignment when assignment.Target == part =>
            assignment.Parent is IExpressionStatementOperation ? true : null,
        ICompoundAssignmentOperation compound when compound.Target == part =>
            compound.Parent is IExpressionStatementOperation ? true : null,
        IIncrementOrDecrementOperation step => step.Parent is IExpressionStatementOperation ? true : null,
        IAddressOfOperation or IArgumentOperation { Parameter.RefKind: not RefKind.None } => null,
        IInvocationOperation or IPropertyReferenceOperation or IArrayElementReferenceOperation
            or IVariableInitializerOperation
            {
                Parent: IVariableDeclaratorOperation { Symbol.RefKind: not RefKind.None },
            } => null,
        { Kind: OperationKind.None } or IInlineArrayAccessOperation => null,
        null => null,
        _ => false,
    };

    /// <summary>
    /// Whether the use may run again before the local is declared again, or runs in a nested function.
    /// </summary>
    private static bool IsInLoop(IOperation use, ILocalSymbol local)
    {
        for (IOperation? parent = use.Parent; parent is not null; parent = parent.Parent)
        {
            if (parent is IAnonymousFunctionOperation or ILocalFunctionOperation or ILabeledOperation)
            {
                return true;
            }

            if (parent is ILoopOperation)
            {
                return true;
            }

            if (parent is IBlockOperation block && block.Locals.Contains(local, SymbolEqualityComparer.Default))
            {
                return false;
            }
        }

        return true;
    }
}
