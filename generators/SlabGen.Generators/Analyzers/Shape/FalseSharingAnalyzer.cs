using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace SlabGen.Generators;

/// <summary>
/// SLAB0053: a field is volatile, or is passed to <c>Interlocked</c>, and its object shares a cache line with other
/// objects.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class FalseSharingAnalyzer : DiagnosticAnalyzer
{
    private const int CacheLine = 64;

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics =>
        ImmutableArray.Create(ShapeDescriptors.FalseSharing);

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(static start =>
        {
            if (SlabSymbols.Of(start.Compilation) is not null)
            {
                start.RegisterSymbolAction(AnalyzeField, SymbolKind.Field);
                start.RegisterOperationAction(AnalyzeCall, OperationKind.Invocation);
            }
        });
    }

    private static void AnalyzeField(SymbolAnalysisContext context)
    {
        if (context.Symbol is IFieldSymbol { IsVolatile: true } field && SharesItsLine(field))
        {
            context.ReportDiagnostic(Create(field, field.Locations[0]));
        }
    }

    private static void AnalyzeCall(OperationAnalysisContext context)
    {
        IInvocationOperation call = (IInvocationOperation)context.Operation;
        if (call.TargetMethod.ContainingType is { Name: "Interlocked", ContainingNamespace.Name: "Threading" }
            && call.Arguments is [{ Value: IFieldReferenceOperation { Field: { } field } reference }, ..]
            && SharesItsLine(field))
        {
            context.ReportDiagnostic(Create(field, reference.Syntax.GetLocation()));
        }
    }

    private static Diagnostic Create(IFieldSymbol field, Location location) =>
        Diagnostic.Create(ShapeDescriptors.FalseSharing, location, field.ContainingType.ToDisplayString(), field.Name);

    /// <summary>
    /// Whether other objects lie on the cache line of an object. <c>HwCacheAlign</c> is not enough for small objects.
    /// It aligns them to the largest fraction of the line that still holds one, as the kernel's
    /// <c>calculate_alignment</c> does.
    /// </summary>
    private static bool SharesItsLine(IFieldSymbol field)
    {
        if (field.IsStatic
            || SlabCacheAttributeName.FindOn(field.ContainingType) is not { } attribute
            || FieldLayout.Of(field.ContainingType) is not { } layout)
        {
            return false;
        }

        SlabCacheArguments arguments = SlabCacheArguments.Of(field.ContainingType, attribute);
        bool isAligned = arguments.Alignment >= CacheLine || (arguments.HwCacheAlign && layout.Size > CacheLine / 2);
        return !isAligned && layout.Size < CacheLine;
    }
}
