using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace SlabGen.Generators;

/// <summary>
/// Follows the addresses of objects through one method: a forward data-flow analysis over the basic blocks of Roslyn's control-flow graph, run to a
/// fixed point. What it reports holds on every way to the place it names; what it cannot follow, it says nothing of.
/// </summary>
/// <remarks>
/// <para>Exceptions: any operation of a <c>try</c> may throw, so a handler starts from all that was known before and after each of them.</para>
/// <para>
/// A <c>finally</c> is run in place for each branch that passes it, so that what it frees is freed for what follows; once more, from everything that
/// leads to it, for what is to be reported in it.
/// </para>
/// <para>Leaks are looked for on the way out of a scope, never on the way of an exception.</para>
/// </remarks>
internal sealed partial class PointerFlow
{
    /// <summary>How many blocks may be run before the method is given up: far more than methods that people write need.</summary>
    private const int Patience = 20_000;

    private readonly ControlFlowGraph _graph;
    private readonly SlabSymbols _symbols;
    private readonly PointerVariables _variables;
    private readonly CancellationToken _token;
    private readonly List<FlowFinding> _findings = [];
    private readonly HashSet<SyntaxNode> _reported = [];

    private bool _reporting;
    private int _patience = Patience;

    private PointerFlow(ControlFlowGraph graph, SlabSymbols symbols, PointerVariables variables, CancellationToken token)
    {
        _graph = graph;
        _symbols = symbols;
        _variables = variables;
        _token = token;
    }

    private bool GaveUp => _patience <= 0;

    /// <summary>What is wrong in the method and in the functions nested in it.</summary>
    public static ImmutableArray<FlowFinding> Analyze(ControlFlowGraph graph, SlabSymbols symbols, PointerVariables variables, CancellationToken token)
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

    private static IEnumerable<IFlowAnonymousFunctionOperation> LambdasOf(ControlFlowGraph graph) => graph.Blocks
        .SelectMany(static block => block.BranchValue is null ? block.Operations : block.Operations.Add(block.BranchValue))
        .SelectMany(static operation => operation.DescendantsAndSelf())
        .OfType<IFlowAnonymousFunctionOperation>();

    private List<FlowFinding> Run()
    {
        Dictionary<int, FlowState> entries = [];
        Solve(_graph.Root, new FlowState(), entries);

        // Each block once more, from what is known now.
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
    /// <param name="entries">Receives what is known where each of its blocks begins; blocks that cannot be reached are missing.</param>
    /// <returns>What is known where it ends; null if it never does.</returns>
    private FlowState? Solve(ControlFlowRegion region, FlowState start, Dictionary<int, FlowState> entries)
    {
        entries[region.FirstBlockOrdinal] = start;
        return Solve(region, [region.FirstBlockOrdinal], entries);
    }

    /// <summary>The same, from several blocks on.</summary>
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
                MeetExit(); // of a trial that began in the finally: what comes after it is not known
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

    private void RunBlock(BasicBlock block, FlowState state, Action<int, FlowState> flow, Action<BasicBlock, FlowState> endFinally)
    {
        _patience--;
        _state = state;

        FlowIntoHandlers(block, flow);
        RunFrom(0, block, state, flow, endFinally);
    }

    /// <summary>Runs the operations of a block from one on, and follows its branches.</summary>
    private void RunFrom(int first, BasicBlock block, FlowState state, Action<int, FlowState> flow, Action<BasicBlock, FlowState> endFinally)
    {
        for (int i = first; i < block.Operations.Length; i++)
        {
            Visit(block.Operations[i]);
            KeepTrials(block, i + 1);
            FindLost();
            FlowIntoHandlers(block, flow);
            if (IsEnded())
            {
                return;
            }
        }

        int returned = FlowState.Unknown;
        if (block.BranchValue is { } value && first <= block.Operations.Length)
        {
            int given = Visit(value);
            KeepTrials(block, block.Operations.Length + 1);
            FlowIntoHandlers(block, flow);
            if (IsEnded())
            {
                return;
            }

            returned = ReturnedBy(block, value);
            if (block.ConditionKind == ControlFlowConditionKind.None)
            {
                // Returned or thrown.
                Escape(given);
            }
        }

        if (block.FallThroughSuccessor is { Semantics: ControlFlowBranchSemantics.StructuredExceptionHandling })
        {
            endFinally(block, state);
        }

        if (block.ConditionKind == ControlFlowConditionKind.None || block.BranchValue is null)
        {
            Follow(block.FallThroughSuccessor, state, flow, returned);
            return;
        }

        bool whenTaken = block.ConditionKind == ControlFlowConditionKind.WhenTrue;
        FlowState other = state.Clone();
        if (Assume(block.BranchValue, whenTaken, state))
        {
            Follow(block.ConditionalSuccessor, state, flow);
        }

        if (Assume(block.BranchValue, !whenTaken, other))
        {
            Follow(block.FallThroughSuccessor, other, flow);
        }
    }

    private void Follow(ControlFlowBranch? branch, FlowState state, Action<int, FlowState> flow, int returned = FlowState.Unknown)
    {
        FlowState? next = state;
        foreach (ControlFlowRegion region in branch?.FinallyRegions ?? [])
        {
            next = RunFinally(region, next);
            if (next is null)
            {
                return;
            }
        }

        if (branch?.Destination is not { } destination)
        {
            if (branch?.Semantics is ControlFlowBranchSemantics.Throw or ControlFlowBranchSemantics.Rethrow)
            {
                MeetExit();
            }

            return;
        }

        _state = next;
        CheckReturned(returned);

        foreach (ControlFlowRegion region in branch.LeavingRegions)
        {
            foreach (ILocalSymbol local in region.Locals)
            {
                next.Forget(_variables.Find(local));
            }

            foreach (CaptureId capture in region.CaptureIds)
            {
                next.Forget(_variables.Find(capture));
            }
        }

        _state = next;
        if (destination.Kind == BasicBlockKind.Exit)
        {
            next.ForgetAll();
        }

        FindLost();
        if (destination.Kind == BasicBlockKind.Exit)
        {
            FindOutlived();
            MeetExit();
        }

        flow(destination.Ordinal, next);
    }

    /// <summary>What is known after a <c>finally</c>, when this is known before it. Nothing is reported: its blocks have a turn of their own.</summary>
    private FlowState? RunFinally(ControlFlowRegion region, FlowState state)
    {
        bool reporting = _reporting;
        _reporting = false;
        FlowState? end = Solve(region, state.Clone(), []);
        _reporting = reporting;
        return end;
    }

    /// <summary>The block may throw here, into every handler around it.</summary>
    private void FlowIntoHandlers(BasicBlock block, Action<int, FlowState> flow)
    {
        if (_trial is not null)
        {
            return; // only what happens without an exception is certain
        }

        for (ControlFlowRegion region = block.EnclosingRegion; region.EnclosingRegion is { } outer; region = outer)
        {
            if (region.Kind != ControlFlowRegionKind.Try)
            {
                continue;
            }

            foreach (ControlFlowRegion handler in outer.NestedRegions)
            {
                if (handler != region)
                {
                    flow(handler.FirstBlockOrdinal, _state);
                }
            }
        }
    }

    private static ControlFlowRegion? FinallyOf(BasicBlock block)
    {
        ControlFlowRegion? region = block.EnclosingRegion;
        while (region is not null && region.Kind != ControlFlowRegionKind.Finally)
        {
            region = region.EnclosingRegion;
        }

        return region;
    }
}
