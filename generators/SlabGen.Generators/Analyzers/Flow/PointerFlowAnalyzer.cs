using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.FlowAnalysis;

namespace SlabGen.Generators;

/// <summary>
/// Shared by the rules that follow objects through a method: the analysis is run once, and each rule reports its own
/// findings.
/// </summary>
public abstract class PointerFlowAnalyzer : DiagnosticAnalyzer
{
    // By the method's block. The compiler hands the same one to every analyzer, and an entry goes with its block.
    private static readonly ConditionalWeakTable<IOperation, Findings> s_findings = new();

    private readonly DiagnosticDescriptor _rule;

    private protected PointerFlowAnalyzer(DiagnosticDescriptor rule) => _rule = rule;

    /// <inheritdoc/>
    public sealed override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => ImmutableArray.Create(_rule);

    /// <inheritdoc/>
    public sealed override void Initialize(AnalysisContext context)
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

    private void Analyze(OperationBlockAnalysisContext context, SlabSymbols symbols)
    {
        foreach (IOperation block in context.OperationBlocks)
        {
            foreach (FlowFinding finding in s_findings.GetOrCreateValue(block).Of(block, context, symbols))
            {
                if (finding.Rule == _rule)
                {
                    IEnumerable<Location>? first = finding.First is { } node ? [node.GetLocation()] : null;
                    context.ReportDiagnostic(Diagnostic.Create(_rule, finding.Syntax.GetLocation(), first,
                        finding.Arguments));
                }
            }
        }
    }

    private sealed class Findings
    {
        private readonly object _gate = new();
        private ImmutableArray<FlowFinding> _findings;

        /// <summary>
        /// Runs the analysis unless it was run. A cancelled run throws, and the next caller runs it again.
        /// </summary>
        public ImmutableArray<FlowFinding> Of(IOperation block, OperationBlockAnalysisContext context,
            SlabSymbols symbols)
        {
            lock (_gate)
            {
                if (_findings.IsDefault)
                {
                    _findings = symbols.MayUseCache(block)
                        ? PointerFlow.Analyze(context.GetControlFlowGraph(block), symbols,
                            new PointerVariables(symbols, block), context.CancellationToken)
                        : [];
                }

                return _findings;
            }
        }
    }
}
