namespace SlabGen.Tests.Model.Words;

/// <summary>Threads that run the library's code, and what is around it.</summary>
internal abstract class Scenario
{
    public abstract Shape Shape { get; }

    public abstract Replay[] Threads { get; }

    /// <summary>What went wrong in the step made last.</summary>
    public string? Violation { get; private set; }

    public abstract IEnumerable<World> Begin();

    /// <summary>
    /// Whether no other thread can tell when a thread makes a step, so that it belongs to the step before. Loads and stores
    /// that are so go past the store buffer, which is empty then.
    /// </summary>
    public abstract bool IsLocal(World world, int thread, Step step);

    /// <summary>Whether a thread can go on at all.</summary>
    public virtual bool Runs(World world, int thread) => true;

    /// <summary>Does an act to a copy of the world, once for each way in which it can end. None: it must wait.</summary>
    public abstract void Act(World world, int thread, Step step, List<(long Answer, World World)> ends);

    /// <summary>Steps that are no thread's: the kernel's, signals.</summary>
    public virtual void AddOwnSteps(World world, List<(string Step, World World)> steps)
    {
    }

    /// <summary>A thread loads a word.</summary>
    public virtual void Loaded(World world, int thread, int word, long value)
    {
    }

    /// <summary>A thread's store becomes visible.</summary>
    public virtual void Stored(World world, int thread, int word)
    {
    }

    /// <summary>Another answer that a load may get on weak memory.</summary>
    public virtual bool TryLoadLate(World world, int thread, int word, out long answer)
    {
        answer = 0;
        return false;
    }

    /// <returns>What is wrong with a world in which nothing is under way; or <see langword="null"/>.</returns>
    public virtual string? CheckAtRest(World world) => null;

    /// <summary>Whether nothing is left to do: any other world without a next step is a deadlock.</summary>
    public abstract bool IsEnd(World world);

    public void Fail(string violation) => Violation ??= violation;
}
