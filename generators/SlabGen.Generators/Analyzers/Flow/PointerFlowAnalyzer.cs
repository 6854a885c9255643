using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.FlowAnalysis;

namespace SlabGen.Generators;

/// <summary>What the rules that follow objects through a method share: the analysis is run once, and each reports what it found for it.</summary>
public abstract class PointerFlowAnalyzer : DiagnosticAnalyzer
{
    // By the method's block, which the compiler hands to every analyzer alike; goes with it.
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
                    context.ReportDiagnostic(Diagnostic.Create(_rule, finding.Syntax.GetLocation(), first, finding.Arguments));
                }
            }
        }
    }

    private sealed class Findings
    {
        private readonly object _gate = new();
        private ImmutableArray<FlowFinding> _findings;

        /// <summary>Runs the analysis unless it was run. One that is cancelled throws, and the next asker runs it again.</summary>
        public ImmutableArray<FlowFinding> Of(IOperation block, OperationBlockAnalysisContext context, SlabSymbols symbols)
        {
            lock (_gate)
            {
                if (_findings.IsDefault)
                {
                    _findings = symbols.MayUseCache(block)
                        ? PointerFlow.Analyze(context.GetControlFlowGraph(block), symbols, new PointerVariables(symbols, block), context.CancellationToken)
                        : [];
                }

                return _findings;
            }
        }
    }
}
