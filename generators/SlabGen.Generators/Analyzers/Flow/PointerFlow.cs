using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace SlabGen.Generators;

/// <summary>
/// Follows the addresses of objects through one method. It is a forward data-flow analysis over the basic blocks of
/// Roslyn's control-flow graph, run to a fixed point. A wrong use is reported only if it happens on every path to the
/// place named; a second free, also if every path on from the first leads to it; a leak, if it happens on every path to
/// one of the exits from the scope. Nothing is reported about what cannot be followed.
/// </summary>
/// <remarks>
/// <para>Exceptions: any operation of a <c>try</c> may throw, so a handler starts from everything that was known before
/// and after each of them.</para>
/// <para>
/// Each branch through a <c>finally</c> runs it in place, so what it frees counts as freed after the branch. It is run
/// once more from everything that leads to it, to report what is wrong inside it.
/// </para>
/// <para>Leaks are looked for where a path leaves a scope, but not where an exception does.</para>
/// </remarks>
internal sealed partial class PointerFlow
{
    /// <summary>
    /// Give the method up after this many runs of a block. Methods that people write need far fewer.
    /// </summary>
    private const int Patience = 20_000;

    /// <summary>
    /// Give the method up at this expression depth: a stack overflow would end the compiler.
    /// </summary>
    private const int MaxDepth = 400;

    // The method.
    private readonly ControlFlowGraph _graph;
    private readonly SlabSymbols _symbols;
    private readonly PointerVariables _variables;
    private readonly CancellationToken _token;

    // The objects, numbered from 1: the operation behind each, and what happened to it anywhere in the method.
    private readonly Dictionary<IOperation, int> _numbers = [];
    private readonly List<IOperation> _origins = [];
    private readonly HashSet<int> _escaped = [];
    private readonly Dictionary<int, (SyntaxNode Lambda, ISymbol Variable)> _capturedIn = [];

    // The findings.
    private readonly List<FlowFinding> _findings = [];
    private readonly HashSet<SyntaxNode> _reported = [];
    private readonly List<Trial> _trials = [];

    // The state of the analysis.
    private int _patience = Patience;
    private bool _reporting;
    private Trial? _trial;

    // The operation that is being visited: what is known there, what it freed, and whether the path ends there. It ends
    // at a call that never returns or, in a trial, at what the trial looks for.
    private FlowState _state = new();
    private int _depth;
    private readonly List<(int Object, SyntaxNode Syntax)> _freed = [];
    private bool _ended;
    private IOperation? _returned;

    private PointerFlow(ControlFlowGraph graph, SlabSymbols symbols, PointerVariables variables,
        CancellationToken token)
    {
        _graph = graph;
        _symbols = symbols;
        _variables = variables;
        _token = token;
    }

    private bool GaveUp => _patience <= 0;

    /// <summary>Finds what is wrong in the method and in its nested functions.</summary>
    public static ImmutableArray<FlowFinding> Analyze(ControlFlowGraph graph, SlabSymbols symbols,
        PointerVariables variables, CancellationToken token)
    {
        ImmutableArray<FlowFinding>.Builder findings = ImmutableArray.CreateBuilder<FlowFinding>();
        Stack<ControlFlowGraph> pending = new([graph]);

        while (pending.Count > 0)
        {
            ControlFlowGraph next = pending.Pop();
            variables.ForgetCaptures();
            findings.AddRange(new PointerFlow(next, symbols, variables, token).Run());

            foreach (IMethodSymbol function in next.LocalFunctions)
            {
                pending.Push(next.GetLocalFunctionControlFlowGraph(function, token));
            }

            foreach (IFlowAnonymousFunctionOperation lambda in LambdasOf(next))
            {
                pending.Push(next.GetAnonymousFunctionControlFlowGraph(lambda, token));
            }
        }

        return findings.ToImmutable();
    }

    private List<FlowFinding> Run()
    {
        Dictionary<int, FlowState> entries = [];
        Solve(_graph.Root, new FlowState(), entries);

        // Run each block once more, from what is known now.
        _reporting = true;
        foreach (BasicBlock block in _graph.Blocks)
        {
            _ended = false;
            if (!GaveUp && entries.TryGetValue(block.Ordinal, out FlowState? entry))
            {
                RunBlock(block, entry.Clone(), static (_, _) => { }, static (_, _) => { });
            }
        }

        _reporting = false;
        RunTrials();
        if (GaveUp)
        {
            _findings.Clear();
        }

        return _findings;
    }

    /// <summary>Runs the blocks of a region until nothing changes.</summary>
    /// <param name="region">The whole graph, or a <c>finally</c>.</param>
    /// <param name="start">What is known where it begins.</param>
    /// <param name="entries">Receives what is known where each of its blocks begins. Blocks that cannot be reached are
    /// missing.</param>
    /// <returns>What is known where it ends; null if it never does.</returns>
    private FlowState? Solve(ControlFlowRegion region, FlowState start, Dictionary<int, FlowState> entries)
    {
        entries[region.FirstBlockOrdinal] = start;
        return Solve(region, [region.FirstBlockOrdinal], entries);
    }

    /// <summary>The same, starting from several blocks.</summary>
    private FlowState? Solve(ControlFlowRegion region, SortedSet<int> pending, Dictionary<int, FlowState> entries)
    {
        FlowState? end = null;
        while (pending.Count > 0 && !GaveUp)
        {
            _token.ThrowIfCancellationRequested();
            int ordinal = pending.Min;
            pending.Remove(ordinal);
            RunBlock(_graph.Blocks[ordinal], entries[ordinal].Clone(), JoinInto, JoinEnd);
        }

        return end;

        void JoinInto(int destination, FlowState state)
        {
            if (destination < region.FirstBlockOrdinal || destination > region.LastBlockOrdinal)
            {
                return;
            }

            if (!entries.TryGetValue(destination, out FlowState? entry))
            {
                entries[destination] = state.Clone();
                pending.Add(destination);
            }
            else if (entry.Join(state))
            {
                pending.Add(destination);
            }
        }

        void JoinEnd(BasicBlock block, FlowState state)
        {
            if (FinallyOf(block) != region)
            {
                // A trial that began in this finally has left it. What runs next is unknown, so it counts as an exit
                // that does not free again (PointerFlow.Trials.cs).
                MeetExit();
                return;
            }

            if (end is null)
            {
                end = state.Clone();
            }
            else
            {
                end.Join(state);
            }
        }
    }
}
