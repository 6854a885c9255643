using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace SlabGen.Generators;

/// <summary>
/// Second frees that are certain once the first has run: <c>if (done) Free(p); Free(p);</c>. The path around the first
/// is correct, so the state before the second does not show the fault. For each free, the analysis runs the method on
/// from there. If every path out frees the object again, that second free is wrong.
/// </summary>
/// <remarks>
/// Exceptions are not certain, so they are not followed. A path that ends in a <c>throw</c> leads out.
/// </remarks>
internal sealed partial class PointerFlow
{
    private sealed class Trial(BasicBlock block, int next, FlowState state, int obj, SyntaxNode syntax)
    {
        public BasicBlock Block => block;

        /// <summary>The operation of the block that comes next.</summary>
        public int Next => next;

        public FlowState State => state;

        public int Object => obj;

        public SyntaxNode Syntax => syntax;

        public bool LeadsOut { get; set; }

        public List<(IInvocationOperation Call, IOperation Freed)> Seconds { get; } = [];
    }

    private void BeginTrial(int value, IInvocationOperation call)
    {
        if (_reporting && !IsFreedForCertain(value))
        {
            _freed.Add((value, call.Syntax));
        }
    }

    /// <summary>Called after an operation. What it freed is tried later, from here.</summary>
    private void KeepTrials(BasicBlock block, int next)
    {
        foreach ((int obj, SyntaxNode syntax) in _freed)
        {
            if (IsFreedForCertain(obj))
            {
                _trials.Add(new Trial(block, next, _state.Clone(), obj, syntax));
            }
        }

        _freed.Clear();
    }

    private void MeetSecond(int value, IInvocationOperation call, IOperation freed)
    {
        if (_trial is { } trial && trial.Object == value)
        {
            trial.Seconds.Add((call, freed));
            _ended = true;
        }
    }

    private void MeetExit()
    {
        if (_trial is { } trial)
        {
            trial.LeadsOut = true;
        }
    }

    /// <summary>Whether the path ends at the operation that was just visited.</summary>
    private bool IsEnded()
    {
        bool ended = _ended;
        _ended = false;
        if (!ended && _trial is { } trial && !IsFreedForCertain(trial.Object))
        {
            trial.LeadsOut = true; // another object has the number, or the program looks at the address
            return true;
        }

        return ended;
    }

    private void RunTrials()
    {
        foreach (Trial trial in _trials)
        {
            _trial = trial;
            Dictionary<int, FlowState> entries = [];
            SortedSet<int> pending = [];
            _state = trial.State;
            RunFrom(
                trial.Next,
                trial.Block,
                trial.State,
                (destination, state) =>
                {
                    entries[destination] = state.Clone();
                    pending.Add(destination);
                },
                (_, _) => MeetExit());
            Solve(_graph.Root, pending, entries);
            _trial = null;
            if (GaveUp || trial.LeadsOut)
            {
                continue;
            }

            _reporting = true;
            int line = trial.Syntax.GetLocation().GetLineSpan().StartLinePosition.Line + 1;
            foreach ((IInvocationOperation call, IOperation freed) in trial.Seconds)
            {
                ReportSecond(call.Syntax, trial.Syntax, Name(freed), $"the path from line {line}, which frees it and always leads here");
            }

            _reporting = false;
        }
    }

    private void ReportSecond(SyntaxNode second, SyntaxNode first, params object[] arguments)
    {
        if (_reported.Add(second))
        {
            _findings.Add(new FlowFinding(UseDescriptors.FreedTwice, second, arguments) { First = first });
        }
    }
}
