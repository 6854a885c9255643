using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace SlabGen.Generators;

/// <summary>
/// Shared by the rules that look at single operations: they look at nothing in a project that does not refer to
/// SlabGen.
/// </summary>
public abstract class OperationAnalyzer : DiagnosticAnalyzer
{
    private readonly ImmutableArray<OperationKind> _kinds;

    private protected OperationAnalyzer(DiagnosticDescriptor rule, params OperationKind[] kinds)
    {
        Rule = rule;
        _kinds = [.. kinds];
    }

    /// <inheritdoc/>
    public sealed override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => ImmutableArray.Create(Rule);

    private protected DiagnosticDescriptor Rule { get; }

    /// <inheritdoc/>
    public sealed override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(start =>
        {
            if (SlabSymbols.Of(start.Compilation) is { } symbols)
            {
                start.RegisterOperationAction(operation => Analyze(operation, symbols), _kinds);
            }
        });
    }

    /// <summary>Reports the operation if it breaks the rule.</summary>
    private protected abstract void Analyze(OperationAnalysisContext context, SlabSymbols symbols);
}
