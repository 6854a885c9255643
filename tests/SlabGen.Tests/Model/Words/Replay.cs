using System.Runtime.CompilerServices;

namespace SlabGen.Tests.Model.Words;

/// <summary>
/// Runs one thread's code, which is the library's, step by step. A thread that shares nothing but words is a function of
/// the answers that it got: so its state is the list of them. Each such list is run once, from the beginning up to the
/// step that comes next, where an exception takes it out of the code.
/// </summary>
internal sealed class Replay(Action program, WordRules rules)
{
    [ThreadStatic]
    private static Replay? t_current;

    private readonly List<Node> _nodes = [];
    private readonly List<long> _answers = [];
    private readonly Dictionary<long, int> _cuts = []; // by what is known there
    private readonly Dictionary<string, long> _known = [];
    private int _at;
    private Step _asked;
    private bool _leaves;

    public static Replay Current => t_current!;

    public WordRules Rules => rules;

    /// <summary>Values that a mutant has read too early, by its own keys. They last for one run.</summary>
    public Dictionary<int, long> Kept { get; } = [];

    /// <summary>The number of lists of answers that were run.</summary>
    public int Nodes => _nodes.Count;

    /// <summary>The step that a thread at a node makes next.</summary>
    public Step NextOf(int node)
    {
        if (_nodes.Count == 0)
        {
            _nodes.Add(new Node(-1, 0, Run(-1, 0)));
        }

        return _nodes[node].Next;
    }

    /// <summary>The node that an answer leads to.</summary>
    public int Advance(int node, long answer)
    {
        if (!_nodes[node].Children.TryGetValue(answer, out int child))
        {
            Step next = Run(node, answer);
            if (next.Kind == StepKind.End)
            {
                child = 0;
            }
            else if (next.Kind != StepKind.Cut || !_cuts.TryGetValue(next.Value, out child))
            {
                child = _nodes.Count;
                _nodes.Add(new Node(node, answer, next));
                if (next.Kind == StepKind.Cut)
                {
                    _cuts.Add(next.Value, child);
                }
            }

            _nodes[node].Children.Add(answer, child);
        }

        return child;
    }

    /// <summary>Asks for a step. Called by the code that runs.</summary>
    public long Ask(Step step)
    {
        if (_leaves)
        {
            return 0; // in a finally block on the way out
        }

        if (_at < _answers.Count)
        {
            return _answers[_at++];
        }

        (_asked, _leaves) = (step, true);
        throw Leave.Instance;
    }

    public long Act(int act, long value = 0) => Ask(new Step(StepKind.Act, act, value));

    /// <summary>Says that what the code does from here on depends on nothing but the place, what is given here, and what is kept.</summary>
    public void Cut(string known)
    {
        if (_leaves)
        {
            return;
        }

        known += string.Join(',', Kept.OrderBy(kept => kept.Key).Select(kept => $" {kept.Key}={kept.Value}"));
        if (!_known.TryGetValue(known, out long number))
        {
            number = _known.Count;
            _known.Add(known, number);
        }

        Ask(new Step(StepKind.Cut, 0, number));
    }

    private Step Run(int node, long answer)
    {
        _answers.Clear();
        for (int at = node; at > 0; at = _nodes[at].Parent)
        {
            _answers.Add(_nodes[at].Answer);
        }

        _answers.Reverse();
        if (node >= 0)
        {
            _answers.Add(answer);
        }

        (_at, _leaves) = (0, false);
        Kept.Clear();
        Replay? outer = t_current;
        t_current = this;
        try
        {
            program();
            return _at == _answers.Count ? default : throw new InvalidOperationException("The code does not do again what it did.");
        }
        catch (Leave)
        {
            return _asked;
        }
        finally
        {
            t_current = outer;
        }
    }

    private sealed record Node(int Parent, long Answer, Step Next)
    {
        public Dictionary<long, int> Children { get; } = [];
    }

    private sealed class Leave : Exception
    {
        public static readonly Leave Instance = new();
    }
}

/// <summary>What the operations on words do: the machine's steps, or what a mutant makes of them.</summary>
internal abstract class WordRules
{
    /// <summary>The number of a word; negative for memory that only the running code has.</summary>
    public abstract int WordAt(nint address);

    /// <summary>The same, for a word that may lie in an object.</summary>
    public virtual unsafe int WordAt(ref long word) => WordAt((nint)Unsafe.AsPointer(ref word));

    public abstract int LockOf(object gate);

    public virtual long Read(int word) => Replay.Current.Ask(new Step(StepKind.Load, word));

    public virtual void Write(int word, long value, bool release) =>
        Replay.Current.Ask(new Step(release ? StepKind.Release : StepKind.Store, word, value));

    public virtual long Add(int word, long value) => Replay.Current.Ask(new Step(StepKind.Add, word, value));

    public virtual long Exchange(int word, long value) => Replay.Current.Ask(new Step(StepKind.Exchange, word, value));

    public virtual void Fence() => Replay.Current.Ask(new Step(StepKind.Fence));

    public virtual void FenceAll() => Replay.Current.Ask(new Step(StepKind.FenceAll));

    public virtual void Enter(int gate) => Replay.Current.Ask(new Step(StepKind.Enter, gate));

    public virtual void Exit(int gate) => Replay.Current.Ask(new Step(StepKind.Exit, gate));

    [MethodImpl(MethodImplOptions.NoInlining)]
    public unsafe nint Load(nint* address)
    {
        int word = WordAt((nint)address);
        return word < 0 ? *address : (nint)Read(word);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public unsafe void Store(nint* address, nint value, bool release)
    {
        int word = WordAt((nint)address);
        if (word < 0)
        {
            *address = value;
        }
        else
        {
            Write(word, value, release);
        }
    }
}
