namespace SlabGen.Tests.Model.Words;

/// <summary>Visits every world that a scenario can reach, nearest first, each once.</summary>
/// <remarks>
/// <para>Memory is TSO by default: each thread has a store buffer that drains in order at any moment, at the latest at an
/// interlocked operation, a fence or a lock. The fence of all threads drains all. With <c>weak</c>, stores that are no
/// releases leave it in any order, and a scenario may let a load come late, as ARM allows.</para>
/// </remarks>
internal sealed class Machine(Scenario scenario, bool weak)
{
    private readonly HashSet<World> _seen = [];
    private readonly List<(World World, int From, string? Step, int Code)> _queue = []; // in the order of discovery; also the way back
    private readonly List<(long, World)> _ends = [];
    private readonly List<(string, World)> _own = [];

    /// <summary>Worlds visited.</summary>
    public int Worlds => _seen.Count;

    /// <summary>The fewest steps that lead to a violation, and what it is; or <see langword="null"/>.</summary>
    public string? CounterExample { get; private set; }

    /// <returns>Whether no world violates anything.</returns>
    public bool Run()
    {
        foreach (World first in scenario.Begin())
        {
            Discover(first, -1, "a beginning", 0);
        }

        for (int at = 0; at < _queue.Count; at++)
        {
            World world = _queue[at].World;
            int before = _queue.Count, seen = _seen.Count;
            bool any = AddSteps(world, at);
            string? problem = scenario.Violation ?? scenario.CheckAtRest(world);
            if (problem is null && !any && !scenario.IsEnd(world))
            {
                problem = "a deadlock";
            }

            if (problem is not null)
            {
                CounterExample = problem + ", after" + Environment.NewLine + Way(at);
                return false;
            }
        }

        return true;
    }

    private bool AddSteps(World world, int at)
    {
        bool any = false;
        for (int thread = 0; thread < scenario.Threads.Length; thread++)
        {
            Step step = scenario.Threads[thread].NextOf(world.Node(thread));
            if (scenario.Runs(world, thread))
            {
                any |= Make(world, thread, step, at);
            }

            for (int i = 0; i < world.Stores(thread); i++)
            {
                if (world.MayLeave(thread, i, inOrder: !weak))
                {
                    World next = world.Copy();
                    scenario.Stored(next, thread, next.Drain(thread, i));
                    Discover(next, at, null, 100 + thread);
                    any = true;
                }
            }
        }

        _own.Clear();
        scenario.AddOwnSteps(world, _own);
        foreach ((string name, World next) in _own)
        {
            Discover(next, at, name, 0);
            any = true;
        }

        return any;
    }

    /// <summary>Makes a thread's next step, and those that belong to it.</summary>
    private bool Make(World world, int thread, Step step, int at)
    {
        bool empty = world.Stores(thread) == 0;
        World next;
        switch (step.Kind)
        {
            case StepKind.Load:
                next = world.Copy();
                long value = next.Load(thread, step.Word);
                scenario.Loaded(next, thread, step.Word, value);
                GoOn(next, thread, value, at);
                if (weak && scenario.TryLoadLate(next = world.Copy(), thread, step.Word, out long late))
                {
                    GoOn(next, thread, late, at);
                }

                return true;

            case StepKind.Store or StepKind.Release when scenario.IsLocal(world, thread, step):
                next = world.Copy();
                next.Set(step.Word, step.Value);
                scenario.Stored(next, thread, step.Word);
                GoOn(next, thread, 0, at);
                return true;

            case StepKind.Store or StepKind.Release when world.Stores(thread) < Shape.Buffer:
                next = world.Copy();
                next.Store(thread, step.Word, step.Value, step.Kind == StepKind.Release);
                GoOn(next, thread, 0, at);
                return true;

            case StepKind.Add when empty:
                next = world.Copy();
                next.Set(step.Word, next.Get(step.Word) + step.Value);
                GoOn(next, thread, next.Get(step.Word), at);
                return true;

            case StepKind.Exchange when empty:
                next = world.Copy();
                next.Set(step.Word, step.Value);
                GoOn(next, thread, world.Get(step.Word), at);
                return true;

            case StepKind.Take when empty && world.Get(step.Word) == 0:
                next = world.Copy();
                next.Set(step.Word, 1);
                GoOn(next, thread, 0, at);
                return true;

            case StepKind.Fence when empty:
                GoOn(world.Copy(), thread, 0, at);
                return true;

            case StepKind.FenceAll:
                next = world.Copy();
                for (int of = 0; of < scenario.Threads.Length; of++)
                {
                    while (next.Stores(of) > 0)
                    {
                        scenario.Stored(next, of, next.Drain(of, 0));
                    }
                }

                GoOn(next, thread, 0, at);
                return true;

            case StepKind.Enter when empty && world.Holder(step.Word) == 0:
                next = world.Copy();
                next.Holder(step.Word) = (byte)(thread + 1);
                GoOn(next, thread, 0, at);
                return true;

            case StepKind.Exit when empty:
                next = world.Copy();
                next.Holder(step.Word) = 0;
                GoOn(next, thread, 0, at);
                return true;

            case StepKind.Cut:
                GoOn(world.Copy(), thread, 0, at);
                return true;

            case StepKind.Act:
                int first = _ends.Count;
                scenario.Act(world, thread, step, _ends);
                int count = _ends.Count;
                for (int i = first; i < count; i++)
                {
                    (long answer, World end) = _ends[i];
                    GoOn(end, thread, answer, at);
                }

                _ends.RemoveRange(first, count - first);
                return count > first;

            default:
                return false;
        }
    }

    private void GoOn(World next, int thread, long answer, int at)
    {
        next.Node(thread) = scenario.Threads[thread].Advance(next.Node(thread), answer);
        Step step = scenario.Threads[thread].NextOf(next.Node(thread));
        if (next.Node(thread) == 0 || scenario.Violation is not null || !scenario.IsLocal(next, thread, step) || !Make(next, thread, step, at))
        {
            Discover(next, at, null, thread);
        }
    }

    private void Discover(World world, int from, string? step, int code)
    {
        if (_seen.Add(world))
        {
            _queue.Add((world, from, step, code));
        }
    }

    private string Way(int at)
    {
        var way = new List<string>();
        for (; at >= 0; at = _queue[at].From)
        {
            (World _, int from, string? name, int code) = _queue[at];
            way.Insert(0, "  " + (name ?? (code >= 100 ? $"a store of thread {code - 100} becomes visible"
                : $"thread {code}: {scenario.Threads[code].NextOf(_queue[from].World.Node(code))}")));
        }

        return string.Join(Environment.NewLine, way);
    }
}
