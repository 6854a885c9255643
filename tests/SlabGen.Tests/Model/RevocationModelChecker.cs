namespace SlabGen.Tests.Model;

/// <summary>Visits every state that a <see cref="RevocationModel"/> can reach, nearest first, each once.</summary>
internal sealed class RevocationModelChecker(RevocationModel model)
{
    private readonly HashSet<RevocationState> _seen = [];
    private readonly List<(RevocationState State, int From, string Step)> _queue = []; // in the order of discovery; also the way back

    /// <summary>States visited.</summary>
    public int States => _seen.Count;

    /// <summary>The fewest steps that lead to a violation, and what it is; or <see langword="null"/>.</summary>
    public string? CounterExample { get; private set; }

    /// <returns>Whether no state violates anything.</returns>
    public bool Run(int operations, int revocations)
    {
        foreach (RevocationState initial in model.InitialStates(operations, revocations))
        {
            Discover(initial, -1, "a magazine of " + (initial.Top - initial.Bottom));
        }

        var successors = new List<(string Step, RevocationState State)>();
        for (int at = 0; at < _queue.Count; at++)
        {
            RevocationState state = _queue[at].State;
            if (model.CheckAtRest(state) is { } problem)
            {
                return Fail(problem, at);
            }

            successors.Clear();
            model.AddSuccessors(state, successors);
            if (model.Violation is { } violation)
            {
                return Fail(violation, at);
            }

            if (successors.Count == 0 && !RevocationModel.IsEnd(state))
            {
                return Fail("a deadlock", at);
            }

            foreach ((string step, RevocationState next) in successors)
            {
                Discover(next, at, step);
            }
        }

        return true;
    }

    private void Discover(in RevocationState state, int from, string step)
    {
        if (_seen.Add(state))
        {
            _queue.Add((state, from, step));
        }
    }

    private bool Fail(string problem, int at)
    {
        var path = new List<string>();
        for (RevocationState last = _queue[at].State; at >= 0; at = _queue[at].From)
        {
            path.Insert(0, _queue[at].Step);
            if (path.Count == 1)
            {
                path.Add($"in the next step from {last}");
            }
        }

        CounterExample = problem + ", after" + Environment.NewLine + "  " + string.Join(Environment.NewLine + "  ", path);
        return false;
    }
}
