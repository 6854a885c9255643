using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;

namespace SlabGen.Generators;

/// <summary>
/// Runs one block, and carries what is known along its branches: through the <c>finally</c> blocks on the way, and into
/// handlers.
/// </summary>
internal sealed partial class PointerFlow
{
    private void RunBlock(BasicBlock block, FlowState state, Action<int, FlowState> flow,
        Action<BasicBlock, FlowState> endFinally)
    {
        _patience--;
        _state = state;

        FlowIntoHandlers(block, flow);
        RunFrom(0, block, state, flow, endFinally);
    }

    /// <summary>Runs the operations of a block from a given one on, and follows its branches.</summary>
    private void RunFrom(int first, BasicBlock block, FlowState state, Action<int, FlowState> flow,
        Action<BasicBlock, FlowState> endFinally)
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

    private void Follow(ControlFlowBranch? branch, FlowState state, Action<int, FlowState> flow,
        int returned = FlowState.Unknown)
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

    /// <summary>
    /// What is known after a <c>finally</c>, given what is known before it. Nothing is reported, because its blocks are
    /// also run on their own.
    /// </summary>
    private FlowState? RunFinally(ControlFlowRegion region, FlowState state)
    {
        bool reporting = _reporting;
        _reporting = false;
        FlowState? end = Solve(region, state.Clone(), []);
        _reporting = reporting;
        return end;
    }

    /// <summary>The block may throw here. What is known flows into every handler around it.</summary>
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
